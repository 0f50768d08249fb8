//! What each service knows, as plain data: the part of its API's answers that is compared.

mod inventory;
mod payments;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use inventory::{Adjustment, Cause, Line, Reservation, ReservationState, Stock};
pub use payments::{Attempt, Charge, GatewayRefund, Ledger, Payment, PaymentStatus, Refund};

/// What all services knew at about the same time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Orders by order id.
    pub orders: BTreeMap<String, Order>,
    /// Inventory's reservations by order id.
    pub reservations: BTreeMap<String, Reservation>,
    /// Payments by order id.
    pub payments: BTreeMap<String, Payment>,
    /// The gateway's charges and refunds; `None` where its ledger cannot be read.
    pub ledger: Option<Ledger>,
    /// Stock by sku.
    pub stock: BTreeMap<String, Stock>,
    /// Every stock adjustment of an operator.
    pub adjustments: Vec<Adjustment>,
    /// Skus whose stock changed while it was read, so that their sums cannot be compared.
    pub moving: BTreeSet<String>,
}

/// An order as support sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The order's id.
    pub order_id: String,
    /// The order's status.
    pub status: Status,
    /// In minor units of the order's currency.
    pub total: u64,
    /// When orders accepted it.
    pub placed_at: Timestamp,
    /// When orders decided it; `None` while it is open.
    #[serde(default)]
    pub decided_at: Option<Timestamp>,
    /// The facts that it waits for.
    #[serde(default)]
    pub waiting_for: Vec<Waiting>,
    /// The order's payment; `None` before orders consumed a fact about it.
    #[serde(default)]
    pub payment: Option<PaymentReference>,
}

/// An order's reference to its payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentReference {
    /// The payment's id.
    pub payment_id: String,
}

/// A fact that an order waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// The event's name without its version.
    pub fact: String,
    /// The service that publishes it.
    pub owed_by: String,
    /// When the wait began.
    pub since: Timestamp,
}

/// An order's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum Status {
    Pending,
    InventoryReserved,
    Paid,
    Confirmed,
    Completed,
    PaymentFailed,
    Rejected,
    Cancelled,
}

/// What orders decided about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// The order is paid and its stock is reserved; it can no longer be cancelled.
    Confirmed,
    /// The stock is sold.
    Completed,
    /// The order was cancelled, rejected, or not paid.
    Cancelled,
}

impl Order {
    /// The decision that follows from the status.
    #[must_use]
    pub fn decision(&self) -> Decision {
        match self.status {
            Status::Pending | Status::InventoryReserved | Status::Paid => Decision::Open,
            Status::Confirmed => Decision::Confirmed,
            Status::Completed => Decision::Completed,
            Status::PaymentFailed | Status::Rejected | Status::Cancelled => Decision::Cancelled,
        }
    }

    /// The fact that it waits for from a service, if any.
    #[must_use]
    pub fn awaits(&self, service: &str) -> Option<&Waiting> {
        self.waiting_for.iter().find(|waiting| waiting.owed_by == service)
    }

    /// Whether orders lacks the current state of the reservation.
    #[must_use]
    pub fn lacks_reservation(&self) -> bool {
        match self.decision() {
            Decision::Open => self.status != Status::InventoryReserved,
            Decision::Confirmed | Decision::Completed | Decision::Cancelled => self.awaits("inventory").is_some(),
        }
    }

    /// Whether orders lacks the current state of the payment.
    #[must_use]
    pub fn lacks_payment(&self) -> bool {
        match self.decision() {
            Decision::Open => self.status != Status::Paid,
            Decision::Confirmed | Decision::Completed | Decision::Cancelled => self.awaits("payments").is_some(),
        }
    }
}

/// The word that the API uses for a value.
pub(crate) fn api_word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
