//! The rules: the end of an order leads to a message, and each message goes out at most once.
//!
//! The channel has no idempotency, so a message that was handed over is never handed over again. A delivery claims it
//! before it sends: one conditional write, which one of several deliveries wins. Afterwards it records the result. A
//! delivery that claims and then dies leaves a message that may or may not have gone out. It is recorded as `Unknown`,
//! reported to operators and support, and not sent again: one customer who has to look up an order is better than a
//! thousand who get mail twice after a crash. The clock only decides when a claim counts as lost. At worst a message is
//! called unknown too early, and its late result corrects that. No clock can make a message go out twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ids::{ClaimId, CustomerId, NotificationId, OrderId};
use super::message::{Content, Event, Failure, SendResult, State, Template};
use super::resend::Resend;

/// How long a claim lasts: longer than the function may run, so that the delivery which claimed has ended by then.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// The only channel, as a part of a message's identity.
const CHANNEL: &str = "EMAIL";

/// The messages to one order's customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliveries {
    /// The order.
    pub order: OrderId,
    /// How far each message is; one that is not here was never claimed.
    pub messages: BTreeMap<Template, State>,
    /// What each message says, and to whom; not known of one that an earlier version has claimed.
    pub facts: BTreeMap<Template, Fact>,
    /// The latest attempt to send each message that has ended; not known of one that an earlier version has sent.
    pub attempts: BTreeMap<Template, ClaimId>,
    /// The latest request of support to send each message again.
    pub resends: BTreeMap<Template, Resend>,
}

/// The end of an order, as orders has published it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The customer who placed the order; none in an event that is older than this field.
    pub customer: Option<CustomerId>,
    /// What the customer is to read.
    pub content: Content,
}

/// What a delivery of a fact has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Save this: it claims the message. Then send it.
    Claim {
        /// What is to be known now.
        after: Deliveries,
        /// Whom to notify.
        customer: CustomerId,
    },
    /// Send the message: this delivery has claimed it already.
    Send {
        /// Whom to notify.
        customer: CustomerId,
    },
    /// Save this and publish the event: the message is not sent.
    GiveUp {
        /// What is to be known now.
        after: Deliveries,
        /// What became of the message.
        event: Event,
    },
    /// Wait: another delivery has claimed the message until this time.
    Wait(Timestamp),
    /// Nothing: it is known what became of the message.
    Nothing,
}

/// What can happen to a message that a delivery has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A fact about the order is delivered at this time.
    Delivery(Timestamp),
    /// The delivery that claimed the message reports how sending it went.
    Report(SendResult),
}

impl Deliveries {
    /// An order of which nothing is known.
    #[must_use]
    pub fn none(order: OrderId) -> Self {
        let (messages, facts, attempts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { order, messages, facts, attempts, resends: BTreeMap::new() }
    }

    /// Names the message that is made from a template.
    #[must_use]
    pub fn id(&self, template: Template) -> NotificationId {
        NotificationId::derive(&self.order, template.as_str(), CHANNEL)
    }

    /// The message with this id, if it was ever claimed.
    #[must_use]
    pub fn template(&self, id: &NotificationId) -> Option<Template> {
        self.messages.keys().copied().find(|template| self.id(*template) == *id)
    }

    /// How far a message is.
    #[must_use]
    pub fn state(&self, template: Template) -> State {
        self.messages.get(&template).copied().unwrap_or(State::Waiting)
    }

    /// With what a message says.
    fn saying(&self, fact: &Fact) -> Self {
        let mut after = self.clone();
        after.facts.insert(fact.content.template(), fact.clone());
        after
    }

    /// With a message in its next state, and the event to publish if something else became of it.
    pub(super) fn moved(&self, template: Template, next: State) -> (Self, Option<Event>) {
        let (mut after, state) = (self.clone(), self.state(template));
        if next == state {
            return (after, None);
        }
        if let State::Claimed { by: Some(by), .. } = state {
            after.attempts.insert(template, by);
        }
        after.messages.insert(template, next);
        (after, next.fate().map(|fate| Event { notification: self.id(template), template, fate }))
    }
}

/// Applies a fact: claims its message for the attempt `claim`, unless another delivery has.
#[must_use]
pub fn apply(before: &Deliveries, fact: &Fact, claim: ClaimId, now: Timestamp) -> Outcome {
    let template = fact.content.template();
    let state = before.state(template);
    if let Some(customer) = fact.customer.as_ref().filter(|_| claim_without_its_answer(state, claim)) {
        return Outcome::Send { customer: customer.clone() };
    }
    let next = match state {
        State::Waiting => end_without_a_customer(fact.customer.as_ref(), claim, now),
        State::Claimed { .. } | State::Sent | State::Failed(_) | State::Unknown => {
            crash_between_sending_and_recording(state, Input::Delivery(now))
        }
    };
    match (before.saying(fact).moved(template, next), next, &fact.customer) {
        ((after, Some(event)), ..) => Outcome::GiveUp { after, event },
        ((after, None), State::Claimed { .. }, Some(customer)) if next != state => {
            Outcome::Claim { after, customer: customer.clone() }
        }
        (_, State::Claimed { until, .. }, _) => Outcome::Wait(until),
        (_, State::Waiting | State::Sent | State::Failed(_) | State::Unknown, _) => Outcome::Nothing,
    }
}

/// A message that is not claimed is claimed by the fact that arrives. One that names no customer cannot be sent: it is
/// published as failed, so that support sees it, and is not a dead letter, because no redrive would find a customer.
#[must_use]
pub fn end_without_a_customer(customer: Option<&CustomerId>, claim: ClaimId, now: Timestamp) -> State {
    match customer {
        None => State::Failed(Failure::NoAddress),
        Some(_) => State::Claimed { until: claim_until(now), by: Some(claim) },
    }
}

/// When a claim of this moment counts as lost.
pub(super) fn claim_until(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(Timestamp::MAX)
}

/// Race: a claim is written, its answer is lost, and the write is repeated. The repetition finds a claim that is its own:
/// nobody else will send the message, and this delivery has not yet. A later delivery is another attempt.
#[must_use]
pub fn claim_without_its_answer(state: State, claim: ClaimId) -> bool {
    match state {
        State::Claimed { by: Some(by), .. } => by == claim,
        State::Claimed { by: None, .. } | State::Waiting | State::Sent | State::Failed(_) | State::Unknown => false,
    }
}

/// Race: the delivery that sends a message crashes before it records the result, or another one looks meanwhile.
///
/// | | a delivery, before the claim ends | a delivery, after it | sent, failed or unknown | not sent |
/// |---|---|---|---|---|
/// | waiting | waiting | waiting | waiting | waiting |
/// | claimed | claimed: the other one may be at work | unknown | as reported | waiting |
/// | sent, failed | unchanged | unchanged | unchanged | unchanged |
/// | unknown | unknown | unknown | as reported, late | waiting |
#[must_use]
pub fn crash_between_sending_and_recording(state: State, input: Input) -> State {
    match (state, input) {
        (State::Claimed { until, .. }, Input::Delivery(now)) if until <= now => State::Unknown,
        (State::Claimed { .. } | State::Unknown, Input::Delivery(_))
        | (State::Waiting | State::Sent | State::Failed(_), Input::Delivery(_) | Input::Report(_)) => state,
        (State::Claimed { .. } | State::Unknown, Input::Report(SendResult::Sent)) => State::Sent,
        (State::Claimed { .. } | State::Unknown, Input::Report(SendResult::Failed(failure))) => State::Failed(failure),
        (State::Claimed { .. } | State::Unknown, Input::Report(SendResult::NotSent)) => State::Waiting,
        (State::Claimed { .. } | State::Unknown, Input::Report(SendResult::Unknown)) => State::Unknown,
    }
}

/// Records how sending a message went, and the event to publish of it.
#[must_use]
pub fn settle(before: &Deliveries, template: Template, result: SendResult) -> (Deliveries, Option<Event>) {
    let next = crash_between_sending_and_recording(before.state(template), Input::Report(result));
    before.moved(template, next)
}
