//! Which orders there are: an index names the orders, and they are read as of now.

use std::collections::{BTreeSet, HashMap};

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
/// The most pages of a shard that it reads in search of them: of 100 entries each.
const MOST_PAGES: usize = 10;

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
        let orders = items.iter().map(|item| self.table.read(item));
        Ok(Found { orders: orders.collect::<Result<_, _>>()?, next })
    }

    /// The orders that are overdue, of those with an open attention entry and of those that the sweep had to look at
    /// before `at`. The indexes may lag behind. The oldest entry first; at most 500 orders.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_overdue(
        &self,
        at: Timestamp,
        is_overdue: impl Fn(&StoredOrder) -> bool,
    ) -> Result<Vec<StoredOrder>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut is_new = |stored: &StoredOrder| is_overdue(stored) && seen.insert(stored.value.order.id.clone());
        let mut orders = self.load_all(&self.in_need_of_attention().await?).await?;
        orders.retain(&mut is_new);
        let page = |shard, from| async move {
            let (ids, next) = self.table.due(shard, at, from).await?;
            Ok((self.load_all(&ids).await?, next))
        };
        add_of_shards(&mut orders, page, is_new).await?;
        Ok(orders)
    }

    /// The orders of these ids in their sequence.
    async fn load_all(&self, ids: &[String]) -> Result<Vec<StoredOrder>, StoreError> {
        let mut found = HashMap::new();
        for item in self.table.load_all(ids).await? {
            let stored: StoredOrder = self.table.read(&item)?;
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
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids.truncate(MOST_OVERDUE);
        Ok(ids)
    }
}

/// Adds what is wanted of the pages of all shards, a page of each in turn. An entry of the index may be early, so that a
/// page may have nothing that is wanted although a later one has.
async fn add_of_shards<T, P, F>(
    found: &mut Vec<T>,
    page: P,
    mut is_wanted: impl FnMut(&T) -> bool,
) -> Result<(), StoreError>
where
    P: Fn(u8, Option<Attributes>) -> F,
    F: Future<Output = Result<(Vec<T>, Option<Attributes>), StoreError>>,
{
    let mut left: Vec<(u8, Option<Attributes>)> = (0..DUE_SHARDS).map(|shard| (shard, None)).collect();
    for _ in 0..MOST_PAGES {
        for (shard, from) in std::mem::take(&mut left) {
            if found.len() >= MOST_OVERDUE {
                break;
            }
            let (entries, next) = page(shard, from).await?;
            found.extend(entries.into_iter().filter(&mut is_wanted));
            left.extend(next.map(|next| (shard, Some(next))));
        }
    }
    found.truncate(MOST_OVERDUE);
    Ok(())
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
    use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// What is found when each shard has these entries, two on a page; zero is an early one. And how many pages were read.
    async fn found(shards: [Vec<u32>; 4]) -> (Vec<u32>, usize) {
        let (mut found, read) = (Vec::new(), AtomicUsize::new(0));
        let page = |shard: u8, from: Option<Attributes>| {
            read.fetch_add(1, Ordering::Relaxed);
            let begin = from.map_or(0, |from| from["at"].as_n().unwrap().parse().unwrap());
            let entries = &shards[usize::from(shard)];
            let end = entries.len().min(begin + 2);
            let next = Attributes::from([("at".to_owned(), AttributeValue::N(end.to_string()))]);
            std::future::ready(Ok((entries[begin..end].to_vec(), Some(next).filter(|_| end < entries.len()))))
        };
        add_of_shards(&mut found, page, |entry| *entry > 0).await.unwrap();
        (found, read.into_inner())
    }

    #[tokio::test]
    async fn an_overdue_order_behind_pages_of_early_entries_is_found() {
        let shards = [vec![0, 0, 0, 0, 1], vec![2, 0, 3], vec![], vec![0, 4]];
        assert_eq!(found(shards).await, (vec![2, 4, 3, 1], 7));
    }

    #[tokio::test]
    async fn the_search_for_overdue_orders_ends() {
        let early = || vec![0; 2 * MOST_PAGES + 2];
        assert_eq!(found([early(), early(), early(), early()]).await, (vec![], 4 * MOST_PAGES));
        let (orders, _) = found([vec![0], vec![], vec![], vec![7; 5]]).await;
        assert_eq!(orders, [7; 5]);
        let full = vec![7; MOST_OVERDUE + 1];
        let mut orders = full.clone();
        let page = |_, _| std::future::ready(Ok((full.clone(), None)));
        add_of_shards(&mut orders, page, |_| true).await.unwrap();
        assert_eq!(orders.len(), MOST_OVERDUE);
    }
}
