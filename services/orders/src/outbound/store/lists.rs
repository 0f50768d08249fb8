//! Which orders there are: an index says where to look, and the orders are read as of now.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use chassis::store::{Attributes, DUE_SHARDS, KEY, StoreError};
use jiff::Timestamp;

use super::{Page, Store, Stored};
use crate::domain::ids::CustomerId;
use crate::outbound::record::ATTENTION_OPEN;

const BY_CUSTOMER: &str = "by-customer";
const ATTENTION: &str = "attention";
/// The most orders that one question about what is overdue brings.
const MOST_OVERDUE: usize = 500;

impl Store {
    /// A page of one customer's orders, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_customer(&self, customer: &CustomerId, from: Option<&str>, limit: i32) -> Result<Page, StoreError> {
        let mut query = self.table.client().query().table_name(self.table.name()).index_name(BY_CUSTOMER);
        query = query.key_condition_expression("customerId = :customer").scan_index_forward(false).limit(limit);
        query = query.expression_attribute_values(":customer", text(customer.as_str()));
        if let Some(placed_key) = from {
            let id = placed_key.rsplit('#').next().unwrap_or_default();
            query = query
                .exclusive_start_key("customerId", text(customer.as_str()))
                .exclusive_start_key("placedKey", text(placed_key))
                .exclusive_start_key(KEY, text(id));
        }
        let found = query.send().await.map_err(|error| self.table.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(|key| attribute(key, "placedKey"));
        let ids: Vec<String> = found.items().iter().filter_map(|item| attribute(item, KEY)).collect();
        Ok(Page { orders: self.all(&ids).await?, next })
    }

    /// A page of everybody's orders, in no order: for staff.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_everybody(&self, from: Option<&str>, limit: i32) -> Result<Page, StoreError> {
        let mut scan = self.table.client().scan().table_name(self.table.name()).limit(limit);
        if let Some(id) = from {
            scan = scan.exclusive_start_key(KEY, text(id));
        }
        let found = scan.send().await.map_err(|error| self.table.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(|key| attribute(key, KEY));
        let read = |attributes: &Attributes| self.stored(&self.table.read(attributes.clone())?);
        Ok(Page { orders: found.items().iter().map(read).collect::<Result<_, _>>()?, next })
    }

    /// The orders of these ids in their order, as of now: an index only says where to look.
    pub(super) async fn all(&self, ids: &[String]) -> Result<Vec<Stored>, StoreError> {
        let mut found: HashMap<String, Stored> = HashMap::new();
        let mut wanted: Vec<Attributes> = ids.iter().map(|id| Attributes::from([(KEY.to_owned(), text(id))])).collect();
        while !wanted.is_empty() {
            let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let keys = keys.map_err(|error| self.table.unavailable(&error))?;
            let request = self.table.client().batch_get_item().request_items(self.table.name(), keys);
            let answer = request.send().await.map_err(|error| self.table.unavailable(&error))?;
            for attributes in answer.responses().and_then(|tables| tables.get(self.table.name())).into_iter().flatten()
            {
                let stored = self.stored(&self.table.read(attributes.clone())?)?;
                found.insert(stored.order.id.to_string(), stored);
            }
            let rest = answer.unprocessed_keys().and_then(|tables| tables.get(self.table.name()));
            wanted = rest.map(|keys| keys.keys().to_vec()).unwrap_or_default();
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Orders that wait longer than they should: flagged, or past the time at which the sweep was to look at them.
    /// The longest flagged first; at most some hundreds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn overdue(&self, at: Timestamp) -> Result<Vec<Stored>, StoreError> {
        let mut ids = self.flagged().await?;
        for shard in 0..DUE_SHARDS {
            let (due, _) = self.table.due(shard, at, None).await?;
            ids.extend(due);
        }
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids.truncate(MOST_OVERDUE);
        let mut found = Vec::new();
        for hundred in ids.chunks(100) {
            found.extend(self.all(hundred).await?);
        }
        // Both indexes may lag behind.
        found.retain(|stored| stored.order.attention.is_open() || self.due(&stored.order).is_some_and(|due| due <= at));
        Ok(found)
    }

    async fn flagged(&self) -> Result<Vec<String>, StoreError> {
        let (mut ids, mut from) = (Vec::new(), None);
        while ids.len() < MOST_OVERDUE {
            let query = self.table.client().query().table_name(self.table.name()).index_name(ATTENTION);
            let query = query.key_condition_expression("attentionState = :open").set_exclusive_start_key(from);
            let found = query.expression_attribute_values(":open", text(ATTENTION_OPEN)).send().await;
            let found = found.map_err(|error| self.table.unavailable(&error))?;
            ids.extend(found.items().iter().filter_map(|item| attribute(item, KEY)));
            from = found.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(ids)
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn attribute(attributes: &Attributes, name: &str) -> Option<String> {
    attributes.get(name).and_then(|value| value.as_s().ok()).cloned()
}
