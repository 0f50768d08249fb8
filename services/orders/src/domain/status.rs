//! What the world is told of an order; derived from its facets, never stored.

use jiff::Timestamp;

use super::facets::{CancelReason, Decision, Inventory, Payment};
use super::order::Order;

/// What the world is told of an order; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Accepted; nothing is held or charged yet.
    Pending,
    /// All lines are held.
    InventoryReserved,
    /// The total is charged, the hold not yet known.
    Paid,
    /// Stock and money are spoken for.
    Confirmed,
    /// Carried out.
    Completed,
    /// Cancelled because the payment failed.
    PaymentFailed,
    /// Cancelled because a line could not be held.
    Rejected,
    /// Cancelled for another reason.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::InventoryReserved,
        Self::Paid,
        Self::Confirmed,
        Self::Completed,
        Self::PaymentFailed,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// The status as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InventoryReserved => "INVENTORY_RESERVED",
            Self::Paid => "PAID",
            Self::Confirmed => "CONFIRMED",
            Self::Completed => "COMPLETED",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Whether money is owed back to the customer, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// Nothing is owed.
    None,
    /// The total was charged for an order that is cancelled, and not all of it is back.
    Pending,
    /// All of it is back.
    Returned,
    /// It is owed, and does not go through so far.
    Failed,
}

impl Refund {
    /// The word as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Pending => "PENDING",
            Self::Returned => "REFUNDED",
            Self::Failed => "FAILED",
        }
    }
}

impl Order {
    /// What the world is told of the order.
    #[must_use]
    pub fn status(&self) -> Status {
        match (&self.decision, &self.payment, &self.inventory) {
            (Decision::Completed { .. }, _, _) => Status::Completed,
            (Decision::Confirmed { .. }, _, _) => Status::Confirmed,
            (Decision::Cancelled { reason: CancelReason::PaymentFailed, .. }, _, _) => Status::PaymentFailed,
            (Decision::Cancelled { reason: CancelReason::OutOfStock, .. }, _, _) => Status::Rejected,
            (Decision::Cancelled { .. }, _, _) => Status::Cancelled,
            (Decision::Open, Payment::Succeeded { .. }, _) => Status::Paid,
            (Decision::Open, _, Inventory::Reserved { .. }) => Status::InventoryReserved,
            (Decision::Open, _, _) => Status::Pending,
        }
    }

    /// Whether money is owed back, or was.
    #[must_use]
    pub fn refund(&self) -> Refund {
        let charged = matches!(self.payment, Payment::Succeeded { .. });
        match self.decision {
            _ if self.is_returned() => Refund::Returned,
            Decision::Cancelled { .. } if charged && self.returned.is_failing() => Refund::Failed,
            Decision::Cancelled { .. } if charged => Refund::Pending,
            Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. } => {
                Refund::None
            }
        }
    }

    /// Whether the order has ended and nothing is left to come: a cancelled one holds no stock and keeps no money.
    #[must_use]
    pub fn settled(&self) -> bool {
        match self.decision {
            Decision::Open | Decision::Confirmed { .. } => false,
            Decision::Completed { .. } => true,
            Decision::Cancelled { .. } => self.holds_nothing() && self.keeps_nothing(),
        }
    }

    /// When it was completed, if it is.
    #[must_use]
    pub fn completed_at(&self) -> Option<Timestamp> {
        match self.decision {
            Decision::Completed { at } => Some(at),
            Decision::Open | Decision::Confirmed { .. } | Decision::Cancelled { .. } => None,
        }
    }

    /// Whether inventory has said that nothing is held, and nothing will be.
    pub(super) fn holds_nothing(&self) -> bool {
        matches!(self.inventory, Inventory::Rejected | Inventory::Released { .. })
    }

    /// Whether payments has said that no money is kept, and none will be taken.
    pub(super) fn keeps_nothing(&self) -> bool {
        matches!(self.payment, Payment::Failed { .. } | Payment::Voided { .. }) || self.is_returned()
    }

    fn is_returned(&self) -> bool {
        self.returned.total >= self.total.units()
    }
}
