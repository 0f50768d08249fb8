//! The contacts table: the only place in the system that stores an address.
//!
//! `email` and `updatedAt` are older than confirmations, and versions without them send to `email`: what is asked for
//! while another address is in use lies beside it. Each part is attributes of its own, not a map, so that an update leaves
//! alone what a newer version keeps.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use chassis::store::{Attributes, KEY, Revision, Saved, StoreError, Stored, Table};

use super::contact_record as record;
use crate::domain::contact::Contact;
use crate::domain::ids::CustomerId;

/// Counts the writes of an item; absent in one that an earlier version wrote.
const VERSION: &str = "version";

/// A customer's contact as it was read, if the customer has left one.
pub type Found = Stored<Option<Contact>>;

/// Contacts, each one item. The table has neither history nor stream: what a customer deletes is gone.
#[derive(Debug, Clone)]
pub struct Contacts(Table);

impl Contacts {
    /// The contacts in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// The customer's contact, if the customer has left one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, customer: &CustomerId) -> Result<Found, StoreError> {
        let request = self.0.client().get_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        let answer = request.consistent_read(true).send().await.map_err(|error| self.0.unavailable(&error))?;
        self.found(answer.item())
    }

    /// Saves what the contact that was `read` has become, if no other write came between. What a newer version keeps
    /// beside it stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(
        &self,
        customer: &CustomerId,
        read: &Revision,
        after: &Contact,
    ) -> Result<Saved<(), Found>, StoreError> {
        let (mut sets, mut gone) = (vec![format!("{VERSION} = :{VERSION}")], Vec::new());
        let mut values = HashMap::from([(format!(":{VERSION}"), number(read.version + 1))]);
        for (name, value) in record::attributes(after) {
            let Some(value) = value else {
                gone.push(name);
                continue;
            };
            sets.push(format!("{name} = :{name}"));
            values.insert(format!(":{name}"), text(&value));
        }
        let removes = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        let request = self.0.client().update_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        let request = request.update_expression(format!("SET {}{removes}", sets.join(", ")));
        let request = request.set_expression_attribute_values(Some(values));
        let request = match read.version {
            0 => request.condition_expression("attribute_not_exists(version)"),
            seen => request.condition_expression("version = :read").expression_attribute_values(":read", number(seen)),
        };
        let request = request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(Saved::Applied(())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Saved::Conflict(self.found(lost.item())?))
                }
                Some(_) | None => Err(self.0.unavailable(&error)),
            },
        }
    }

    /// Deletes the customer's contact, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, customer: &CustomerId) -> Result<(), StoreError> {
        let request = self.0.client().delete_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        request.send().await.map(drop).map_err(|error| self.0.unavailable(&error))
    }

    /// The table, for its counts.
    pub(super) fn table(&self) -> &Table {
        &self.0
    }

    fn found(&self, item: Option<&Attributes>) -> Result<Found, StoreError> {
        let Some(item) = item else { return Ok(Stored { value: None, revision: Revision::default() }) };
        let contact = record::contact(item).map_err(|name| {
            // The name alone: the value may be an address.
            self.0.corrupt(format!("{name} is missing or does not parse"))
        })?;
        let version = item.get(VERSION).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default();
        Ok(Stored { value: Some(contact), revision: Revision { version, ..Revision::default() } })
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
