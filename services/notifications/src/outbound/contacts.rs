//! The contacts table: the only place in the system that stores an address.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::{Attributes, KEY, StoreError, Table};

use crate::domain::contact::{Contact, EmailAddress};
use crate::domain::ids::CustomerId;

const EMAIL: &str = "email";
const UPDATED_AT: &str = "updatedAt";

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
    pub async fn get(&self, customer: &CustomerId) -> Result<Option<Contact>, StoreError> {
        let request = self.0.client().get_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        let answer = request.consistent_read(true).send().await.map_err(|error| self.0.unavailable(&error))?;
        answer.item().map(|item| self.contact(item)).transpose()
    }

    /// Replaces the customer's contact: the last write counts. What a newer version keeps beside it stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, customer: &CustomerId, contact: &Contact) -> Result<(), StoreError> {
        let request = self.0.client().update_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        let request = request
            .update_expression(format!("SET {EMAIL} = :email, {UPDATED_AT} = :at"))
            .expression_attribute_values(":email", text(contact.email.reveal()))
            .expression_attribute_values(":at", text(&contact.updated_at.to_string()));
        request.send().await.map(drop).map_err(|error| self.0.unavailable(&error))
    }

    /// Deletes the customer's contact, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, customer: &CustomerId) -> Result<(), StoreError> {
        let request = self.0.client().delete_item().table_name(self.0.name()).key(KEY, text(customer.as_str()));
        request.send().await.map(drop).map_err(|error| self.0.unavailable(&error))
    }

    fn contact(&self, item: &Attributes) -> Result<Contact, StoreError> {
        let value = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let corrupt = |name: &str| self.0.corrupt(format!("{name} is missing or does not parse"));
        Ok(Contact {
            email: value(EMAIL).and_then(|text| EmailAddress::new(text)).ok_or_else(|| corrupt(EMAIL))?,
            updated_at: value(UPDATED_AT).and_then(|text| text.parse().ok()).ok_or_else(|| corrupt(UPDATED_AT))?,
        })
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
