//! A message to an order's customer: its content, how far it is, and the event that is published of it.

use jiff::Timestamp;

use super::ids::{ClaimId, NotificationId};
use super::money::Money;

/// The content of a message.
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
    /// A line could not be reserved.
    OutOfStock,
    /// The payment failed for good.
    PaymentFailed,
    /// The reservation expired before the payment succeeded.
    ReservationExpired,
    /// The order was open for too long.
    TimedOut,
    /// Staff cancelled it.
    Staff,
    /// For a reason that this version has no words for.
    Other,
}

/// What a message is made from. An order leads to one message of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Template {
    /// The order is complete.
    OrderCompleted,
    /// The order was cancelled.
    OrderCancelled,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No delivery is sending it.
    Waiting,
    /// A delivery is sending it, or died while it was sending.
    Claimed {
        /// When the claim counts as lost.
        until: Timestamp,
        /// The attempt that made it; none in a claim of an earlier version.
        by: Option<ClaimId>,
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
    /// The customer has left no address, or is not known.
    NoAddress,
    /// The customer has left an address that is not confirmed.
    Unconfirmed,
    /// Mail to the customer's address was stopped: one bounced, or its owner complained.
    AddressStopped,
    /// As many mails as are allowed have gone to the customer's address within the hour.
    RateLimited,
    /// The channel refused it for good.
    Refused,
    /// The channel took it, and the customer's address does not exist or takes no mail for good.
    Bounced,
    /// The customer got it and calls it spam.
    Complained,
}

/// The result of one attempt to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendResult {
    /// The channel took the message.
    Sent,
    /// It will not be sent.
    Failed(Failure),
    /// It was certainly not sent, and may be tried again.
    NotSent,
    /// It may or may not have been sent.
    Unknown,
}

/// What notifications publishes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The message.
    pub notification: NotificationId,
    /// What it was made from.
    pub template: Template,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The channel took it.
    Sent,
    /// It will not be sent.
    Failed(Failure),
    /// It may or may not have been sent, and will not be sent again. A late result may still correct this.
    Unknown,
}

impl State {
    /// What became of a message in this state, if something did.
    pub(super) fn fate(self) -> Option<Fate> {
        match self {
            Self::Waiting | Self::Claimed { .. } => None,
            Self::Sent => Some(Fate::Sent),
            Self::Failed(failure) => Some(Fate::Failed(failure)),
            Self::Unknown => Some(Fate::Unknown),
        }
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
    /// Every template.
    pub const ALL: [Self; 2] = [Self::OrderCompleted, Self::OrderCancelled];

    /// The template of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.as_str() == name)
    }

    /// The template's name, also a part of the message's identity.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderCompleted => "ORDER_COMPLETED",
            Self::OrderCancelled => "ORDER_CANCELLED",
        }
    }
}
