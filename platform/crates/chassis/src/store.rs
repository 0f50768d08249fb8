//! One aggregate is one item, and one conditional write carries its new state, its version and the events that it
//! emitted: outbox and inbox at once.
//!
//! Item shape: `pk` (S), the record's own attributes, `version` (N, counts writes), `emitted` (N, counts events), and
//! `outbox` (L of S: the events of the latest write, each a CloudEvents JSON text; absent if it had none). The [relay](crate::relay)
//! publishes what a write added to `outbox`. While something is to be looked at without a message, `dueAt` (N, seconds
//! since 1970) and `dueShard` (S) put the item into the sparse index that wakes the [sweep](crate::sweep).

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::BoxError;
use crate::consumer::{Classify, Verdict};

/// Attributes of one item.
pub type Attributes = HashMap<String, AttributeValue>;

/// The name of the key attribute of every table.
pub const KEY: &str = "pk";
/// The name of the attribute that the relay publishes from.
pub const OUTBOX: &str = "outbox";
/// The name of the sparse index of items that are to be looked at; its keys are [`DUE_SHARD`] and [`DUE_AT`].
pub const DUE_INDEX: &str = "due";
/// The name of the attribute that spreads the index over partitions.
pub const DUE_SHARD: &str = "dueShard";
/// The name of the attribute that says when the item is to be looked at.
pub const DUE_AT: &str = "dueAt";
/// How many partitions the index is spread over.
pub const DUE_SHARDS: u8 = 4;

/// How often [`Table::update`] decides again because somebody else wrote first.
const MAX_CONFLICTS: u32 = 12;
/// How many keys one look into the index brings.
const DUE_PAGE: i32 = 100;

/// What a read has seen of an item, and what the next write is conditional on.
/// The default is the revision of an item that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revision {
    /// Number of writes so far.
    pub version: u64,
    /// Number of events emitted so far; the next event's sequence is one more.
    pub emitted: u64,
}

/// An item as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<R> {
    /// Its state.
    pub record: R,
    /// What was seen of it.
    pub revision: Revision,
}

/// How a write ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved<R> {
    /// The item is now at this revision.
    Applied(Revision),
    /// Somebody wrote since the item was read: this is what stands there.
    Conflict(Option<Item<R>>),
}

/// A state to write and the events that it caused.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<R> {
    /// The new state.
    pub record: R,
    /// The events, as they will be published.
    pub outbox: Vec<String>,
    /// When the sweep is to look at the item, unless something is heard before.
    pub due: Option<Timestamp>,
}

/// Why a table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The service did not answer, or refused for now.
    #[error("the table {table} did not answer: {detail}")]
    Unavailable {
        /// The table.
        table: String,
        /// The service's own words.
        detail: String,
    },
    /// The item is not what this version of the service writes.
    #[error("an item of {table} does not have the shape of its record")]
    Corrupt {
        /// The table.
        table: String,
        /// What did not fit.
        #[source]
        source: BoxError,
    },
    /// Others kept writing the same item.
    #[error("the item `{key}` of {table} was written by others too often")]
    Contended {
        /// The table.
        table: String,
        /// The item.
        key: String,
    },
}

impl Classify for StoreError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Unavailable { .. } | Self::Contended { .. } => Verdict::Retry,
            Self::Corrupt { .. } => Verdict::Park,
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "store_unavailable",
            Self::Corrupt { .. } => "store_corrupt",
            Self::Contended { .. } => "store_contended",
        }
    }
}

/// A table whose items are aggregates.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table `name`; nothing is asked of AWS yet.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(aws), name }
    }

    /// The client that the table is reached with, for queries that are the service's own.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The item under `key`, as of now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn load<R: DeserializeOwned>(&self, key: &str) -> Result<Option<Item<R>>, StoreError> {
        let get = self.client.get_item().table_name(&self.name).key(KEY, AttributeValue::S(key.to_owned()));
        let found = get.consistent_read(true).send().await.map_err(|error| self.unavailable(&error))?;
        found.item.map(|attributes| self.read(attributes)).transpose()
    }

    /// Writes the state and the events that it caused, if nobody wrote since `read`.
    ///
    /// # Errors
    /// [`StoreError`]; a lost race is no error but [`Saved::Conflict`].
    pub async fn save<R>(&self, key: &str, change: &Change<R>, read: Revision) -> Result<Saved<R>, StoreError>
    where
        R: Serialize + DeserializeOwned,
    {
        let (put, revision) = self.put(key, change, read)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(put.item));
        let sent = request
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Saved::Applied(revision)),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Saved::Conflict(lost.item.clone().map(|attributes| self.read(attributes)).transpose()?))
                }
                Some(_) | None => Err(self.unavailable(&error)),
            },
        }
    }

    /// Loads, decides and saves, and decides again on what stands there if somebody wrote in between.
    /// `decide` returns its answer and, if anything is to be written, the change.
    ///
    /// # Errors
    /// What `decide` or the table returns; [`StoreError::Contended`] after too many lost races.
    pub async fn update<R, A, E>(
        &self,
        key: &str,
        mut decide: impl FnMut(Option<&Item<R>>) -> Result<(A, Option<Change<R>>), E>,
    ) -> Result<A, E>
    where
        R: Serialize + DeserializeOwned,
        E: From<StoreError>,
    {
        let mut item = self.load::<R>(key).await?;
        for _ in 0..MAX_CONFLICTS {
            let (answer, change) = decide(item.as_ref())?;
            let Some(change) = change else { return Ok(answer) };
            let read = item.as_ref().map(|item| item.revision).unwrap_or_default();
            match self.save(key, &change, read).await? {
                Saved::Applied(_) => return Ok(answer),
                Saved::Conflict(current) => item = current,
            }
        }
        Err(StoreError::Contended { table: self.name.clone(), key: key.to_owned() }.into())
    }

    /// A page of the keys in one shard of the index that are due at `at`, the longest due first, and where the next
    /// page begins. The index may lag behind: it only says where to look.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(
        &self,
        shard: u8,
        at: Timestamp,
        from: Option<Attributes>,
    ) -> Result<(Vec<String>, Option<Attributes>), StoreError> {
        let query = self.client.query().table_name(&self.name).index_name(DUE_INDEX).limit(DUE_PAGE);
        let found = query
            .key_condition_expression("dueShard = :shard AND dueAt <= :at")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
            .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()))
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|error| self.unavailable(&error))?;
        let key = |item: &Attributes| item.get(KEY).and_then(|key| key.as_s().ok()).cloned();
        Ok((found.items().iter().filter_map(key).collect(), found.last_evaluated_key))
    }

    /// The conditional write as a part of a transaction, and the revision that it leads to.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the record cannot be an item.
    pub fn put<R: Serialize>(
        &self,
        key: &str,
        change: &Change<R>,
        read: Revision,
    ) -> Result<(Put, Revision), StoreError> {
        let corrupt = |error: serde_dynamo::Error| self.corrupt(error.into());
        let mut item: Attributes = serde_dynamo::aws_sdk_dynamodb_1::to_item(&change.record).map_err(corrupt)?;
        let next = Revision { version: read.version + 1, emitted: read.emitted + change.outbox.len() as u64 };
        item.insert(KEY.into(), AttributeValue::S(key.to_owned()));
        item.insert("version".into(), AttributeValue::N(next.version.to_string()));
        item.insert("emitted".into(), AttributeValue::N(next.emitted.to_string()));
        if !change.outbox.is_empty() {
            let events = change.outbox.iter().cloned().map(AttributeValue::S).collect();
            item.insert(OUTBOX.into(), AttributeValue::L(events));
        }
        if let Some(due) = change.due {
            item.insert(DUE_SHARD.into(), AttributeValue::S(shard_of(key).to_string()));
            item.insert(DUE_AT.into(), AttributeValue::N(due.as_second().saturating_add(1).to_string()));
        }
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match read.version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("version = :read")
                .expression_attribute_values(":read", AttributeValue::N(seen.to_string())),
        };
        Ok((put.build().map_err(|error| self.corrupt(error.into()))?, next))
    }

    /// An item's attributes as a record and its revision.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read<R: DeserializeOwned>(&self, attributes: Attributes) -> Result<Item<R>, StoreError> {
        let count = |name: &str| match attributes.get(name) {
            Some(AttributeValue::N(digits)) => {
                digits.parse().map_err(|_| self.corrupt(format!("{name} is no count").into()))
            }
            Some(_) | None => Err(self.corrupt(format!("{name} is missing").into())),
        };
        let revision = Revision { version: count("version")?, emitted: count("emitted")? };
        let record =
            serde_dynamo::aws_sdk_dynamodb_1::from_item(attributes).map_err(|error| self.corrupt(error.into()))?;
        Ok(Item { record, revision })
    }

    /// An error of the SDK as this module's.
    pub fn unavailable<E: std::error::Error>(&self, error: &E) -> StoreError {
        StoreError::Unavailable { table: self.name.clone(), detail: DisplayErrorContext(error).to_string() }
    }

    fn corrupt(&self, source: BoxError) -> StoreError {
        StoreError::Corrupt { table: self.name.clone(), source }
    }
}

fn shard_of(key: &str) -> u8 {
    key.bytes().last().unwrap_or_default() % DUE_SHARDS
}
