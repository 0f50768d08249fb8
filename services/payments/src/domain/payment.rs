//! The payment of one order: the facts that it waits for, how far its charge is, how it ended, and what goes back.
//!
//! Facts arrive in any order, twice, or late; the fold is the same. How far the payment is moves by the rules of
//! `decide` alone.

use jiff::Timestamp;

use super::attempt::Attempt;
use super::ids::{Currency, CustomerId, IntentId, OrderId, PaymentId, PaymentMethod, RefundId, ReservationId};
use super::refund::{Reason, Refund};

/// What is known of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its name.
    pub id: PaymentId,
    /// The order that it pays.
    pub order: OrderId,
    /// What is to be charged; absent until OrderCreated arrives.
    pub terms: Option<Terms>,
    /// The hold on the order's stock.
    pub hold: Hold,
    /// When payments learnt that the order was cancelled. With a success it means that all the money goes back.
    pub cancelled_at: Option<Timestamp>,
    /// The gateway's object. It is written before anything can be charged through it.
    pub intent: Option<IntentId>,
    /// Every attempt to charge; the first has number 1.
    pub attempts: Vec<Attempt>,
    /// How far the charge is.
    pub stage: Stage,
    /// What goes back of what was charged, in the order in which it was requested.
    pub refunds: Vec<Refund>,
}

/// What is to be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The customer who pays.
    pub customer: CustomerId,
    /// Minor units of the currency.
    pub amount: u64,
    /// Currency of the amount.
    pub currency: Currency,
    /// How the customer pays.
    pub method: PaymentMethod,
    /// When the order is cancelled unless it is paid; absent in items of earlier versions.
    pub pay_by: Option<Timestamp>,
}

/// The hold on the order's stock. Its end is inventory's event; the clock only keeps a charge from starting too late for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Inventory has published nothing yet.
    Unknown,
    /// All lines are held.
    Held {
        /// The hold.
        reservation: ReservationId,
        /// When it ends unless it is committed.
        expires_at: Timestamp,
    },
    /// It ran out: nothing is held any more, and nothing will be.
    Gone,
}

/// How far a charge is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is under way at the gateway.
    Ready {
        /// When the next attempt is due; at once if it is absent.
        next_attempt_at: Option<Timestamp>,
    },
    /// The latest attempt is under way.
    Charging {
        /// Until then its invocation is taken to be alive; afterwards the gateway is asked.
        lease_ends_at: Timestamp,
    },
    /// The latest attempt may have charged; the gateway is asked before any other.
    Unknown {
        /// When the gateway is asked.
        ask_at: Timestamp,
    },
    /// The gateway refused the way to pay; the intent is yet to be cancelled, so that nothing late can charge it.
    Refused {
        /// The gateway's reason.
        code: String,
    },
    /// The amount was charged, once.
    Succeeded {
        /// The attempt that charged.
        attempt: u32,
    },
    /// Nothing was charged and nothing ever will be.
    Failed {
        /// Why it failed.
        category: Failure,
        /// The gateway's or the network's reason.
        code: String,
    },
    /// The order was cancelled before anything was charged; nothing ever will be.
    Voided,
}

/// Why a payment failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The gateway refused the way to pay.
    Declined,
    /// Every attempt failed, and the gateway will not charge any more.
    Exhausted,
    /// The hold on stock ended before the charge.
    ReservationGone,
}

/// What another service's event has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An order was accepted, on these terms.
    Ordered(Terms),
    /// All lines are held.
    Held {
        /// The hold.
        reservation: ReservationId,
        /// When it ends unless it is committed.
        expires_at: Timestamp,
    },
    /// The hold ran out by itself.
    Expired,
    /// The order was cancelled.
    Cancelled,
}

/// What payments has made true, and publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An attempt did not charge, or its outcome is unknown; the payment is still undecided.
    AttemptFailed {
        /// The attempt's number.
        attempt: u32,
        /// Whether the gateway may have charged.
        unknown: bool,
        /// The gateway's or the network's reason.
        code: String,
        /// When the next step is due; absent after the last attempt.
        next_attempt_at: Option<Timestamp>,
    },
    /// The amount was charged.
    Succeeded {
        /// The gateway's name of the charge.
        reference: IntentId,
        /// The attempt that charged.
        attempt: u32,
    },
    /// Nothing was charged and nothing ever will be.
    Failed {
        /// Why it failed.
        category: Failure,
        /// The gateway's or the network's reason.
        code: String,
    },
    /// A charge was forbidden before it happened.
    Voided,
    /// Money went back.
    Refunded {
        /// The refund.
        refund: RefundId,
        /// How much it returned.
        amount: u64,
        /// What all refunds have returned so far, this one included.
        total: u64,
        /// Why it went back.
        reason: Reason,
    },
    /// A refund does not go through so far: the money is still owed, and staff should look.
    RefundFailed {
        /// The refund.
        refund: RefundId,
        /// How much is owed.
        amount: u64,
        /// How often it was tried.
        attempts: u32,
        /// The gateway's or the network's reason for the latest failure.
        code: String,
        /// Why it is owed.
        reason: Reason,
    },
}

impl Payment {
    /// The payment of an order of which no event has arrived yet.
    #[must_use]
    pub fn of(order: OrderId) -> Self {
        Self {
            id: PaymentId::of(&order),
            order,
            terms: None,
            hold: Hold::Unknown,
            cancelled_at: None,
            intent: None,
            attempts: Vec::new(),
            stage: Stage::Ready { next_attempt_at: None },
            refunds: Vec::new(),
        }
    }

    /// The fold: the payment with a fact, as far as the fact is new and still matters.
    #[must_use]
    pub fn with(self, fact: Fact, at: Timestamp) -> Self {
        match fact {
            // A payment that has ended takes its terms as well: support wants to know whose it was.
            Fact::Ordered(terms) => Self { terms: self.terms.or(Some(terms)), ..self },
            Fact::Held { reservation, expires_at } => {
                let reserved = Hold::Held { reservation, expires_at };
                Self { hold: inventory_reserved_after_cancel(&self.stage, self.hold, reserved), ..self }
            }
            Fact::Expired if self.is_open() => Self { hold: Hold::Gone, ..self },
            Fact::Cancelled if self.may_be_charged() => Self { cancelled_at: self.cancelled_at.or(Some(at)), ..self },
            Fact::Expired | Fact::Cancelled => self,
        }
    }

    /// Whether it is not settled yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.stage {
            Stage::Ready { .. } | Stage::Charging { .. } | Stage::Unknown { .. } | Stage::Refused { .. } => true,
            Stage::Succeeded { .. } | Stage::Failed { .. } | Stage::Voided => false,
        }
    }

    /// Whether both facts that a charge needs are known: the terms, and that the stock is held.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.terms.is_some() && matches!(self.hold, Hold::Held { .. })
    }

    /// Until when a charge has goods to pay for, as far as is known: the end of the hold, or of the order.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        let hold = match self.hold {
            Hold::Held { expires_at, .. } => Some(expires_at),
            Hold::Unknown | Hold::Gone => None,
        };
        let pay_by = self.terms.as_ref().and_then(|terms| terms.pay_by);
        hold.into_iter().chain(pay_by).min()
    }

    /// How many attempts were begun; also the number of the latest.
    #[must_use]
    pub fn attempted(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX)
    }

    /// How far it is, in the words of the API.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.stage {
            Stage::Ready { .. } if self.attempts.is_empty() => "PENDING",
            Stage::Ready { .. } => "RETRYING",
            Stage::Charging { .. } | Stage::Refused { .. } => "CHARGING",
            Stage::Unknown { .. } => "UNKNOWN",
            Stage::Succeeded { .. } => "SUCCEEDED",
            Stage::Failed { .. } => "FAILED",
            Stage::Voided => "VOIDED",
        }
    }

    fn may_be_charged(&self) -> bool {
        self.is_open() || matches!(self.stage, Stage::Succeeded { .. })
    }
}

/// The race "InventoryReserved after cancel": a hold counts once, and only while the payment is open. A cancel that
/// came first has voided the payment, so a hold that follows charges nothing.
fn inventory_reserved_after_cancel(stage: &Stage, known: Hold, reserved: Hold) -> Hold {
    match (known, stage) {
        (first @ (Hold::Held { .. } | Hold::Gone), _) => first,
        (
            Hold::Unknown,
            Stage::Ready { .. } | Stage::Charging { .. } | Stage::Unknown { .. } | Stage::Refused { .. },
        ) => reserved,
        (Hold::Unknown, Stage::Succeeded { .. } | Stage::Failed { .. } | Stage::Voided) => Hold::Unknown,
    }
}
