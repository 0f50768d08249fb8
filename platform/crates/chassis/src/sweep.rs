//! Schedule → aggregates that are due: bounds every state that waits.
//!
//! The index only says where to look. What is done about an aggregate is decided on its item, read as of now, by the
//! same conditional write as everything else: so a sweep that comes twice, late, or with an old index changes nothing.

use std::fmt;
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use crate::clock::{self, time_left};
use crate::store::{DUE_SHARDS, StoreError, Table};
use crate::verdict::{Classify, chain};

/// What starts a sweep: the schedule's own event, or an operator.
#[derive(Debug, Default, Deserialize)]
pub struct Wake {
    /// As of when; now if it is absent. The schedule gives its own time.
    #[serde(default)]
    pub time: Option<Timestamp>,
    /// Which aggregates to look at instead of all that are due.
    #[serde(default)]
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
#[error("{failed} of {looked} aggregates could not be handled")]
struct Incomplete {
    looked: u32,
    failed: u32,
}

/// How many aggregates are handled side by side.
const SIDE_BY_SIDE: usize = 10;

/// Sweeps the table whenever the function is invoked, until the process ends. `handler` looks at one aggregate as of a
/// time and says whether it changed anything.
///
/// # Errors
/// The failure of Lambda's runtime.
pub async fn run<H, F, E>(table: &Table, handler: H) -> Result<(), Error>
where
    H: Fn(String, Timestamp) -> F,
    F: Future<Output = Result<bool, E>>,
    E: Classify,
{
    let handler = &handler;
    lambda_runtime::run(service_fn(move |wake: LambdaEvent<Wake>| async move {
        let left = time_left(wake.context.deadline);
        let swept = sweep(table, &wake.payload, left, handler).await?;
        let Swept { looked, changed, failed } = swept;
        tracing::info!(looked, changed, failed, "swept");
        if failed > 0 { Err(Error::from(Incomplete { looked, failed })) } else { Ok(swept) }
    }))
    .await
}

async fn sweep<H, F, E>(table: &Table, wake: &Wake, left: Duration, handler: &H) -> Result<Swept, StoreError>
where
    H: Fn(String, Timestamp) -> F,
    F: Future<Output = Result<bool, E>>,
    E: Classify,
{
    let (begun, at) = (std::time::Instant::now(), wake.time.unwrap_or_else(clock::now));
    if !wake.keys.is_empty() {
        return Ok(look(wake.keys.clone(), at, handler).await);
    }
    let mut swept = Swept::default();
    // Another shard first each time: one that fills the whole time must not starve the others.
    let first = fastrand::u8(..DUE_SHARDS);
    for shard in (0..DUE_SHARDS).map(|shard| (first + shard) % DUE_SHARDS) {
        let mut from = None;
        while begun.elapsed() < left {
            let (keys, next) = table.due(shard, at, from).await?;
            swept += look(keys, at, handler).await;
            from = next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(swept)
}

async fn look<H, F, E>(keys: Vec<String>, at: Timestamp, handler: &H) -> Swept
where
    H: Fn(String, Timestamp) -> F,
    F: Future<Output = Result<bool, E>>,
    E: Classify,
{
    let one = |key: String| {
        let span = tracing::info_span!("sweep", key, subject = key, correlation_id = tracing::field::Empty);
        async move {
            let result = handler(key, at).await;
            if let Err(error) = &result {
                tracing::error!(error_class = error.class(), error = chain(error), "could not be handled; stays due");
            }
            match result {
                Ok(changed) => Swept { looked: 1, changed: changed.into(), failed: 0 },
                Err(_) => Swept { looked: 1, changed: 0, failed: 1 },
            }
        }
        .instrument(span)
    };
    let looked = stream::iter(keys).map(one).buffer_unordered(SIDE_BY_SIDE);
    looked.fold(Swept::default(), |sum, one| async move { sum + one }).await
}

impl std::ops::Add for Swept {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            looked: self.looked + other.looked,
            changed: self.changed + other.changed,
            failed: self.failed + other.failed,
        }
    }
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} looked at, {} changed, {} failed", self.looked, self.changed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::Malformed;

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
                "bad" => Err(Malformed::Empty),
                other => Ok(other == "late"),
            }
        };
        let keys = ["bad", "late", "fine"].map(ToOwned::to_owned).to_vec();
        let swept = look(keys, Timestamp::UNIX_EPOCH, &handler).await;
        assert_eq!(swept, Swept { looked: 3, changed: 1, failed: 1 });
    }
}
