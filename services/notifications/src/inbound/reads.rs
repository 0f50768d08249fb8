//! What notifications reads of the events that it consumes, and nothing more; `events.toml` declares it.

use contracts::ids::{Currency, CustomerId, OrderId};
use contracts::orders::{CancelReason, OrderCancelled, OrderCompleted};
use contracts::{Open, Reads};
use serde::Deserialize;

/// What the customer paid.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Completed {
    pub order_id: OrderId,
    pub customer_id: Option<CustomerId>,
    pub total: u64,
    pub currency: Currency,
}

impl Reads for Completed {
    type Event = OrderCompleted;
}

/// Why the customer gets nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    pub order_id: OrderId,
    pub customer_id: Option<CustomerId>,
    pub reason: Open<CancelReason>,
}

impl Reads for Cancelled {
    type Event = OrderCancelled;
}
