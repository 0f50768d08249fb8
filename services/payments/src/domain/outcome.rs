//! What an attempt makes of its payment: when it begins, and by its outcome.

use jiff::Timestamp;

use super::attempt::{Attempt, Outcome};
use super::decision::{Change, Context};
use super::ids::IntentId;
use super::payment::{Event, Payment, Stage};

/// The amount was charged, by this attempt.
pub(super) fn succeeded(payment: Payment, reference: IntentId, attempt: u32, at: Timestamp) -> Change {
    let mut payment = stopped(payment, at);
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    if let Some(charged) = payment.attempts.get_mut(index) {
        charged.outcome = Outcome::Charged;
        charged.ended_at = Some(at);
    }
    payment.stage = Stage::Succeeded { attempt };
    Change { payment, events: vec![Event::Succeeded { reference, attempt }] }
}

/// The gateway refused the way to pay.
pub(super) fn declined(payment: Payment, code: String, at: Timestamp) -> Change {
    let ended = ended(payment, Outcome::Declined { code: code.clone() }, at);
    Payment { stage: Stage::Refused { code }, ..ended }.into()
}

/// The gateway refused the way to pay before there was an intent: the attempt is written with its outcome.
pub(super) fn intent_declined(payment: Payment, code: String, begun_at: Timestamp, at: Timestamp) -> Change {
    declined(begun(payment, begun_at), code, at)
}

/// The latest call did not reach the card: if an attempt was written for it, it was none.
pub(super) fn not_reached(mut payment: Payment) -> Payment {
    if matches!(payment.stage, Stage::Charging { .. }) {
        payment.attempts.truncate(payment.attempts.len().saturating_sub(1));
        payment.stage = Stage::Ready { next_attempt_at: None };
    }
    payment
}

/// The latest attempt did not charge: the next one waits.
pub(super) fn not_charged(payment: Payment, code: String, context: &Context) -> Change {
    let attempt = payment.attempted();
    let due = context.next_attempt_at(&payment);
    let next_attempt_at = due.filter(|due| !context.policy.is_too_late(&payment, *due));
    let event = Event::AttemptFailed { attempt, unknown: false, code: code.clone(), next_attempt_at };
    let ended = ended(payment, Outcome::NotCharged { code }, context.at);
    Change { payment: Payment { stage: Stage::Ready { next_attempt_at: due }, ..ended }, events: vec![event] }
}

/// The latest attempt, whose outcome was unknown, did not charge: its failure was published and its wait is over.
pub(super) fn not_charged_after_all(payment: Payment, code: String, at: Timestamp) -> Change {
    let ended = ended(payment, Outcome::NotCharged { code }, at);
    Payment { stage: Stage::Ready { next_attempt_at: None }, ..ended }.into()
}

/// The latest attempt may have charged: the gateway is asked when the next attempt would be due.
pub(super) fn unknown(payment: Payment, code: String, context: &Context) -> Change {
    if matches!(payment.stage, Stage::Unknown { .. }) {
        return payment.into();
    }
    let attempt = payment.attempted();
    let due = context.next_attempt_at(&payment);
    let next_attempt_at = due.filter(|due| !context.policy.is_too_late(&payment, *due));
    let event = Event::AttemptFailed { attempt, unknown: true, code: code.clone(), next_attempt_at };
    let ended = ended(payment, Outcome::Unknown { code }, context.at);
    let stage = Stage::Unknown { ask_at: due.unwrap_or(context.at) };
    Change { payment: Payment { stage, ..ended }, events: vec![event] }
}

/// The payment whose latest attempt, if its outcome was open, has come to nothing.
pub(super) fn stopped(mut payment: Payment, at: Timestamp) -> Payment {
    if let Some(latest) = payment.attempts.last_mut()
        && matches!(latest.outcome, Outcome::Pending | Outcome::Unknown { .. })
    {
        latest.outcome = Outcome::Stopped;
        latest.ended_at = latest.ended_at.or(Some(at));
    }
    payment
}

/// The payment with one more attempt.
pub(super) fn begun(mut payment: Payment, started_at: Timestamp) -> Payment {
    payment.attempts.push(Attempt { started_at, ended_at: None, outcome: Outcome::Pending });
    payment
}

/// The payment whose latest attempt has this outcome.
fn ended(mut payment: Payment, outcome: Outcome, at: Timestamp) -> Payment {
    if let Some(latest) = payment.attempts.last_mut() {
        latest.outcome = outcome;
        latest.ended_at = Some(at);
    }
    payment
}
