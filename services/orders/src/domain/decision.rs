//! What orders decides of an order, and publishes.

use jiff::Timestamp;

use super::ids::{PaymentId, ReservationId};

/// What orders has decided, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// The pivot: from here no request and no clock cancels the order.
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

/// Something that orders has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order was accepted.
    Created,
    /// The stock is held, and the total is charged.
    Confirmed {
        /// The payment that covers the total.
        payment: PaymentId,
        /// The hold that becomes a sale.
        reservation: ReservationId,
    },
    /// The order is carried out.
    Completed,
    /// The order will not be carried out.
    Cancelled {
        /// Why.
        reason: CancelReason,
    },
}
