//! How a payment ends without a charge: the gateway forbids the charge first, then the end is published. The gateway
//! may answer that it has charged already; then the payment has succeeded, and the money of a cancelled order goes back.

use jiff::Timestamp;

use super::attempt::Outcome;
use super::decision::{Change, Context, Decision, Step};
use super::finding::Finding;
use super::gateway::Call;
use super::outcome::{
    declined, intent_declined, not_charged, not_charged_after_all, not_reached, stopped, succeeded, unknown,
};
use super::payment::{Event, Failure, Hold, Payment, Stage};
use super::refund::Reason;
use super::repay::{owed, repay};

/// The call after which nothing can be charged.
const FORBID: Step = Step::Call(Call::Cancel);

/// The race "cancel while the charge is in flight": what becomes of the payment of a cancelled order, by its stage and
/// what was found about its charge. Cancel and charge meet at the gateway, and whichever comes first wins.
pub(super) fn cancel_while_charging(payment: Payment, found: Finding, context: &Context) -> Decision {
    let at = context.at;
    match (&payment.stage, found) {
        // It had ended before the cancel came: what was charged goes back.
        (Stage::Succeeded { .. }, _) => repay(owed(payment.into(), Reason::Cancelled, at), context),
        (Stage::Failed { .. } | Stage::Voided, _) => Change::from(payment).then(Step::Settled),
        // The charge won: it is published, and the money goes back.
        (_, Finding::Charged { reference, attempt }) => {
            repay(owed(succeeded(payment, reference, attempt, at), Reason::LateSuccess, at), context)
        }
        // The cancel won: nothing was charged, and nothing ever will be.
        (_, Finding::Canceled) => voided(payment, at).then(Step::Settled),
        (_, _) if payment.intent.is_none() => cancel_before_order_created(payment, at),
        // Neither has won yet: what the attempt has met is written, and the gateway is to forbid the charge.
        (_, Finding::Declined { code }) => declined(payment, code, at).then(FORBID),
        (_, Finding::IntentDeclined { code, begun_at }) => intent_declined(payment, code, begun_at, at).then(FORBID),
        (_, Finding::NotReached { .. }) => Change::from(not_reached(payment)).then(FORBID),
        (_, Finding::NotCharged { code }) => not_charged(payment, code, context).then(FORBID),
        (_, Finding::NotChargedAfterAll { code }) => not_charged_after_all(payment, code, at).then(FORBID),
        (_, Finding::Unknown { code }) => unknown(payment, code, context).then(FORBID),
        (_, Finding::Nothing) => Change::from(payment).then(FORBID),
        (_, Finding::Undecided(step)) => Change::from(payment).then(step),
    }
}

/// The race "cancel reaches payments before OrderCreated", or before any call to the gateway: there is no intent, so
/// nothing was or will be charged. The void stays as a tombstone for the facts that come later, and an invocation that
/// is about to write an attempt finds it instead.
fn cancel_before_order_created(payment: Payment, at: Timestamp) -> Decision {
    voided(payment, at).then(Step::Settled)
}

/// The race "reservation expires while charging": until the charge or its end has won, the calls are those of a cancel.
pub(super) fn reservation_expires_while_charging(payment: Payment, found: Finding, context: &Context) -> Decision {
    let at = context.at;
    match (&payment.stage, found) {
        (Stage::Succeeded { .. }, _) => repay(payment.into(), context),
        (Stage::Failed { .. } | Stage::Voided, _) => Change::from(payment).then(Step::Settled),
        // The charge won. Orders decides whether the money goes back, by cancelling.
        (_, Finding::Charged { reference, attempt }) => repay(succeeded(payment, reference, attempt, at), context),
        // The end of the hold won, or came before any call to the gateway.
        (_, Finding::Canceled) => failed(payment.into(), at).then(Step::Settled),
        (_, _) if payment.intent.is_none() => failed(payment.into(), at).then(Step::Settled),
        (
            _,
            neither @ (Finding::Declined { .. }
            | Finding::IntentDeclined { .. }
            | Finding::NotReached { .. }
            | Finding::NotCharged { .. }
            | Finding::NotChargedAfterAll { .. }
            | Finding::Unknown { .. }
            | Finding::Nothing
            | Finding::Undecided(_)),
        ) => cancel_while_charging(payment, neither, context),
    }
}

/// Ends a payment that is not to be attempted again, declined or given up by the dead letters: the gateway forbids the
/// charge first. Without an intent there is nothing that could be charged.
pub(super) fn forbid(change: Change, context: &Context) -> Decision {
    if change.payment.intent.is_some() { change.then(FORBID) } else { failed(change, context.at).then(Step::Settled) }
}

/// The order was cancelled, and nothing can be charged.
fn voided(payment: Payment, at: Timestamp) -> Change {
    let payment = Payment { stage: Stage::Voided, ..stopped(payment, at) };
    Change { payment, events: vec![Event::Voided] }
}

/// Nothing can be charged, although the order was not cancelled.
pub(super) fn failed(change: Change, at: Timestamp) -> Change {
    let Change { payment, mut events } = change;
    let (category, code) = match (&payment.stage, &payment.hold) {
        (Stage::Refused { code }, _) => (Failure::Declined, code.clone()),
        (_, Hold::Gone) => (Failure::ReservationGone, "reservation_gone".to_owned()),
        (_, Hold::Unknown | Hold::Held { .. }) => (Failure::Exhausted, last_code(&payment)),
    };
    events.push(Event::Failed { category, code: code.clone() });
    Change { payment: Payment { stage: Stage::Failed { category, code }, ..stopped(payment, at) }, events }
}

/// The reason of the latest attempt's failure; without one, the gateway has cancelled the intent, or never made one.
fn last_code(payment: &Payment) -> String {
    match payment.attempts.last().map(|attempt| &attempt.outcome) {
        Some(Outcome::NotCharged { code } | Outcome::Unknown { code } | Outcome::Declined { code }) => code.clone(),
        Some(Outcome::Pending | Outcome::Charged | Outcome::Stopped) => "canceled".to_owned(),
        None => "gateway_unavailable".to_owned(),
    }
}
