//! The only place that reads the clock and makes random ids.

use jiff::Timestamp;
use uuid::Uuid;

/// The current time, to the millisecond that events carry.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the rim at which the clock is read")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A new id: `prefix` and a UUID of version 7, which sorts by time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the rim at which ids are made")]
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::now_v7())
}
