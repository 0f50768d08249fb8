//! Pages of one kind of item out of a table that holds two.

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::{KEY, StoreError};
use serde::de::DeserializeOwned;

use super::store::Store;

/// How often a page that is not full yet is read on: bounds what one request can cost.
const MAX_READS: u32 = 10;

/// A page: it may hold less than was asked for, even nothing, although more comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// The key after which the next page begins, if there is one.
    pub next: Option<String>,
}

impl Store {
    /// A page of what publishes, of the kind whose keys begin with `prefix`; `make` gets an item's key and record.
    pub(super) async fn listed<R: DeserializeOwned, T>(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: i32,
        make: impl Fn(&str, &R) -> T,
    ) -> Result<Listed<T>, StoreError> {
        let (table, mut left) = (&self.reservations, limit);
        let mut page = Listed { items: Vec::new(), next: after.map(ToOwned::to_owned) };
        for _ in 0..MAX_READS {
            let scan = table.client().scan().table_name(table.name()).limit(left);
            let scan = scan.filter_expression("begins_with(pk, :prefix)");
            let scan = scan.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
            let from = page.next.take().map(|key| [(KEY.to_owned(), AttributeValue::S(key))].into());
            let found = scan.set_exclusive_start_key(from).send().await.map_err(|error| table.unavailable(&error))?;
            page.next = found.last_evaluated_key().and_then(|key| key.get(KEY)?.as_s().ok()).cloned();
            left -= found.count();
            for attributes in found.items.unwrap_or_default() {
                let key = attributes.get(KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
                page.items.push(make(&key, &table.read(attributes)?.value));
            }
            if left == 0 || page.next.is_none() {
                break;
            }
        }
        Ok(page)
    }
}
