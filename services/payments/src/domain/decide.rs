//! The one entrance of the rules: what follows from an input.
//!
//! [`decide`] is all that the functions, the tests and the simulation have to run. Its caller writes a changed payment,
//! conditional on what was read, **before** it takes the step; if another wrote first, the caller decides again, on
//! what was written, with the same input. What makes that safe:
//!
//! - [`Call::Create`] moves no money, so a hold that makes it due is written with its answer: one write stores the hold,
//!   the intent and the attempt
//! - [`Call::Confirm`] comes only with the write of its attempt, so a cancel that was written first has prevented it
//! - each create has a key of its own, so there may be intents that nobody knows
//! - only the intent in the item is ever confirmed, so an item without one means that nothing was or will be charged;
//!   an intent whose write has lost is never confirmed
//! - a payment with an intent fails or is voided only after the gateway answered that the intent is cancelled
//! - [`Call::Refund`] comes only with the write of its try, and always under the refund's own key

use super::cancel::{cancel_while_charging, reservation_expires_while_charging};
use super::charge::charge;
use super::decision::{Change, Context, Decision, Step, Worker};
use super::finding::{Finding, finding};
use super::gateway::{Call, GatewayAnswer};
use super::ids::IntentId;
use super::payment::{Fact, Hold, Payment};
use super::repay::{gateway_timeout_then_refund, sent};
use super::request::{RefundRequest, request_refund};

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

/// What follows from an input.
#[must_use]
pub fn decide(payment: &Payment, input: Input, context: &Context) -> Decision {
    let payment = payment.clone();
    match input {
        Input::Fact(fact) => {
            let learnt = payment.clone().with(fact.clone(), context.at);
            hold_with_its_intent(payment, fact, proceed(learnt, Finding::Nothing, context))
        }
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
        Input::Answer(Call::Create { attempt, begun_at, fact }, answer) => {
            let learnt = fact.into_iter().fold(payment, |payment, fact| payment.with(fact, context.at));
            created(learnt, Call::Create { attempt, begun_at, fact: None }, answer, context)
        }
        Input::Answer(call @ (Call::Confirm { .. } | Call::Ask { .. } | Call::Cancel), answer) => {
            let finding = finding(&payment, call, answer, context);
            proceed(payment, finding, context)
        }
    }
}

/// The decision on a fact, without the write of a hold that only leads to an intent: nothing is lost if the invocation
/// dies now, because the fact's message comes back.
fn hold_with_its_intent(before: Payment, fact: Fact, decision: Decision) -> Decision {
    match (fact, decision.step) {
        (fact @ Fact::Held { .. }, Step::Call(Call::Create { attempt, begun_at, .. })) => {
            Change::from(before).then(Step::Call(Call::Create { attempt, begun_at, fact: Some(fact) }))
        }
        (_, step) => Decision { step, ..decision },
    }
}

/// What follows from the answer to the creation of an intent.
fn created(payment: Payment, create: Call, answer: GatewayAnswer, context: &Context) -> Decision {
    if let GatewayAnswer::Open(intent) = answer {
        return proceed(with_intent(payment, intent), Finding::Nothing, context);
    }
    let finding = finding(&payment, create, answer, context);
    proceed(payment, finding, context)
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

/// The payment with the intent that was made or found for it, written before anything can be charged through it.
fn with_intent(payment: Payment, intent: IntentId) -> Payment {
    if payment.is_open() { Payment { intent: payment.intent.or(Some(intent)), ..payment } } else { payment }
}
