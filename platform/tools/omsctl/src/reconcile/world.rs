//! What each service says, as plain data: its own view, as far as it is compared.

mod goods;
mod money;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use goods::{Adjustment, Cause, Hold, Line, Reservation, Stock};
pub use money::{Attempt, Charge, Charging, Ledger, Payment, Refund, Returned};

/// What all say at about the same time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// Orders by their id.
    pub orders: BTreeMap<String, Order>,
    /// What inventory holds, by the order's id.
    pub reservations: BTreeMap<String, Reservation>,
    /// What payments knows, by the order's id.
    pub payments: BTreeMap<String, Payment>,
    /// What the gateway took and gave back; nothing where its ledger cannot be read.
    pub ledger: Option<Ledger>,
    /// Stock by sku.
    pub stock: BTreeMap<String, Stock>,
    /// Every change of stock that an operator made.
    pub adjustments: Vec<Adjustment>,
    /// Skus whose stock changed while it was looked at: their sums say nothing.
    pub moving: BTreeSet<String>,
}

/// An order as support sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its id.
    pub order_id: String,
    /// How far it is.
    pub status: Status,
    /// Minor units of its currency.
    pub total: u64,
    /// When it was accepted.
    pub placed_at: Timestamp,
    /// When it was decided, if it was.
    #[serde(default)]
    pub decided_at: Option<Timestamp>,
    /// What it has not heard yet.
    #[serde(default)]
    pub waiting_for: Vec<Waiting>,
    /// What it has heard of its payment, if anything.
    #[serde(default)]
    pub payment: Option<Heard>,
}

/// What an order has heard of its payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    /// Its id.
    pub payment_id: String,
}

/// A fact that an order has not heard yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// An event's name.
    pub fact: String,
    /// The service that is to say it.
    pub owed_by: String,
    /// Since when.
    pub since: Timestamp,
}

/// How far an order is.
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

/// What orders has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// Stock and money are spoken for.
    Confirmed,
    /// Carried out.
    Completed,
    /// Not carried out.
    Cancelled,
}

impl Order {
    /// What orders has decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        match self.status {
            Status::Pending | Status::InventoryReserved | Status::Paid => Decision::Open,
            Status::Confirmed => Decision::Confirmed,
            Status::Completed => Decision::Completed,
            Status::PaymentFailed | Status::Rejected | Status::Cancelled => Decision::Cancelled,
        }
    }

    /// What it still waits to hear from a service, if anything.
    #[must_use]
    pub fn awaits(&self, service: &str) -> Option<&Waiting> {
        self.waiting_for.iter().find(|waiting| waiting.owed_by == service)
    }

    /// Whether it has not heard how its hold stands.
    #[must_use]
    pub fn lacks_hold(&self) -> bool {
        match self.decision() {
            Decision::Open => self.status != Status::InventoryReserved,
            Decision::Confirmed | Decision::Completed | Decision::Cancelled => self.awaits("inventory").is_some(),
        }
    }

    /// Whether it has not heard how its payment stands.
    #[must_use]
    pub fn lacks_payment(&self) -> bool {
        match self.decision() {
            Decision::Open => self.status != Status::Paid,
            Decision::Confirmed | Decision::Completed | Decision::Cancelled => self.awaits("payments").is_some(),
        }
    }
}

/// The API's word for something.
pub(crate) fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
