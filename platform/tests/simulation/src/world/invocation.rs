//! One invocation: its origin and its next step. Between two steps, other invocations run, or this one dies.

use std::hash::{Hash, Hasher};

use chassis::verdict::Verdict;
use jiff::{SignedDuration, Timestamp};

use super::event::SharedEvent;
use super::queue::Consumer;
use super::setting::Service;
use crate::actors::{adjust, inventory, notifications, orders, payments};

/// A running invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What started it.
    pub origin: Origin,
    /// The order that it is about.
    pub order: u16,
    /// When it began, by its own clock.
    pub began: Timestamp,
    /// The error of its clock.
    pub skew: SignedDuration,
    /// It is delayed until then.
    pub ready_at: Timestamp,
    /// Its next step.
    pub point: Point,
}

/// What starts an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A message.
    Message {
        /// The consumer of its queue.
        consumer: Consumer,
        /// Its id in the queue.
        id: u32,
        /// Its event.
        event: SharedEvent,
        /// The number of deliveries, including this one.
        receives: u32,
    },
    /// The schedule.
    Sweep {
        /// The service.
        service: Service,
        /// The time that the sweep uses.
        at: Timestamp,
    },
    /// A client's request.
    Request(Request),
}

/// A client's request, until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request {
    /// The kind of request.
    pub kind: RequestKind,
    /// The order that it is about.
    pub order: u16,
    /// When it is sent.
    pub ready_at: Timestamp,
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Place an order, with an idempotency key.
    Place,
    /// Cancel an order, as its customer.
    Cancel,
    /// Cancel an order, as staff.
    CancelByStaff,
    /// Refund a part of the charge, as staff.
    Refund,
    /// Refund all of the charge, as staff.
    RefundAll,
    /// Make a service announce an aggregate again.
    Announce(Service),
    /// Adjust the stock of a sku, as staff: the planned adjustment of this number. The order is one that wants the sku.
    Adjust(u16),
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Point {
    /// In the orders service.
    Orders(orders::Next),
    /// In the inventory service.
    Inventory(inventory::Next),
    /// In the payments service.
    Payments(payments::Next),
    /// In the notifications service.
    Notifications(notifications::Next),
    /// In the inventory service: staff adjust stock.
    Adjust(adjust::Next),
    /// In any service: it announces an aggregate again.
    Announce(Service),
    /// Publishes directly after a write, in a design without an outbox.
    Publish(Vec<SharedEvent>, Box<Point>),
    /// Reports how it ended.
    End(Completion),
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Its work is done, or was done before.
    Done,
    /// Its work is not done.
    Failed {
        /// Whether a retry could help.
        verdict: Verdict,
        /// The class of the error.
        class: &'static str,
    },
}

impl Hash for Completion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Done => state.write_u8(0),
            Self::Failed { verdict, class } => {
                class.hash(state);
                match verdict {
                    Verdict::Retry => state.write_u8(1),
                    Verdict::RetryIn(wait) => wait.hash(state),
                    Verdict::RetryFor(limit) => limit.hash(state),
                    Verdict::Park => state.write_u8(2),
                    Verdict::Suspect => state.write_u8(3),
                }
            }
        }
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            // Not the message's id: two messages with the same event are equivalent.
            Self::Message { consumer, event, receives, .. } => (consumer, event, receives).hash(state),
            Self::Sweep { service, at } => (service, at).hash(state),
            Self::Request(request) => (request.kind, request.order).hash(state),
        }
    }
}

impl Point {
    /// Whether the next step only reads, and another follows.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(
            self,
            Self::Orders(orders::Next::Load)
                | Self::Inventory(inventory::Next::Load { .. })
                | Self::Payments(payments::Next::Load)
        )
    }
}

impl RequestKind {
    /// The service that receives it.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::Place | Self::Cancel | Self::CancelByStaff => Service::Orders,
            Self::Refund | Self::RefundAll => Service::Payments,
            Self::Announce(service) => service,
            Self::Adjust(_) => Service::Inventory,
        }
    }
}

impl Completion {
    /// The table failed.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Failed { verdict: Verdict::Retry, class: "store_unavailable" }
    }

    /// Every attempt to write conflicted.
    #[must_use]
    pub fn contended() -> Self {
        Self::Failed { verdict: Verdict::Retry, class: "store_contended" }
    }

    /// A decision could not be written as an event of the contracts.
    #[must_use]
    pub fn corrupt() -> Self {
        Self::Failed { verdict: Verdict::Park, class: "store_corrupt" }
    }

    /// An error of the service.
    pub fn of(error: &impl chassis::verdict::Classify) -> Self {
        Self::Failed { verdict: error.verdict(), class: error.class() }
    }
}

impl Invocation {
    /// The event that it handles, if any.
    #[must_use]
    pub fn event(&self) -> Option<&SharedEvent> {
        match &self.origin {
            Origin::Message { event, .. } => Some(event),
            Origin::Sweep { .. } | Origin::Request(_) => None,
        }
    }

    /// The actor's name in a trace.
    #[must_use]
    pub fn who(&self) -> String {
        match &self.origin {
            Origin::Message { consumer, event, receives: 1, .. } => {
                format!("{} on {}", consumer.as_str(), event.name())
            }
            Origin::Message { consumer, event, receives, .. } => {
                format!("{} on {} (delivery {receives})", consumer.as_str(), event.name())
            }
            Origin::Sweep { service, .. } => format!("{}/sweep", service.as_str()),
            Origin::Request(request) => format!("{}/api", request.kind.service().as_str()),
        }
    }
}
