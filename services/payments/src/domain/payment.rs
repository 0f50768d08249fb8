//! The payment of one order: the facts that it waits for, the attempts to charge, how it ended, and what goes back.
//!
//! Facts come in any order, twice, or late; the fold is the same. How far the payment is moves by the rules of
//! [`decide`](super::decide) alone.

use jiff::Timestamp;

use super::ids::{Currency, CustomerId, IntentId, OrderId, PaymentId, PaymentMethod, RefundId, ReservationId};
use super::refund::{Reason, Refund};

/// What is known of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its name, and its key at the gateway.
    pub id: PaymentId,
    /// What it is for.
    pub order: OrderId,
    /// What is to be charged, once orders has said it.
    pub terms: Option<Terms>,
    /// What inventory has said.
    pub hold: Hold,
    /// When it became known that the order was cancelled. Beside a success it means that all the money goes back.
    pub cancelled_at: Option<Timestamp>,
    /// The gateway's object. It is written before anything can be charged through it.
    pub intent: Option<IntentId>,
    /// Every attempt to charge; the first has number 1.
    pub attempts: Vec<Attempt>,
    /// How far it is.
    pub stage: Stage,
    /// What goes back of what was charged, in the order in which it was wanted.
    pub refunds: Vec<Refund>,
}

/// What is to be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Who pays.
    pub customer: CustomerId,
    /// Minor units of the currency.
    pub amount: u64,
    /// Currency of the amount.
    pub currency: Currency,
    /// How the customer pays.
    pub method: PaymentMethod,
}

/// What inventory has said. Its end is heard, not read from a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Nothing yet.
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

/// What became of an attempt. `code` is the gateway's or the network's own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is known yet.
    Pending,
    /// It charged.
    Charged,
    /// The gateway refused the way to pay.
    Declined {
        /// Why.
        code: String,
    },
    /// It did not charge; another attempt may.
    NotCharged {
        /// Why.
        code: String,
    },
    /// Nobody knows whether it charged.
    Unknown {
        /// Why not.
        code: String,
    },
    /// The intent was cancelled under it.
    Stopped,
}

/// How far a payment is.
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
        /// When.
        ask_at: Timestamp,
    },
    /// The gateway refused the way to pay; the intent is yet to be cancelled, so that nothing late can charge it.
    Refused {
        /// Why.
        code: String,
    },
    /// The amount was charged, once.
    Succeeded {
        /// The gateway's name of the charge.
        reference: IntentId,
        /// The attempt that charged.
        attempt: u32,
    },
    /// Nothing was charged and nothing ever will be.
    Failed {
        /// Why.
        category: Failure,
        /// The gateway's or the network's own word for it.
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

/// Something that another service has made true.
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

/// Something that payments has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An attempt did not charge, or nobody knows; the payment is still undecided.
    AttemptFailed {
        /// Its number.
        attempt: u32,
        /// Whether the gateway may have charged.
        unknown: bool,
        /// The gateway's or the network's own word for it.
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
        /// Why.
        category: Failure,
        /// The gateway's or the network's own word for it.
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
        /// Why.
        reason: Reason,
    },
    /// A refund does not go through so far: the money is still owed, and somebody should look.
    RefundFailed {
        /// The refund.
        refund: RefundId,
        /// How much is owed.
        amount: u64,
        /// How often it was tried.
        attempts: u32,
        /// The gateway's or the network's own word for what the latest try met.
        code: String,
        /// Why it is owed.
        reason: Reason,
    },
}

impl Payment {
    /// The payment of an order of which nothing was heard yet.
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

    /// The fold: what was not known yet is taken in, as far as it still matters.
    pub fn absorb(&mut self, fact: Fact, at: Timestamp) {
        match fact {
            // Also a payment that has ended wants to know whose it is.
            Fact::Ordered(terms) => self.terms = self.terms.take().or(Some(terms)),
            Fact::Cancelled if self.may_have_charged() => self.cancelled_at = self.cancelled_at.or(Some(at)),
            Fact::Expired if self.is_open() => self.hold = Hold::Gone,
            Fact::Held { reservation, expires_at } if self.is_open() && self.hold == Hold::Unknown => {
                self.hold = Hold::Held { reservation, expires_at };
            }
            Fact::Held { .. } | Fact::Expired | Fact::Cancelled => {}
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

    /// How many attempts were begun; also the number of the latest.
    #[must_use]
    pub fn attempted(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX)
    }

    /// How far it is, as the world is told.
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

    fn may_have_charged(&self) -> bool {
        self.is_open() || matches!(self.stage, Stage::Succeeded { .. })
    }
}
