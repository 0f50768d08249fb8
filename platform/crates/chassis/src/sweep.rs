//! Schedule → aggregates that are due: bounds every state that waits.
//!
//! The index only tells where to look. The handler decides on the item as it is now, with a conditional write like any
//! other: a sweep that runs twice, late, early, or on an old index does no harm. What it is woken for too early it leaves to
//! a later sweep.

use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::clock::{self, time_left};
use crate::store::{DUE_SHARDS, Table};
use crate::verdict::{Classify, chain};

/// What starts a sweep: the schedule's own event, or an operator.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wake {
    /// What is due by this time is looked at; by now if it is absent. The schedule gives its own time.
    pub time: Option<Timestamp>,
    /// Which aggregates to look at instead of all that are due.
    pub keys: Vec<String>,
}

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Aggregates that were looked at.
    pub looked: u32,
    /// Aggregates that were changed.
    pub changed: u32,
    /// Aggregates that could not be handled: they stay due.
    pub failed: u32,
}

/// Some aggregates could not be handled, or some shards not read. What is due there stays due, and the next sweep looks
/// again.
#[derive(Debug, thiserror::Error)]
#[error("{} of {} aggregates could not be handled, {unread} of {DUE_SHARDS} shards could not be read", swept.failed, swept.looked)]
struct Incomplete {
    swept: Swept,
    unread: u8,
}

/// How many aggregates are handled side by side.
const SIDE_BY_SIDE: usize = 10;

/// Sweeps the table whenever the function is invoked, until the process ends. `handler` looks at one aggregate, decides
/// by that time whether it is due, and returns whether it changed anything. What it writes has the time of the clock.
///
/// # Errors
/// The failure of Lambda's runtime.
pub async fn run<E: Classify>(
    table: &Table,
    handler: impl AsyncFn(String, Timestamp) -> Result<bool, E>,
) -> Result<(), Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(move |wake: LambdaEvent<Wake>| async move {
        let left = time_left(wake.context.deadline);
        let (swept, unread) = sweep(table, wake.payload, left, handler).await;
        tracing::info!(looked = swept.looked, changed = swept.changed, failed = swept.failed, "swept");
        if swept.failed > 0 || unread > 0 { Err(Error::from(Incomplete { swept, unread })) } else { Ok(swept) }
    }))
    .await
}

/// Returns what it did, and how many shards could not be read.
async fn sweep<E: Classify>(
    table: &Table,
    wake: Wake,
    left: Duration,
    handler: &impl AsyncFn(String, Timestamp) -> Result<bool, E>,
) -> (Swept, u8) {
    let (until, at) = (Instant::now() + left, wake.time.unwrap_or_else(clock::now));
    let (mut swept, mut unread) = (Swept::default(), 0);
    if !wake.keys.is_empty() {
        look(wake.keys, (at, until), handler, None, &mut swept).await;
        return (swept, unread);
    }
    // Another shard first each time: one that fills the whole time must not starve the others.
    let first = fastrand::u8(..DUE_SHARDS);
    for shard in (0..DUE_SHARDS).map(|shard| (first + shard) % DUE_SHARDS) {
        let mut from = None;
        while Instant::now() < until {
            match table.due(shard, at, from).await {
                Ok((keys, next)) => {
                    look(keys, (at, until), handler, Some(table), &mut swept).await;
                    from = next;
                }
                Err(error) => {
                    tracing::error!(shard, error_class = error.class(), error = chain(&error), "could not be read");
                    unread += 1;
                    break;
                }
            }
            if from.is_none() {
                break;
            }
        }
    }
    (swept, unread)
}

/// Lets `handler` look at each aggregate as of a time, until the invocation's time runs out; those that it left as they were
/// are postponed in `early`.
async fn look<E: Classify>(
    keys: Vec<String>,
    (at, until): (Timestamp, Instant),
    handler: &impl AsyncFn(String, Timestamp) -> Result<bool, E>,
    early: Option<&Table>,
    swept: &mut Swept,
) {
    let one = |key: String| {
        let span = tracing::info_span!("sweep", key, subject = key, correlation_id = tracing::field::Empty);
        let looked = async move {
            let changed = handler(key.clone(), at).await.map_err(|error| stays_due(error.class(), &error))?;
            if let Some(table) = early.filter(|_| !changed) {
                table.postpone(&key, at).await.map_err(|error| stays_due(error.class(), &error))?;
            }
            Ok::<_, ()>(changed)
        };
        let late = |late| stays_due("deadline", &late);
        async move { timeout_at(until, looked).await.map_err(late).flatten() }.instrument(span)
    };
    let mut results = stream::iter(keys).map(one).buffer_unordered(SIDE_BY_SIDE);
    while let Some(changed) = results.next().await {
        swept.looked += 1;
        swept.changed += u32::from(changed == Ok(true));
        swept.failed += u32::from(changed.is_err());
    }
}

fn stays_due(error_class: &str, error: &dyn std::error::Error) {
    tracing::error!(error_class, error = chain(error), "could not be handled; stays due");
}

#[cfg(test)]
mod tests;
