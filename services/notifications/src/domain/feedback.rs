//! The rules: the channel reports, after it took a message, that it did not arrive or was not wanted.

use jiff::Timestamp;

use super::delivery::Deliveries;
use super::ids::ClaimId;
use super::message::{Event, Failure, State, Template};

/// What the channel reports of a message that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// The address does not exist, or takes no mail for good.
    Bounced,
    /// The customer calls the message spam.
    Complained,
}

/// What a report leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedbackOutcome {
    /// Save this and publish the event: what was said of the message was wrong. No more mail goes to its address.
    Correct {
        /// What is to be known now.
        after: Deliveries,
        /// What became of the message.
        event: Event,
    },
    /// Wait: an attempt is under way, and may be the one that is reported.
    Wait,
    /// Stop mail to the address of an earlier attempt: its owner does not want it, whatever became of the later one.
    Stop,
    /// Nothing: it is known, or an earlier attempt is reported and another one has been made since.
    Nothing,
}

/// Applies a report about one attempt to send a message, at this time.
///
/// | | of the latest attempt | of an earlier attempt |
/// |---|---|---|
/// | claimed | wait | wait |
/// | sent, unknown, waiting; or its claim is over: its sender has died | failed: bounced or complained | unchanged; a complaint stops its address |
/// | failed | unchanged | the same |
#[must_use]
pub fn feedback(
    before: &Deliveries,
    template: Template,
    attempt: ClaimId,
    reported: Feedback,
    now: Timestamp,
) -> FeedbackOutcome {
    let ended = before.attempts.get(&template).copied();
    let (latest, failed) = match before.state(template) {
        State::Claimed { until, .. } if now < until => return FeedbackOutcome::Wait,
        State::Claimed { by, .. } => (by.or(ended), false),
        State::Sent | State::Unknown | State::Waiting => (ended, false),
        State::Failed(_) => (ended, true),
    };
    if latest != Some(attempt) {
        return match reported {
            Feedback::Bounced => FeedbackOutcome::Nothing,
            Feedback::Complained => FeedbackOutcome::Stop,
        };
    }
    if failed {
        return FeedbackOutcome::Nothing;
    }
    let failure = match reported {
        Feedback::Bounced => Failure::Bounced,
        Feedback::Complained => Failure::Complained,
    };
    match before.moved(template, State::Failed(failure)) {
        (after, Some(event)) => FeedbackOutcome::Correct { after, event },
        (_, None) => FeedbackOutcome::Nothing,
    }
}
