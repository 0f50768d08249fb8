//! What an order's customer is told, and how far each message is.
//!
//! The channel has no idempotency: a message that was handed over is never handed over again. So it is claimed before
//! (one conditional write that only one of several deliveries wins) and settled after. Who claims and then vanishes
//! leaves a message of which nobody knows whether it went out: it is settled as `Unknown`, told to operators and
//! support, and not sent again. We would rather have one customer look up an order than write to a thousand twice after
//! a crash. A clock only decides when a claim counts as lost; at worst a message is called unknown too early, and its
//! late result still corrects that. No clock can make a message go out twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ids::{CustomerId, EventId, NotificationId, OrderId};
use super::money::Money;

/// How long a claim is waited for. Longer than the function may run, so that who has claimed has ended by then.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// What is known of one order, as far as its customer is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliveries {
    /// The order.
    pub order: OrderId,
    /// Who placed it, once that is known.
    pub customer: Option<CustomerId>,
    /// The messages, each with its own id.
    pub messages: BTreeMap<NotificationId, Message>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The event that it is about.
    pub cause: EventId,
    /// What it says.
    pub content: Content,
    /// How far it is.
    pub state: State,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The order is complete, and this is its total.
    Completed(Money),
    /// The order was cancelled.
    Cancelled(CancelReason),
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// The customer asked for it.
    Customer,
    /// A line could not be held.
    OutOfStock,
    /// The payment failed for good.
    PaymentFailed,
    /// The hold ran out before the payment succeeded.
    ReservationExpired,
    /// The order was open for too long.
    TimedOut,
    /// Staff cancelled it.
    Staff,
    /// For a reason that this version has no words for.
    Other,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody is sending it.
    Waiting,
    /// Somebody is sending it, or vanished while doing so.
    Claimed {
        /// When the claim counts as lost.
        until: Timestamp,
    },
    /// The channel took it.
    Sent,
    /// It will not be sent.
    Failed(Failure),
    /// It may or may not have been sent, and will not be sent again.
    Unknown,
}

/// Why a message will not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The customer has left no address.
    NoAddress,
    /// The channel refused it for good.
    Refused,
}

/// Something that orders has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The order was placed by this customer.
    Placed(CustomerId),
    /// The order has ended.
    Ended {
        /// The event that says so.
        event: EventId,
        /// What the customer is told.
        content: Content,
    },
}

/// What came of an attempt to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took the message.
    Sent,
    /// It will not be sent.
    Failed(Failure),
    /// It was certainly not sent, and may be tried again.
    NotSent,
    /// Nobody knows.
    Unknown,
}

/// Something that notifications has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The message.
    pub notification: NotificationId,
    /// The event that the message is about.
    pub cause: EventId,
    /// What it was made from.
    pub template: Template,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a message, as the others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The channel took it.
    Sent,
    /// It will not be sent.
    Failed(Failure),
    /// Nobody knows, and it will not be sent again. A late result may still correct this.
    Unknown,
}

/// What a message is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The order is complete.
    OrderCompleted,
    /// The order was cancelled.
    OrderCancelled,
}

/// What is to be done after a fact was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What is known now.
    pub after: Deliveries,
    /// Messages that are now claimed: whoever writes `after` sends them.
    pub claimed: Vec<NotificationId>,
    /// What the others are told of messages whose sender has vanished.
    pub lost: Vec<Event>,
    /// When the earliest claim of another sender ends, if there is one.
    pub busy_until: Option<Timestamp>,
}

impl Deliveries {
    /// An order of which nothing is known.
    #[must_use]
    pub fn none(order: OrderId) -> Self {
        Self { order, customer: None, messages: BTreeMap::new() }
    }
}

impl Message {
    /// Moves on. The others are told each time that something else became of the message.
    fn settle(&mut self, id: &NotificationId, state: State) -> Option<Event> {
        let fate = match state {
            _ if state == self.state => None,
            State::Waiting | State::Claimed { .. } => None,
            State::Sent => Some(Fate::Sent),
            State::Failed(failure) => Some(Fate::Failed(failure)),
            State::Unknown => Some(Fate::Unknown),
        };
        self.state = state;
        let (cause, template) = (self.cause.clone(), self.content.template());
        fate.map(|fate| Event { notification: id.clone(), cause, template, fate })
    }
}

impl Content {
    /// What the message is made from.
    #[must_use]
    pub fn template(&self) -> Template {
        match self {
            Self::Completed(_) => Template::OrderCompleted,
            Self::Cancelled(_) => Template::OrderCancelled,
        }
    }
}

impl Template {
    /// The template's name, also a part of the message's identity.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderCompleted => "ORDER_COMPLETED",
            Self::OrderCancelled => "ORDER_CANCELLED",
        }
    }
}

/// The one channel that there is, as a part of a message's identity.
const CHANNEL: &str = "EMAIL";

/// Takes in a fact, in whatever order facts come, and claims what can be sent now.
#[must_use]
pub fn hear(before: &Deliveries, fact: &Fact, now: Timestamp) -> Heard {
    let mut heard = Heard { after: absorb(before, fact), claimed: Vec::new(), lost: Vec::new(), busy_until: None };
    let customer_known = heard.after.customer.is_some();
    for (id, message) in &mut heard.after.messages {
        match message.state {
            State::Waiting if customer_known => {
                message.state = State::Claimed { until: now.saturating_add(LEASE).unwrap_or(Timestamp::MAX) };
                heard.claimed.push(id.clone());
            }
            State::Claimed { until } if until <= now => heard.lost.extend(message.settle(id, State::Unknown)),
            State::Claimed { until } => heard.busy_until = Some(heard.busy_until.map_or(until, |seen| seen.min(until))),
            State::Waiting | State::Sent | State::Failed(_) | State::Unknown => {}
        }
    }
    heard
}

fn absorb(before: &Deliveries, fact: &Fact) -> Deliveries {
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

/// What came of sending a message, and what the others are told of it.
#[must_use]
pub fn settle(before: &Deliveries, id: &NotificationId, outcome: Outcome) -> (Deliveries, Option<Event>) {
    let mut after = before.clone();
    let Some(message) = after.messages.get_mut(id) else { return (after, None) };
    let state = match (message.state, outcome) {
        (State::Waiting | State::Sent | State::Failed(_), _) => return (after, None),
        (State::Claimed { .. } | State::Unknown, Outcome::Sent) => State::Sent,
        (State::Claimed { .. } | State::Unknown, Outcome::Failed(failure)) => State::Failed(failure),
        (State::Claimed { .. } | State::Unknown, Outcome::NotSent) => State::Waiting,
        (State::Claimed { .. } | State::Unknown, Outcome::Unknown) => State::Unknown,
    };
    let event = message.settle(id, state);
    (after, event)
}
