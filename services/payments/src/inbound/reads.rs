//! The fields that payments reads of the events that it consumes, and no others; `events.toml` declares them.

use contracts::Reads;
use contracts::ids::{Currency, CustomerId, OrderId, PaymentMethod, ReservationId};
use contracts::inventory::{InventoryReleased, InventoryReserved, ReleaseCause};
use contracts::orders::{OrderCancelled, OrderCreated};
use jiff::Timestamp;
use serde::Deserialize;

/// What is to be paid, by whom, how, and by when.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    pub order_id: OrderId,
    pub customer_id: CustomerId,
    pub total: u64,
    pub currency: Currency,
    pub payment_method: PaymentMethod,
    pub pay_by: Timestamp,
}

impl Reads for Created {
    type Event = OrderCreated;
}

/// What is no longer to be paid.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    pub order_id: OrderId,
}

impl Reads for Cancelled {
    type Event = OrderCancelled;
}

/// Until when a charge has goods to pay for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reserved {
    pub order_id: OrderId,
    pub reservation_id: ReservationId,
    pub expires_at: Timestamp,
}

impl Reads for Reserved {
    type Event = InventoryReserved;
}

/// Why there are no goods to pay for any more. A cause that is not known is not guessed: money depends on it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Released {
    pub order_id: OrderId,
    pub cause: ReleaseCause,
}

impl Reads for Released {
    type Event = InventoryReleased;
}
