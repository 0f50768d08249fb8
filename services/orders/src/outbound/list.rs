//! Which orders there are: an index names the orders, and they are read as of now.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::{Attributes, DUE_SHARDS, KEY, StoreError};
use jiff::Timestamp;

use super::record::ATTENTION_OPEN;
use super::store::{Found, Store, StoredOrder};
use crate::domain::ids::CustomerId;

const BY_CUSTOMER: &str = "by-customer";
const ATTENTION: &str = "attention";
/// The most orders that one question about overdue orders brings.
const MOST_OVERDUE: usize = 500;

impl Store {
    /// Up to `limit` orders of one customer, newest first, from behind the order in `after`: its `placedAt` and its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_of_customer(
        &self,
        customer: &CustomerId,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Found, StoreError> {
        let mut query = self.table.client().query().table_name(self.table.name()).index_name(BY_CUSTOMER);
        query = query.key_condition_expression("customerId = :customer").scan_index_forward(false).limit(limit);
        query = query.expression_attribute_values(":customer", text(customer.as_str()));
        if let Some((placed_at, id)) = after.and_then(place) {
            query = query
                .exclusive_start_key("customerId", text(customer.as_str()))
                .exclusive_start_key("placedAt", AttributeValue::N(placed_at.as_nanosecond().to_string()))
                .exclusive_start_key(KEY, text(id));
        }
        let found = query.send().await.map_err(|error| self.table.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(place_of);
        let ids: Vec<String> = found.items().iter().filter_map(|item| attribute(item, KEY)).collect();
        Ok(Found { orders: self.load_all(&ids).await?, next })
    }

    /// Up to `limit` orders of all customers, in no sequence, from behind the order with the id in `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_of_all(&self, after: Option<&str>, limit: i32) -> Result<Found, StoreError> {
        let (items, next) = self.table.page(after, limit).await?;
        let orders = items.into_iter().map(|item| self.accepted(self.table.read(item)?));
        Ok(Found { orders: orders.collect::<Result<_, _>>()?, next })
    }

    /// Orders that may wait longer than they should: those with an open attention entry, and those that the sweep had to
    /// look at before `at`. The indexes may lag behind. The oldest entry first; at most 500 orders.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_overdue(&self, at: Timestamp) -> Result<Vec<StoredOrder>, StoreError> {
        let mut ids = self.in_need_of_attention().await?;
        for shard in 0..DUE_SHARDS {
            let (due, _) = self.table.due(shard, at, None).await?;
            ids.extend(due);
        }
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids.truncate(MOST_OVERDUE);
        self.load_all(&ids).await
    }

    /// The orders of these ids in their sequence.
    async fn load_all(&self, ids: &[String]) -> Result<Vec<StoredOrder>, StoreError> {
        let mut found = HashMap::new();
        for item in self.table.load_all(ids).await? {
            let stored = self.accepted(self.table.read(item)?)?;
            found.insert(stored.value.order.id.to_string(), stored);
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn in_need_of_attention(&self) -> Result<Vec<String>, StoreError> {
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

/// The place in a customer's list that a text such as `2026-11-22T10:15:30.120000000Z#ord_…` names.
fn place(text: &str) -> Option<(Timestamp, &str)> {
    let (placed_at, id) = text.split_once('#')?;
    Some((placed_at.parse().ok()?, id))
}

fn place_of(key: &Attributes) -> Option<String> {
    let nanoseconds = key.get("placedAt")?.as_n().ok()?.parse().ok()?;
    Some(format!("{:.9}#{}", Timestamp::from_nanosecond(nanoseconds).ok()?, attribute(key, KEY)?))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn attribute(attributes: &Attributes, name: &str) -> Option<String> {
    attributes.get(name).and_then(|value| value.as_s().ok()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_behind_the_order_that_the_last_one_ended_with() {
        let placed_at: Timestamp = "2026-11-22T10:15:30.12Z".parse().unwrap();
        let number = AttributeValue::N(placed_at.as_nanosecond().to_string());
        let last = Attributes::from([("placedAt".to_owned(), number), (KEY.to_owned(), text("ord_1"))]);
        let next = place_of(&last).unwrap();
        assert_eq!(next, "2026-11-22T10:15:30.120000000Z#ord_1");
        assert_eq!(place(&next), Some((placed_at, "ord_1")));
    }
}
