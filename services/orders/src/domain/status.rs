//! The public status of an order.

use jiff::Timestamp;

use super::decision::{CancelReason, Decision};
use super::inventory::Inventory;
use super::order::Order;
use super::payment::Payment;

/// The public status of an order; derived from its facets, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Accepted; nothing is held or charged yet.
    Pending,
    /// All lines are held.
    InventoryReserved,
    /// The total is charged, the hold not yet known.
    Paid,
    /// The stock is held, and the total is charged.
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

impl Order {
    /// The public status, derived from the facets.
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

    /// When it was completed, if it is.
    #[must_use]
    pub fn completed_at(&self) -> Option<Timestamp> {
        match self.decision {
            Decision::Completed { at } => Some(at),
            Decision::Open | Decision::Confirmed { .. } | Decision::Cancelled { .. } => None,
        }
    }
}
