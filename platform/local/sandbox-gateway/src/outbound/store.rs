//! The table of intents: one item is one intent, and a charge is a part of its item.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::{Attributes, Change, KEY, Revision, Saved, StoreError, Stored, Table};

use super::record::Record;
use crate::domain::intent::Intent;

/// The index over `orderId`.
const BY_ORDER: &str = "by-order";

/// The table of intents.
#[derive(Debug, Clone)]
pub struct Store(Table);

impl Store {
    /// The table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// Writes a new intent; returns the existing one, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, intent: &Intent) -> Result<Option<Intent>, StoreError> {
        Ok(match self.0.save(&intent.id, change(intent), &Revision::default()).await? {
            Saved::Applied(_) => None,
            Saved::Conflict(Some(existing)) => Some(existing.value.into()),
            // Nothing deletes an intent: the condition failed, so there is one.
            Saved::Conflict(None) => self.get(&intent.id).await?.map(|existing| existing.value),
        })
    }

    /// The intent with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &str) -> Result<Option<Stored<Intent>>, StoreError> {
        Ok(self.0.load::<Record>(id).await?.map(intent))
    }

    /// Saves what the intent that was `read` has become, if no other write came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(
        &self,
        read: &Stored<Intent>,
        after: &Intent,
    ) -> Result<Saved<(), Option<Stored<Intent>>>, StoreError> {
        Ok(match self.0.save(&after.id, change(after), &read.revision).await? {
            Saved::Applied(_) => Saved::Applied(()),
            Saved::Conflict(current) => Saved::Conflict(current.map(intent)),
        })
    }

    /// The intents of one order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_order(&self, order_id: &str) -> Result<Vec<Intent>, StoreError> {
        let query = self.0.client().query().table_name(self.0.name()).index_name(BY_ORDER);
        let query = query.key_condition_expression("orderId = :order");
        let query = query.expression_attribute_values(":order", AttributeValue::S(order_id.to_owned()));
        let items = query.into_paginator().items().send().try_collect().await;
        self.read(&items.map_err(|error| self.0.unavailable(&error))?)
    }

    /// A page of all intents, in no order, and the id of its last if there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(&self, after: Option<&str>, limit: i32) -> Result<(Vec<Intent>, Option<String>), StoreError> {
        let mut scan = self.0.client().scan().table_name(self.0.name()).consistent_read(true).limit(limit);
        if let Some(id) = after {
            scan = scan.exclusive_start_key(KEY, AttributeValue::S(id.to_owned()));
        }
        let found = scan.send().await.map_err(|error| self.0.unavailable(&error))?;
        let last = found.last_evaluated_key.as_ref().and_then(|key| key.get(KEY)?.as_s().ok()).cloned();
        Ok((self.read(found.items())?, last))
    }

    fn read(&self, items: &[Attributes]) -> Result<Vec<Intent>, StoreError> {
        items.iter().map(|item| Ok(self.0.read::<Record>(item)?.value.into())).collect()
    }
}

fn intent(item: Stored<Record>) -> Stored<Intent> {
    Stored { value: item.value.into(), revision: item.revision }
}

fn change(intent: &Intent) -> Change<Record> {
    Change { record: intent.into(), outbox: Vec::new(), due: None }
}
