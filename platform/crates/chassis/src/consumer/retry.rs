//! What becomes of a message whose handling failed: pure rules. Why: docs/decisions, "Retried as long as it can help".

use std::collections::HashMap;
use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use jiff::Timestamp;

use crate::backoff;
use crate::config::{self, ConfigError};
use crate::verdict::Verdict;

/// The attribute that counts how often a message was suspected to fail each time.
pub(super) const SUSPICIONS: &str = "Suspicions";
/// How often a message is tried that is suspected to fail each time.
const MAX_SUSPICIONS: u32 = 5;

/// How long and how often a queue's messages are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// On this receive SQS itself would move the message, without its cause.
    pub max_receives: u32,
    /// While a message is younger, others may wait for what it leads to: the longest hold.
    pub urgent: Duration,
    /// A message that is older is given up. SQS deletes it some time after that.
    pub give_up: Duration,
}

/// What is known of a message's earlier tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// How often it was received, this time included.
    pub receives: u32,
    /// How often it was suspected before.
    pub suspicions: u32,
    /// How long ago it was sent.
    pub age: Duration,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It stays in its queue, hidden for that long.
    Later(Duration),
    /// It is sent to its queue again after that long, with one suspicion more: the attributes of a message that is in a
    /// queue cannot be changed, and how often it was received tells nothing of why.
    Suspected(Duration),
    /// It goes to the dead-letter queue.
    Parked,
}

impl Limits {
    pub(super) fn from_env() -> Result<Self, ConfigError> {
        let seconds = |name| config::parse(name).map(Duration::from_secs);
        Ok(Self {
            max_receives: config::parse("MAX_RECEIVES")?,
            urgent: seconds("URGENT_SECONDS")?,
            give_up: seconds("GIVE_UP_SECONDS")?,
        })
    }

    /// What becomes of a message that failed with this verdict; `chance`, from 0 to 1, decides how long it waits.
    pub fn next(&self, verdict: Verdict, history: History, chance: f64) -> Next {
        let History { receives, suspicions, age } = history;
        let later = |wait: Duration| if age + wait < self.give_up { Next::Later(wait) } else { Next::Parked };
        match verdict {
            Verdict::Park => Next::Parked,
            _ if receives >= self.max_receives => Next::Parked,
            Verdict::RetryFor(limit) if age >= limit => Next::Parked,
            Verdict::RetryIn(wait) => later(wait),
            Verdict::Retry | Verdict::RetryFor(_) if age < self.urgent => {
                later(backoff::URGENT.with_chance(receives, chance))
            }
            Verdict::Retry | Verdict::RetryFor(_) => later(backoff::PATIENT.with_chance(receives, chance)),
            Verdict::Suspect if suspicions + 1 >= MAX_SUSPICIONS => Next::Parked,
            Verdict::Suspect => Next::Suspected(backoff::SUSPECT.with_chance(suspicions + 1, chance)),
        }
    }
}

impl History {
    pub(super) fn of(record: &SqsMessage, now: Timestamp) -> Self {
        let suspicions = record.message_attributes.get(SUSPICIONS).and_then(|count| count.string_value.as_deref());
        let sent = number::<i64>(&record.attributes, "SentTimestamp").unwrap_or(now.as_millisecond());
        Self {
            receives: number(&record.attributes, "ApproximateReceiveCount").unwrap_or(1),
            suspicions: suspicions.and_then(|count| count.parse().ok()).unwrap_or(0),
            age: Duration::from_millis(u64::try_from(now.as_millisecond() - sent).unwrap_or_default()),
        }
    }
}

fn number<T: std::str::FromStr>(attributes: &HashMap<String, String>, name: &str) -> Option<T> {
    attributes.get(name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::SqsMessageAttribute;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const LIMITS: Limits =
        Limits { max_receives: 700, urgent: Duration::from_mins(15), give_up: Duration::from_hours(72) };
    const FRESH: History = History { receives: 1, suspicions: 0, age: Duration::ZERO };

    fn next(verdict: Verdict, history: History) -> Next {
        LIMITS.next(verdict, history, 0.5)
    }

    /// The longest wait that chance may choose, and the shortest.
    fn waits(history: History) -> (Duration, Duration) {
        let wait = |chance| match LIMITS.next(Verdict::Retry, history, chance) {
            Next::Later(wait) => wait,
            other @ (Next::Suspected(_) | Next::Parked) => panic!("{other:?}"),
        };
        (wait(0.0), wait(1.0))
    }

    #[test]
    fn what_never_will_is_parked_at_once() {
        assert_eq!(next(Verdict::Park, FRESH), Next::Parked);
    }

    #[test]
    fn a_transient_failure_waits_half_a_minute_at_most_while_a_hold_lasts_and_longer_after_it() {
        let aged = |age| History { receives: 60, age, ..FRESH };
        assert_eq!(waits(aged(14 * MINUTE)), (Duration::ZERO, Duration::from_secs(30)));
        assert_eq!(waits(aged(16 * MINUTE)), (Duration::ZERO, 15 * MINUTE));
    }

    /// Whatever SQS counts: a table that was away for long does not use up the five tries of a panic.
    #[test]
    fn a_transient_failure_is_no_suspicion_and_the_fifth_suspicion_is_the_last() {
        let received = |suspicions| History { receives: 300, suspicions, ..FRESH };
        assert!(matches!(next(Verdict::Retry, received(4)), Next::Later(_)));
        assert!((0..4).all(|before| matches!(next(Verdict::Suspect, received(before)), Next::Suspected(_))));
        assert_eq!(next(Verdict::Suspect, received(4)), Next::Parked);
    }

    #[test]
    fn a_planned_wait_is_as_long_as_planned_and_no_suspicion() {
        let history = History { receives: 300, suspicions: 4, age: MINUTE };
        assert_eq!(next(Verdict::RetryIn(5 * MINUTE), history), Next::Later(5 * MINUTE));
    }

    #[test]
    fn what_a_newer_version_may_handle_is_retried_until_its_time_is_over() {
        let at = |age| next(Verdict::RetryFor(60 * MINUTE), History { age, ..FRESH });
        assert!(matches!(at(59 * MINUTE), Next::Later(_)));
        assert_eq!(at(60 * MINUTE), Next::Parked);
    }

    /// Before SQS would delete it, or move it without its cause.
    #[test]
    fn a_message_that_is_too_old_or_was_received_too_often_is_parked() {
        let old = History { age: LIMITS.give_up.saturating_sub(MINUTE), ..FRESH };
        for verdict in [Verdict::Retry, Verdict::RetryFor(60 * MINUTE), Verdict::RetryIn(MINUTE), Verdict::Suspect] {
            assert_eq!(next(verdict, History { receives: 700, ..FRESH }), Next::Parked, "{verdict:?}");
        }
        assert_eq!(next(Verdict::RetryIn(MINUTE), old), Next::Parked);
        assert_eq!(next(Verdict::Retry, History { age: LIMITS.give_up, ..old }), Next::Parked);
    }

    #[test]
    fn a_message_tells_its_history() {
        let mut record = SqsMessage::default();
        let now = Timestamp::from_millisecond(90_000).unwrap();
        assert_eq!(History::of(&record, now), FRESH);
        record.attributes.insert("ApproximateReceiveCount".into(), "3".into());
        record.attributes.insert("SentTimestamp".into(), "30000".into());
        let mut count = SqsMessageAttribute::default();
        count.string_value = Some("2".into());
        record.message_attributes.insert(SUSPICIONS.into(), count);
        assert_eq!(History::of(&record, now), History { receives: 3, suspicions: 2, age: MINUTE });
    }
}
