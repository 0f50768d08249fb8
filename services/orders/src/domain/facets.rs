//! What an order knows: from inventory, from payments, and its own decision. A facet only moves up.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ids::{PaymentId, RefundId, ReservationId};

/// What inventory has said. Declared in rank: a fact moves the facet up or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inventory {
    /// Nothing yet.
    None,
    /// All lines are held.
    Reserved {
        /// The hold.
        reservation: ReservationId,
        /// When it ends unless it is committed.
        expires_at: Timestamp,
    },
    /// A line could not be held.
    Rejected,
    /// Nothing is held any more, and nothing will be.
    Released {
        /// Whether the hold ran out by itself.
        expired: bool,
    },
    /// The pieces are sold.
    Committed {
        /// The hold that became the sale.
        reservation: ReservationId,
    },
}

/// What payments has said. Declared in rank: a fact moves the facet up or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payment {
    /// Nothing yet.
    None,
    /// The total was not charged and will not be.
    Failed {
        /// The payment.
        payment: PaymentId,
        /// How many attempts were made.
        attempts: u32,
    },
    /// A charge was forbidden before it happened.
    Voided {
        /// The payment.
        payment: PaymentId,
    },
    /// The total was charged.
    Succeeded {
        /// The payment.
        payment: PaymentId,
        /// The attempt that succeeded.
        attempts: u32,
    },
}

/// What orders has decided, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// The pivot: from here nobody can cancel the order.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Paid and sold.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// Not carried out.
    Cancelled {
        /// Why.
        reason: CancelReason,
        /// When.
        at: Timestamp,
    },
}

/// Why an order is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// A line could not be held.
    OutOfStock,
    /// The payment failed for good.
    PaymentFailed,
    /// The hold ran out before the pieces were sold.
    ReservationExpired,
    /// The order was still open at its `payBy`.
    TimedOut,
    /// The customer asked for it.
    Customer,
    /// Staff cancelled it.
    Staff,
}

impl Inventory {
    /// The hold that is or was sold.
    pub(super) fn reservation(&self) -> Option<&ReservationId> {
        match self {
            Self::Reserved { reservation, .. } | Self::Committed { reservation } => Some(reservation),
            Self::None | Self::Rejected | Self::Released { .. } => None,
        }
    }
}

/// What went back of what was charged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// Minor units that all refunds have returned; it only grows.
    pub total: u64,
    /// Every refund that was told of.
    pub refunds: BTreeMap<RefundId, Told>,
}

/// What was told of a refund. Declared in rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// It does not go through so far.
    Failing,
    /// The money went back.
    Done,
}

impl Returned {
    /// Whether a refund does not go through so far.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.refunds.values().any(|told| *told == Told::Failing)
    }

    /// The fold, of what is told of one refund.
    pub(super) fn hear(&mut self, refund: RefundId, told: Told, total: u64) {
        let known = self.refunds.entry(refund).or_insert(told);
        *known = told.max(*known);
        self.total = self.total.max(total);
    }
}
