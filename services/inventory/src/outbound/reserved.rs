//! What is reserved of each sku: a sum over the reservations that hold pieces now. They are the entries of the index
//! `due`, which has their lines and state beside its keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::aws::{AwsError, Kind};
use chassis::store::{Attributes, DUE_INDEX, DUE_SHARDS, KEY, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use super::record::HoldRecord;
use super::store::Store;
use crate::domain::ids::Sku;

/// How many pages of 1 MB one answer may take: bounds what one request can cost. Each has about 3,000 reservations.
const MAX_PAGES: u32 = 40;

/// For how long the pages of a list share one sum.
const SHARED_FOR: SignedDuration = SignedDuration::from_secs(10);

/// What was reserved of each sku.
#[derive(Debug)]
pub(super) struct Sum {
    read_at: Timestamp,
    pieces: Arc<BTreeMap<Sku, u64>>,
}

impl Store {
    /// The pieces of each sku that were reserved at `now` or up to ten seconds before: whoever reads a list page by page does
    /// not read the index with every page.
    ///
    /// # Errors
    /// As [`Self::reserved`].
    pub async fn reserved_for_pages(&self, now: Timestamp) -> Result<Arc<BTreeMap<Sku, u64>>, StoreError> {
        let mut latest = self.latest_sum.lock().await;
        if let Some(sum) = latest.as_ref().filter(|sum| now.duration_since(sum.read_at).abs() < SHARED_FOR) {
            return Ok(Arc::clone(&sum.pieces));
        }
        let pieces = Arc::new(self.reserved().await?);
        *latest = Some(Sum { read_at: now, pieces: Arc::clone(&pieces) });
        Ok(pieces)
    }

    /// The pieces of each sku that are reserved. The index is about a second behind, so this figure is for people:
    /// no rule decides by it. An entry that this version cannot read is left out.
    ///
    /// # Errors
    /// [`StoreError`]; also when the reservations do not fit into [`MAX_PAGES`].
    pub async fn reserved(&self) -> Result<BTreeMap<Sku, u64>, StoreError> {
        let (mut sums, mut pages) = (BTreeMap::new(), 0);
        for shard in 0..DUE_SHARDS {
            let mut from = None;
            loop {
                pages += 1;
                if pages > MAX_PAGES {
                    let message = "too many reservations hold pieces now for their sum to be shown".to_owned();
                    let why = AwsError { kind: Kind::Throttled, message };
                    return Err(StoreError::Unavailable(self.reservations.name().to_owned(), why));
                }
                let query = self.reservations.client().query().table_name(self.reservations.name());
                let query = query.index_name(DUE_INDEX).key_condition_expression("dueShard = :shard");
                let query = query.expression_attribute_values(":shard", AttributeValue::S(shard.to_string()));
                let found = query.set_exclusive_start_key(from).send().await;
                let found = found.map_err(|error| self.reservations.unavailable(&error))?;
                let holds = found.items.unwrap_or_default().into_iter().filter_map(readable);
                for (sku, pieces) in holds.flat_map(HoldRecord::held) {
                    *sums.entry(sku).or_default() += pieces;
                }
                from = found.last_evaluated_key;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(sums)
    }
}

/// The figure is for people: an entry that this version does not understand must not hide all others.
fn readable(item: Attributes) -> Option<HoldRecord> {
    let key = item.get(KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
    let record = from_item(item);
    record.inspect_err(|error| tracing::warn!(key, %error, "a hold is left out of what is reserved")).ok()
}
