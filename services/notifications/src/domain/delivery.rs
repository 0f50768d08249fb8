//! The rules: a fact about an order leads to a message, and each message goes out at most once.
//!
//! The channel has no idempotency, so a message that was handed over is never handed over again. A delivery claims it
//! before it sends: one conditional write, which one of several deliveries wins. Afterwards it records the result. A
//! delivery that claims and then dies leaves a message that may or may not have gone out. It is recorded as `Unknown`,
//! reported to operators and support, and not sent again: one customer who has to look up an order is better than a
//! thousand who get mail twice after a crash. The clock only decides when a claim counts as lost. At worst a message is
//! called unknown too early, and its late result corrects that. No clock can make a message go out twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ids::{CustomerId, EventId, NotificationId, OrderId};
use super::message::{Content, Event, Message, SendResult, State};

/// How long a claim lasts: longer than the function may run, so that the delivery which claimed has ended by then.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// The only channel, as a part of a message's identity.
const CHANNEL: &str = "EMAIL";

/// The messages to one order's customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliveries {
    /// The order.
    pub order: OrderId,
    /// The customer who placed it, once that is known.
    pub customer: Option<CustomerId>,
    /// The messages, each with its own id.
    pub messages: BTreeMap<NotificationId, Message>,
}

/// A fact that orders has published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The order was placed by this customer.
    Placed(CustomerId),
    /// The order has ended.
    Ended {
        /// The event that reports it.
        event: EventId,
        /// What the customer is to read.
        content: Content,
    },
}

/// The outcome of applying a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What is known now.
    pub after: Deliveries,
    /// Messages that are claimed now: the delivery that saves `after` sends them.
    pub claimed: Vec<NotificationId>,
    /// The events of messages whose sender has died.
    pub lost: Vec<Event>,
    /// When the earliest claim of another delivery ends, if there is one.
    pub busy_until: Option<Timestamp>,
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
        Self { order, customer: None, messages: BTreeMap::new() }
    }
}

/// Applies a fact, whatever the order in which facts arrive, and claims what can be sent now.
#[must_use]
pub fn apply(before: &Deliveries, fact: &Fact, now: Timestamp) -> Outcome {
    let known = with(before, fact);
    let mut outcome = Outcome { after: known.clone(), claimed: Vec::new(), lost: Vec::new(), busy_until: None };
    for (id, message) in known.messages {
        let next = match message.state {
            State::Waiting => end_before_beginning(known.customer.as_ref(), now),
            State::Claimed { .. } | State::Sent | State::Failed(_) | State::Unknown => {
                crash_between_sending_and_recording(message.state, Input::Delivery(now))
            }
        };
        let (after, event) = message.moved_to(next, &id);
        match next {
            State::Claimed { .. } if next != message.state => outcome.claimed.push(id.clone()),
            State::Claimed { until } => {
                outcome.busy_until = Some(outcome.busy_until.map_or(until, |seen| seen.min(until)));
            }
            State::Waiting | State::Sent | State::Failed(_) | State::Unknown => outcome.lost.extend(event),
        }
        outcome.after.messages.insert(id, after);
    }
    outcome
}

/// What is known with the fact. A fact that is known already changes nothing.
fn with(before: &Deliveries, fact: &Fact) -> Deliveries {
    let mut after = before.clone();
    match fact {
        Fact::Placed(customer) => after.customer = after.customer.or_else(|| Some(customer.clone())),
        Fact::Ended { event, content } => {
            let id = NotificationId::derive(&after.order, content.template().as_str(), CHANNEL);
            let message = || Message { cause: event.clone(), content: content.clone(), state: State::Waiting };
            after.messages.entry(id).or_insert_with(message);
        }
    }
    after
}

/// Race: the end of an order arrives before its beginning. A message that is not claimed waits until its customer is
/// known; the fact that completes the two claims it.
#[must_use]
pub fn end_before_beginning(customer: Option<&CustomerId>, now: Timestamp) -> State {
    match customer {
        None => State::Waiting,
        Some(_) => State::Claimed { until: now.saturating_add(LEASE).unwrap_or(Timestamp::MAX) },
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
        (State::Claimed { until }, Input::Delivery(now)) if until <= now => State::Unknown,
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
pub fn settle(before: &Deliveries, id: &NotificationId, result: SendResult) -> (Deliveries, Option<Event>) {
    let Some(message) = before.messages.get(id) else { return (before.clone(), None) };
    let next = crash_between_sending_and_recording(message.state, Input::Report(result));
    let (message, event) = message.moved_to(next, id);
    let mut after = before.clone();
    after.messages.insert(id.clone(), message);
    (after, event)
}
