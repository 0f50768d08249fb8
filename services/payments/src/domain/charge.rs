//! How a payment is charged: attempts, what the gateway's answers say about them, and what each answer leads to.

mod finding;

use jiff::{SignedDuration, Timestamp};

use super::cancel::{failed, forbid};
use super::decision::{Change, Context, Decision, Step, Worker, later};
use super::gateway::Call;
use super::ids::IntentId;
use super::payment::{Event, Payment, Stage};
use super::refund::repay;

pub(super) use finding::{Finding, finding};

/// What the installation has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargePolicy {
    /// How often a charge is tried.
    pub max_attempts: u32,
    /// How long the second attempt waits; each further one waits twice as long. The same goes for refunds.
    pub backoff: SignedDuration,
    /// How long an attempt is taken to be under way: longer than the gateway's timeout.
    pub lease: SignedDuration,
}

/// One attempt to charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was begun.
    pub started_at: Timestamp,
    /// When its outcome was learnt, as far as it was.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an attempt. `code` is the gateway's or the network's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is known yet.
    Pending,
    /// It charged.
    Charged,
    /// The gateway refused the way to pay.
    Declined {
        /// The gateway's reason.
        code: String,
    },
    /// It did not charge; another attempt may.
    NotCharged {
        /// Why it did not.
        code: String,
    },
    /// It may have charged.
    Unknown {
        /// Why its outcome is unknown.
        code: String,
    },
    /// The intent was cancelled under it.
    Stopped,
}

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
        (_, Finding::NoIntent { code, begun_at }) => due(no_intent(payment, code, begun_at, context), context),
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
        _ if attempt > policy.max_attempts => change.then(Step::Exhausted),
        Some(due) if at < due => change.then(Step::Wait { until: due }),
        Some(_) | None if payment.intent.is_none() => change.then(Step::Call(Call::Create { attempt, begun_at: at })),
        Some(_) | None => {
            let stage = Stage::Charging { lease_ends_at: later(at, policy.lease) };
            let payment = Payment { stage, ..begun(change.payment, at) };
            Change { payment, ..change }.then(Step::Call(Call::Confirm { attempt }))
        }
    }
}

/// The latest attempt's invocation is dead, or its outcome is unknown.
fn ask(change: Change, context: &Context) -> Decision {
    let attempt = change.payment.attempted();
    if attempt >= context.policy.max_attempts {
        return change.then(Step::Exhausted);
    }
    change.then(Step::Call(Call::Ask { attempt, code: "abandoned".to_owned() }))
}

/// The payment with the intent that was made or found for it, written before anything can be charged through it.
pub(super) fn with_intent(payment: Payment, intent: IntentId) -> Payment {
    if payment.is_open() { Payment { intent: payment.intent.or(Some(intent)), ..payment } } else { payment }
}

/// The amount was charged, by this attempt.
pub(super) fn succeeded(payment: Payment, reference: IntentId, attempt: u32, at: Timestamp) -> Change {
    let mut payment = stopped(payment, at);
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    if let Some(charged) = payment.attempts.get_mut(index) {
        charged.outcome = Outcome::Charged;
        charged.ended_at = Some(at);
    }
    payment.stage = Stage::Succeeded { reference: reference.clone(), attempt };
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

/// No intent was made: the attempt is written with its outcome.
pub(super) fn no_intent(payment: Payment, code: String, begun_at: Timestamp, context: &Context) -> Change {
    not_charged(begun(payment, begun_at), code, context)
}

/// The latest attempt did not charge: the next one waits.
pub(super) fn not_charged(payment: Payment, code: String, context: &Context) -> Change {
    let attempt = payment.attempted();
    let next_attempt_at = context.next_attempt_at(attempt);
    let event = Event::AttemptFailed { attempt, unknown: false, code: code.clone(), next_attempt_at };
    let ended = ended(payment, Outcome::NotCharged { code }, context.at);
    Change { payment: Payment { stage: Stage::Ready { next_attempt_at }, ..ended }, events: vec![event] }
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
    let next_attempt_at = context.next_attempt_at(attempt);
    let event = Event::AttemptFailed { attempt, unknown: true, code: code.clone(), next_attempt_at };
    let ended = ended(payment, Outcome::Unknown { code }, context.at);
    let stage = Stage::Unknown { ask_at: next_attempt_at.unwrap_or(context.at) };
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
fn begun(mut payment: Payment, started_at: Timestamp) -> Payment {
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

impl ChargePolicy {
    /// How long to wait after this many tries: twice as long each time.
    pub(super) fn wait_after(&self, tries: u32) -> SignedDuration {
        let doubled = 1_i32.checked_shl(tries.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i32::MAX);
        self.backoff.saturating_mul(doubled)
    }
}

impl Context {
    /// When the attempt after this one is due, if there is one.
    fn next_attempt_at(&self, attempt: u32) -> Option<Timestamp> {
        (attempt < self.policy.max_attempts).then(|| later(self.at, self.policy.wait_after(attempt)))
    }
}
