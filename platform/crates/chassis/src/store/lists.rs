//! Several items at once: due ones, a page of all, those of some keys.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use jiff::Timestamp;

use super::{Attributes, DUE_INDEX, KEY, StoreError, Table};
use crate::backoff;

/// How many keys one look into the index brings.
const DUE_PAGE: i32 = 100;
/// Source: BatchGetItem takes at most a hundred keys.
const MAX_KEYS: usize = 100;

impl Table {
    /// A page of the keys in one shard of the index that are due at `at`, the longest due first, and where the next
    /// page begins. The index may lag behind: it only tells where to look.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(
        &self,
        shard: u8,
        at: Timestamp,
        from: Option<Attributes>,
    ) -> Result<(Vec<String>, Option<Attributes>), StoreError> {
        let query = self.client().query().table_name(self.name()).index_name(DUE_INDEX).limit(DUE_PAGE);
        let found = query
            .key_condition_expression("dueShard = :shard AND dueAt <= :at")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
            .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()))
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|error| self.unavailable(&error))?;
        Ok((found.items().iter().filter_map(key_of).collect(), found.last_evaluated_key))
    }

    /// Up to `limit` of all items, in no order, from behind the key `after`; and the last key if there are more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn page(&self, after: Option<&str>, limit: i32) -> Result<(Vec<Attributes>, Option<String>), StoreError> {
        let scan = self.client().scan().table_name(self.name()).limit(limit);
        let found = scan.set_exclusive_start_key(after.map(key)).send().await;
        let found = found.map_err(|error| self.unavailable(&error))?;
        let last = found.last_evaluated_key().and_then(key_of);
        Ok((found.items.unwrap_or_default(), last))
    }

    /// The items under `keys` that exist, as of now, in no order. No key may appear twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load_all<K: AsRef<str>>(&self, keys: &[K]) -> Result<Vec<Attributes>, StoreError> {
        let (mut found, mut tries) = (Vec::new(), 0);
        for some in keys.chunks(MAX_KEYS) {
            let mut wanted: Vec<Attributes> = some.iter().map(|name| key(name.as_ref())).collect();
            loop {
                let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
                let keys = keys.map_err(|error| self.corrupt(error))?;
                let request = self.client().batch_get_item().request_items(self.name(), keys);
                let answer = request.send().await.map_err(|error| self.unavailable(&error))?;
                found.extend(answer.responses.unwrap_or_default().remove(self.name()).unwrap_or_default());
                let left = answer.unprocessed_keys.unwrap_or_default().remove(self.name());
                wanted = left.map(|left| left.keys).unwrap_or_default();
                if wanted.is_empty() {
                    break;
                }
                tries += 1;
                backoff::CONFLICT.sleep(tries).await;
            }
        }
        Ok(found)
    }
}

fn key(name: &str) -> Attributes {
    Attributes::from([(KEY.to_owned(), AttributeValue::S(name.to_owned()))])
}

fn key_of(item: &Attributes) -> Option<String> {
    item.get(KEY).and_then(|key| key.as_s().ok()).cloned()
}
