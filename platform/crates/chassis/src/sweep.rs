//! Schedule → aggregates that are due: bounds every state that waits.
//!
//! The index only tells where to look. The handler decides on the item as it is now, with a conditional write like any
//! other: a sweep that runs twice, late, early, or on an old index does no harm. What it is woken for too early it leaves to
//! a later sweep.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use crate::clock::{self, time_left};
use crate::store::{DUE_SHARDS, StoreError, Table};
use crate::verdict::{Classify, chain};

/// What starts a sweep: the schedule's own event, or an operator.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wake {
    /// As of when; now if it is absent. The schedule gives its own time.
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

/// Some aggregates could not be handled. They stay due, and the next sweep looks at them again.
#[derive(Debug, thiserror::Error)]
#[error("{} of {} aggregates could not be handled", .0.failed, .0.looked)]
struct Incomplete(Swept);

/// How many aggregates are handled side by side.
const SIDE_BY_SIDE: usize = 10;

/// Sweeps the table whenever the function is invoked, until the process ends. `handler` looks at one aggregate as of a
/// time and returns whether it changed anything.
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
        let swept = sweep(table, wake.payload, left, handler).await?;
        tracing::info!(looked = swept.looked, changed = swept.changed, failed = swept.failed, "swept");
        if swept.failed > 0 { Err(Error::from(Incomplete(swept))) } else { Ok(swept) }
    }))
    .await
}

async fn sweep<E: Classify>(
    table: &Table,
    wake: Wake,
    left: Duration,
    handler: &impl AsyncFn(String, Timestamp) -> Result<bool, E>,
) -> Result<Swept, StoreError> {
    let (begun, at) = (Instant::now(), wake.time.unwrap_or_else(clock::now));
    let mut swept = Swept::default();
    if !wake.keys.is_empty() {
        look(wake.keys, at, handler, &mut swept).await;
        return Ok(swept);
    }
    // Another shard first each time: one that fills the whole time must not starve the others.
    let first = fastrand::u8(..DUE_SHARDS);
    for shard in (0..DUE_SHARDS).map(|shard| (first + shard) % DUE_SHARDS) {
        let mut from = None;
        while begun.elapsed() < left {
            let (keys, next) = table.due(shard, at, from).await?;
            let early = stream::iter(look(keys, at, handler, &mut swept).await).map(Ok);
            early.try_for_each_concurrent(SIDE_BY_SIDE, async |key: String| table.postpone(&key, at).await).await?;
            from = next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(swept)
}

/// Lets `handler` look at each aggregate; returns those that it left as they were.
async fn look<E: Classify>(
    keys: Vec<String>,
    at: Timestamp,
    handler: &impl AsyncFn(String, Timestamp) -> Result<bool, E>,
    swept: &mut Swept,
) -> Vec<String> {
    let one = |key: String| {
        let span = tracing::info_span!("sweep", key, subject = key, correlation_id = tracing::field::Empty);
        async move {
            let result = handler(key.clone(), at).await;
            if let Err(error) = &result {
                tracing::error!(error_class = error.class(), error = chain(error), "could not be handled; stays due");
            }
            (key, result.ok())
        }
        .instrument(span)
    };
    let mut results = stream::iter(keys).map(one).buffer_unordered(SIDE_BY_SIDE);
    let mut unchanged = Vec::new();
    while let Some((key, changed)) = results.next().await {
        swept.looked += 1;
        swept.changed += u32::from(changed == Some(true));
        swept.failed += u32::from(changed.is_none());
        unchanged.extend((changed == Some(false)).then_some(key));
    }
    unchanged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedules_own_event_names_the_time() {
        let wake: Wake =
            serde_json::from_str(r#"{"version":"0","source":"aws.events","time":"2026-11-22T10:15:00Z","detail":{}}"#)
                .unwrap();
        assert_eq!(wake.time, Some("2026-11-22T10:15:00Z".parse().unwrap()));
        assert!(wake.keys.is_empty());
    }

    #[tokio::test]
    async fn one_that_fails_does_not_keep_the_others_from_being_looked_at() {
        let handler = |key: String, _| async move {
            match key.as_str() {
                "bad" => Err(StoreError::Contended(key)),
                other => Ok(other == "late"),
            }
        };
        let keys = ["bad", "late", "fine"].map(ToOwned::to_owned).to_vec();
        let mut swept = Swept::default();
        let unchanged = look(keys, Timestamp::UNIX_EPOCH, &handler, &mut swept).await;
        assert_eq!(unchanged, ["fine"]);
        assert_eq!(swept, Swept { looked: 3, changed: 1, failed: 1 });
    }
}
