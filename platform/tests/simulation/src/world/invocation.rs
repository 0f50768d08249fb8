//! One invocation: where it comes from and what it does next. Between any two steps others go on, or it dies.

use std::hash::{Hash, Hasher};

use chassis::verdict::Verdict;
use jiff::{SignedDuration, Timestamp};

use super::event::Said;
use super::queue::Consumer;
use super::setting::Service;
use crate::actors::{inventory, notifications, orders, payments};

/// Something that is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What has set it going.
    pub origin: Origin,
    /// The order that it is about.
    pub order: u16,
    /// When it began, as its own clock has it.
    pub began: Timestamp,
    /// How wrong its own clock is.
    pub skew: SignedDuration,
    /// Until then it is held up.
    pub ready_at: Timestamp,
    /// What it does next.
    pub point: Point,
}

/// What sets an invocation going.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A message.
    Message {
        /// Whose queue it comes from.
        consumer: Consumer,
        /// Its name in the queue.
        id: u32,
        /// What it brings.
        event: Said,
        /// How often it was delivered, this time included.
        receives: u32,
    },
    /// The schedule.
    Sweep {
        /// Of which service.
        service: Service,
        /// As of when.
        at: Timestamp,
    },
    /// A client's request.
    Request(Request),
}

/// What a client asks for, until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request {
    /// What.
    pub wish: Asked,
    /// About which order.
    pub order: u16,
    /// When it is sent.
    pub ready_at: Timestamp,
}

/// What a client can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// An order, by its key.
    Place,
    /// That the order is not carried out, for its customer.
    Cancel,
    /// The same, for staff.
    CancelByStaff,
    /// A part of the money back, for staff.
    Refund,
    /// That a service says again how it stands.
    Announce(Service),
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
    /// In any service: it says again how it stands.
    Announce(Service),
    /// Directly after a write, where there is no outbox.
    Publish(Vec<Said>, Box<Point>),
    /// Nothing but to say how it ended.
    End(Ended),
}

/// How an invocation's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is done, or was done before.
    Done,
    /// It is not done.
    Failed {
        /// Whether trying again could help.
        verdict: Verdict,
        /// A stable word for what happened.
        class: &'static str,
    },
}

impl Hash for Ended {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Done => state.write_u8(0),
            Self::Failed { verdict, class } => {
                class.hash(state);
                match verdict {
                    Verdict::Retry => state.write_u8(1),
                    Verdict::RetryIn(wait) => wait.hash(state),
                    Verdict::Park => state.write_u8(2),
                }
            }
        }
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            // Not the message's name: two messages that bring the same are as good as each other.
            Self::Message { consumer, event, receives, .. } => (consumer, event, receives).hash(state),
            Self::Sweep { service, at } => (service, at).hash(state),
            Self::Request(request) => (request.wish, request.order).hash(state),
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
                | Self::Notifications(notifications::Next::Load)
        )
    }
}

impl Asked {
    /// Whom it is asked of.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::Place | Self::Cancel | Self::CancelByStaff => Service::Orders,
            Self::Refund => Service::Payments,
            Self::Announce(service) => service,
        }
    }
}

impl Ended {
    /// The table failed.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Failed { verdict: Verdict::Retry, class: "store_unavailable" }
    }

    /// Others kept writing.
    #[must_use]
    pub fn contended() -> Self {
        Self::Failed { verdict: Verdict::Retry, class: "store_contended" }
    }

    /// A decision could not be put into the contract's words.
    #[must_use]
    pub fn corrupt() -> Self {
        Self::Failed { verdict: Verdict::Park, class: "store_corrupt" }
    }

    /// An error of a service's own.
    pub fn of(error: &impl chassis::verdict::Classify) -> Self {
        Self::Failed { verdict: error.verdict(), class: error.class() }
    }
}

impl Invocation {
    /// The event that it handles, if it is one.
    #[must_use]
    pub fn event(&self) -> Option<&Said> {
        match &self.origin {
            Origin::Message { event, .. } => Some(event),
            Origin::Sweep { .. } | Origin::Request(_) => None,
        }
    }

    /// Who is at work, for people.
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
            Origin::Request(request) => format!("{}/api", request.wish.service().as_str()),
        }
    }
}
