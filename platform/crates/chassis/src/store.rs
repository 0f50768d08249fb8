//! One aggregate is one item, and one conditional write carries its new state, its version and the events that it
//! emitted: outbox and inbox at once.
//!
//! Item shape: `pk` (S), the record's own attributes, `version` (N, counts writes), `emitted` (N, counts events), and
//! `outbox` (S: the events of the latest write, one a line, each without what follows from the item; absent if it had
//! none). The [relay](crate::relay) publishes what a write added to `outbox`. While the item waits for a time rather than for a
//! message, `dueAt` (N, seconds since 1970) and `dueShard` (S) put it into the sparse index that the
//! [sweep](crate::sweep) reads. `waitsUntil` (N) is when it is due, if the index wakes it before that.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

mod conflict;
mod due;
mod error;
mod lists;
mod outbox;
mod table;
mod unknown;

pub use conflict::{Round, retry_on_conflict};
pub use due::wakes_at;
pub use error::StoreError;
pub use outbox::Outbox;
pub use table::Table;
pub use unknown::Unknown;

/// Attributes of one item.
pub type Attributes = HashMap<String, AttributeValue>;

/// The name of the key attribute of every table.
pub const KEY: &str = "pk";
/// The name of the attribute that the relay publishes from.
pub const OUTBOX: &str = "outbox";
/// The name of the sparse index of items that wait for a time; its keys are [`DUE_SHARD`] and [`DUE_AT`].
pub const DUE_INDEX: &str = "due";
/// The name of the attribute that spreads the index over partitions.
pub const DUE_SHARD: &str = "dueShard";
/// The name of the attribute that holds the time at which the index wakes the item: when it is due, or earlier.
pub const DUE_AT: &str = "dueAt";
/// The name of the attribute that holds the time at which an item is due that the index wakes earlier.
const WAITS_UNTIL: &str = "waitsUntil";
/// How many partitions the index is spread over.
pub const DUE_SHARDS: u8 = 4;

/// What a read has seen of an item, and what the next write is conditional on.
/// The default is the revision of an item that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// Number of writes so far.
    pub version: u64,
    /// Number of events emitted so far; the next event's sequence is one more.
    pub emitted: u64,
    /// When the index wakes the item, in seconds since 1970, if it does. A later write keeps it while it may ([`wakes_at`]).
    pub wakes_at: Option<i64>,
    /// What a newer version wrote into it. The next write keeps it.
    pub unknown: Unknown,
}

/// An aggregate as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// Its state.
    pub value: T,
    /// What was seen of its item.
    pub revision: Revision,
}

/// A state to write and the events that it caused.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<R> {
    /// The new state.
    pub record: R,
    /// The events, as they will be published.
    pub outbox: Vec<String>,
    /// When the sweep is to look at the item, unless a message changes it before.
    pub due: Option<Timestamp>,
}

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved<T, C = Option<T>> {
    /// It is written: this is what is there now.
    Applied(T),
    /// Somebody else wrote since the read, and nothing is written: this is what is there now.
    Conflict(C),
}

impl<T> Stored<T> {
    /// The same read, as another type.
    ///
    /// # Errors
    /// What `read` returns.
    pub fn try_map<U, E>(self, read: impl FnOnce(T) -> Result<U, E>) -> Result<Stored<U>, E> {
        Ok(Stored { value: read(self.value)?, revision: self.revision })
    }
}

impl<T> Saved<T> {
    /// The same end, with what is there as another type.
    ///
    /// # Errors
    /// What `read` returns.
    pub fn try_map<U, E>(self, read: impl FnOnce(T) -> Result<U, E>) -> Result<Saved<U>, E> {
        Ok(match self {
            Self::Applied(written) => Saved::Applied(read(written)?),
            Self::Conflict(current) => Saved::Conflict(current.map(read).transpose()?),
        })
    }
}
