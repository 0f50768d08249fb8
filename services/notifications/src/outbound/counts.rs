//! How many mails went to an address, in the contacts table: of confirmation mails under a hash of the address, of order
//! mails in the contact.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::{KEY, StoreError};
use jiff::Timestamp;

use super::contact_record::{EMAIL, MAILS, MAILS_HOUR};
use super::contacts::Contacts;
use crate::domain::address::EmailAddress;
use crate::domain::cap::{Counted, hour, key};
use crate::domain::ids::CustomerId;

/// The count of an hour is of no use after it; DynamoDB deletes it some time later.
const KEPT: i64 = 2 * 3_600;

impl Contacts {
    /// Counts a confirmation mail, if that makes no more than `most` within the hour, neither at this customer's wish nor to
    /// this address; says whether it did. What a customer asks for above that does not count for the address, and what
    /// the address does not get does not count for the customer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_confirmation(
        &self,
        customer: &CustomerId,
        to: &EmailAddress,
        most: u32,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let [by, to] = counters(customer, to, at);
        if !self.count(&by, most, at).await? {
            return Ok(false);
        }
        let counted = self.count(&to, most, at).await?;
        if !counted {
            // No mail was sent, so the customer may still ask for one to another address.
            self.discount(&by).await?;
        }
        Ok(counted)
    }

    /// Takes back the count of a confirmation mail that was certainly not sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn discount_confirmation(
        &self,
        customer: &CustomerId,
        to: &EmailAddress,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for counter in counters(customer, to, at) {
            self.discount(&counter).await?;
        }
        Ok(())
    }

    /// Adds to what the contact says of order mails within the hour; `read` is what it said. If another process has begun
    /// the hour meanwhile, or the contact is gone, they are not counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_mails(
        &self,
        customer: &CustomerId,
        read: Counted,
        mails: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let request = self.update(customer.as_str());
        let request = if read.hour == hour(at) {
            let request = request.update_expression(format!("ADD {MAILS} :mails"));
            request.condition_expression(format!("{MAILS_HOUR} = :hour"))
        } else {
            let request = request.update_expression(format!("SET {MAILS_HOUR} = :hour, {MAILS} = :mails"));
            let new_hour = format!("attribute_not_exists({MAILS_HOUR}) OR {MAILS_HOUR} < :hour");
            request.condition_expression(format!("attribute_exists({EMAIL}) AND ({new_hour})"))
        };
        let request = request
            .expression_attribute_values(":mails", number(mails.into()))
            .expression_attribute_values(":hour", number(hour(at)));
        self.done(request).await.map(drop)
    }

    /// Adds one to a counter, if that makes no more than `most`; says whether it did.
    async fn count(&self, counter: &str, most: u32, at: Timestamp) -> Result<bool, StoreError> {
        let request = self
            .update(counter)
            .update_expression("SET expiresAt = :expires ADD mails :mails")
            .condition_expression("attribute_not_exists(mails) OR mails < :most")
            .expression_attribute_values(":expires", number(at.as_second() + KEPT))
            .expression_attribute_values(":mails", number(1))
            .expression_attribute_values(":most", number(most.into()));
        self.done(request).await
    }

    /// Takes one from a counter that is not at none.
    async fn discount(&self, counter: &str) -> Result<(), StoreError> {
        let request = self
            .update(counter)
            .update_expression("ADD mails :mails")
            .condition_expression("mails > :none")
            .expression_attribute_values(":mails", number(-1))
            .expression_attribute_values(":none", number(0));
        self.done(request).await.map(drop)
    }

    fn update(&self, key: &str) -> UpdateItemFluentBuilder {
        let table = self.table();
        table.client().update_item().table_name(table.name()).key(KEY, AttributeValue::S(key.to_owned()))
    }

    /// Whether the request's condition held, and it was done.
    async fn done(&self, request: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                Some(_) | None => Err(self.table().unavailable(&error)),
            },
        }
    }
}

/// Where confirmation mails are counted: those that a customer asks for, then those to an address. No customer's id has a
/// `#`, so neither is a contact.
fn counters(customer: &CustomerId, to: &EmailAddress, at: Timestamp) -> [String; 2] {
    let hour = hour(at);
    [format!("confirmations#by#{customer}#{hour}"), format!("confirmations#to#{}#{hour}", key(to))]
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
