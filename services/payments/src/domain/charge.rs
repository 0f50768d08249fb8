//! How a payment is charged: which attempt is due, and what each finding about it leads to.

use jiff::{SignedDuration, Timestamp};

use super::cancel::{failed, forbid};
use super::decision::{Change, Context, Decision, Step, Worker, later};
use super::finding::Finding;
use super::gateway::Call;
use super::outcome::{
    begun, declined, intent_declined, not_charged, not_charged_after_all, not_reached, succeeded, unknown,
};
use super::payment::{Payment, Stage};
use super::repay::repay;

/// What did not reach the card is tried again until so long before the hold's end: then the dead letters still end the order
/// as one whose payment failed. It is also the longest that the gateway is left alone.
const LAST_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What becomes of a payment whose charge is wanted, by its stage and what was found about the charge.
pub(super) fn charge(payment: Payment, found: Finding, context: &Context) -> Decision {
    let at = context.at;
    match (&payment.stage, found) {
        (Stage::Succeeded { .. }, _) => repay(payment.into(), context),
        (Stage::Failed { .. } | Stage::Voided, _) => Change::from(payment).then(Step::Settled),
        (_, Finding::Charged { reference, attempt }) => repay(succeeded(payment, reference, attempt, at), context),
        (_, Finding::Canceled) => failed(payment.into(), at).then(Step::Settled),
        // A decline is final as soon as the gateway has cancelled the intent: a confirmation that arrives late could
        // still charge it.
        (_, Finding::Declined { code }) => due(declined(payment, code, at), context),
        (_, Finding::IntentDeclined { code, begun_at }) => due(intent_declined(payment, code, begun_at, at), context),
        (_, Finding::NotReached { code, retry_after }) => not_now(not_reached(payment), code, retry_after, context),
        (_, Finding::NotCharged { code }) => due(not_charged(payment, code, context), context),
        (_, Finding::NotChargedAfterAll { code }) => due(not_charged_after_all(payment, code, at), context),
        (_, Finding::Unknown { code }) => due(unknown(payment, code, context), context),
        (_, Finding::Nothing) => due(payment.into(), context),
        (_, Finding::Undecided(step)) => Change::from(payment).then(step),
    }
}

/// The step that is due for a charge that is wanted and not yet decided.
fn due(change: Change, context: &Context) -> Decision {
    let payment = &change.payment;
    let is_last = context.worker == Worker::DeadLetters && payment.is_complete();
    match payment.stage {
        Stage::Refused { .. } => forbid(change, context),
        Stage::Ready { .. } if is_last => forbid(change, context),
        Stage::Ready { next_attempt_at } => attempt(change, next_attempt_at, context),
        Stage::Charging { lease_ends_at: due } | Stage::Unknown { ask_at: due } if context.at < due => {
            change.then(Step::Wait { until: due })
        }
        Stage::Charging { .. } | Stage::Unknown { .. } if is_last => forbid(change, context),
        Stage::Charging { .. } | Stage::Unknown { .. } => ask(change, context),
        Stage::Succeeded { .. } | Stage::Failed { .. } | Stage::Voided => change.then(Step::Settled),
    }
}

fn attempt(change: Change, due: Option<Timestamp>, context: &Context) -> Decision {
    let (payment, at, policy) = (&change.payment, context.at, &context.policy);
    let attempt = payment.attempted() + 1;
    match due {
        _ if !payment.is_complete() => change.then(Step::Incomplete),
        _ if policy.is_too_late(payment, due.unwrap_or(at).max(at)) => charge_after_the_hold(change),
        _ if attempt > policy.max_attempts => change.then(Step::Exhausted),
        Some(due) if at < due => change.then(Step::Wait { until: due }),
        Some(_) | None if payment.intent.is_none() => {
            change.then(Step::Call(Call::Create { attempt, begun_at: at, fact: None }))
        }
        Some(_) | None => {
            let stage = Stage::Charging { lease_ends_at: later(at, policy.lease) };
            let payment = Payment { stage, ..begun(change.payment, at) };
            Change { payment, ..change }.then(Step::Call(Call::Confirm { attempt }))
        }
    }
}

/// The gateway cannot be reached, or wants to be left alone: that is no attempt.
fn not_now(payment: Payment, code: String, retry_after: Option<SignedDuration>, context: &Context) -> Decision {
    let is_last = payment.ends_at().is_some_and(|end| later(context.at, LAST_MINUTE) > end);
    let wait = retry_after.map(|wait| wait.min(LAST_MINUTE));
    Change::from(payment).then(if is_last { Step::Exhausted } else { Step::NotNow { code, wait } })
}

/// The race "the hold ends before a charge starts": nothing is charged, whatever the events of the hold's end wait for. A
/// payment that was never attempted waits for them, so that a replay onto a lost table publishes nothing; any other one is
/// over, and the dead letters end it.
fn charge_after_the_hold(change: Change) -> Decision {
    let step = if change.payment.attempts.is_empty() { Step::Incomplete } else { Step::Exhausted };
    change.then(step)
}

/// The latest attempt's invocation is dead, or its outcome is unknown.
fn ask(change: Change, context: &Context) -> Decision {
    let attempt = change.payment.attempted();
    if attempt >= context.policy.max_attempts {
        return change.then(Step::Exhausted);
    }
    change.then(Step::Call(Call::Ask { attempt, code: "abandoned".to_owned() }))
}
