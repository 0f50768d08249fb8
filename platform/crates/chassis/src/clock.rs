//! The only place that reads the clock and makes random ids.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// The current time, to the millisecond that events carry.
#[expect(clippy::disallowed_methods, reason = "this is the rim at which the clock is read")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A new id: `prefix` and a UUID of version 7, which sorts by time.
#[expect(clippy::disallowed_methods, reason = "this is the rim at which ids are made")]
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::now_v7())
}

/// The time reserved for the answer to Lambda: unfinished work is left to a later invocation.
const RESERVE: Duration = Duration::from_millis(1500);

/// How long an invocation may still work, of its deadline in milliseconds since 1970.
pub(crate) fn time_left(deadline_ms: u64) -> Duration {
    let now = u64::try_from(now().as_millisecond()).unwrap_or_default();
    Duration::from_millis(deadline_ms.saturating_sub(now)).saturating_sub(RESERVE)
}
