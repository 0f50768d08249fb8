//! What follows from an input: the payment as it is to be written, the events, and the next step.
//!
//! [`decide`] is all that the functions, the tests and the simulation have to run. Its caller writes a changed payment,
//! conditional on what was read, **before** it takes the step; if another wrote first, the caller decides again, on
//! what was written, with the same input. What makes that safe:
//!
//! - [`Call::Confirm`] comes only with the write of its attempt, so a cancel that was written first has prevented it
//! - the intent is in the item before it is confirmed, so an item without one means that nothing was or will be charged
//! - a payment with an intent fails or is voided only after the gateway answered that the intent is cancelled
//! - [`Call::Refund`] comes only with the write of its try, and always under the refund's own key

use jiff::{SignedDuration, Timestamp};

use super::cancel::{cancel_while_charging, reservation_expires_while_charging};
use super::charge::{ChargePolicy, Finding, charge, finding, with_intent};
use super::gateway::{Call, GatewayAnswer};
use super::payment::{Event, Fact, Hold, Payment};
use super::refund::{RefundRequest, gateway_timeout_then_refund, request_refund, sent};

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// The consumer of the service's queue: it attempts, and attempts again.
    Queue,
    /// The consumer of the dead letters: it attempts nothing, it ends what is open.
    DeadLetters,
    /// The sweep, and staff's requests: they go on with refunds, and leave charges to the queue.
    Sweep,
}

/// What a rule looks at apart from the payment and the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Who decides.
    pub worker: Worker,
    /// What the installation has chosen.
    pub policy: ChargePolicy,
    /// When the decision is made.
    pub at: Timestamp,
}

/// What a decision is made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Another service's event.
    Fact(Fact),
    /// The gateway's answer to a call.
    Answer(Call, GatewayAnswer),
    /// Staff request a refund. A granted one is in the payment; [`request_refund`] says why another is not.
    Refund(RefundRequest),
    /// The clock: something may be due.
    Due,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The payment; to be written if it changed.
    pub payment: Payment,
    /// What the change makes true.
    pub events: Vec<Event>,
    /// What to do after the write.
    pub step: Step,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Call the gateway and decide on its answer.
    Call(Call),
    /// The payment is settled: the message is done with. A refund that is still open is the sweep's.
    Settled,
    /// Another message brings or does what is missing: this one is done with.
    Incomplete,
    /// Retry later. The message must stay: its payment is not settled.
    Wait {
        /// When to retry.
        until: Timestamp,
    },
    /// The gateway did not answer the question: retry. The message must stay.
    Unanswered {
        /// What came instead.
        code: String,
    },
    /// No attempt is left: the message goes to the dead letters.
    Exhausted,
}

/// What follows from an input.
#[must_use]
pub fn decide(payment: &Payment, input: Input, context: &Context) -> Decision {
    let payment = payment.clone();
    match input {
        Input::Fact(fact) => proceed(payment.with(fact, context.at), Finding::Nothing, context),
        Input::Refund(request) => {
            let granted = request_refund(&payment, &request, context.at).unwrap_or(payment);
            proceed(granted, Finding::Nothing, context)
        }
        Input::Due => proceed(payment, Finding::Nothing, context),
        Input::Answer(Call::Refund { refund, attempt, .. }, answer) => {
            sent(payment, &refund, attempt, &answer, context)
        }
        Input::Answer(Call::AskRefund { refund, attempt }, answer) => {
            gateway_timeout_then_refund(payment, &refund, attempt, &answer, context)
        }
        Input::Answer(Call::Create { .. }, GatewayAnswer::Open(intent)) => {
            proceed(with_intent(payment, intent), Finding::Nothing, context)
        }
        Input::Answer(
            call @ (Call::Create { .. } | Call::Confirm { .. } | Call::Ask { .. } | Call::Cancel),
            answer,
        ) => {
            let finding = finding(&payment, call, answer, context);
            proceed(payment, finding, context)
        }
    }
}

/// The rule that the payment is under: its order is cancelled, its hold is gone, or its charge is wanted.
fn proceed(payment: Payment, finding: Finding, context: &Context) -> Decision {
    if context.worker == Worker::Sweep && payment.is_open() {
        return Change::from(payment).then(Step::Incomplete);
    }
    match (&payment.cancelled_at, &payment.hold) {
        (Some(_), _) => cancel_while_charging(payment, finding, context),
        (None, Hold::Gone) => reservation_expires_while_charging(payment, finding, context),
        (None, Hold::Unknown | Hold::Held { .. }) => charge(payment, finding, context),
    }
}

/// A payment that a rule has changed, and the events that this makes true.
pub(super) struct Change {
    pub(super) payment: Payment,
    pub(super) events: Vec<Event>,
}

impl Change {
    /// The decision to write it and take a step.
    pub(super) fn then(self, step: Step) -> Decision {
        Decision { payment: self.payment, events: self.events, step }
    }
}

impl From<Payment> for Change {
    fn from(payment: Payment) -> Self {
        Self { payment, events: Vec::new() }
    }
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
