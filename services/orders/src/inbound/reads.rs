//! The fields that orders reads of the events that it consumes. It reads no others; `events.toml` declares them.

use contracts::ids::{OrderId, PaymentId, RefundId, ReservationId};
use contracts::inventory::{
    InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, RejectReason, ReleaseCause,
};
use contracts::payments::{PaymentFailed, PaymentRefunded, PaymentSucceeded, PaymentVoided, RefundFailed};
use contracts::platform::EventProcessingFailed;
use contracts::{Open, Reads};
use jiff::Timestamp;
use serde::Deserialize;

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rejected {
    pub order_id: OrderId,
    pub reason: Open<RejectReason>,
}

impl Reads for Rejected {
    type Event = InventoryRejected;
}

/// An unknown cause is not guessed: it decides why the order ends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Released {
    pub order_id: OrderId,
    pub cause: ReleaseCause,
}

impl Reads for Released {
    type Event = InventoryReleased;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Committed {
    pub order_id: OrderId,
    pub reservation_id: ReservationId,
}

impl Reads for Committed {
    type Event = InventoryCommitted;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Succeeded {
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    pub attempt: u32,
}

impl Reads for Succeeded {
    type Event = PaymentSucceeded;

    fn check(&self) -> Result<(), &'static str> {
        if self.attempt > 0 { Ok(()) } else { Err("`attempt` must be at least 1") }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failed {
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    pub attempts: u32,
}

impl Reads for Failed {
    type Event = PaymentFailed;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Voided {
    pub order_id: OrderId,
    pub payment_id: PaymentId,
}

impl Reads for Voided {
    type Event = PaymentVoided;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Returned {
    pub order_id: OrderId,
    pub refund_id: RefundId,
    pub refunded_total: u64,
}

impl Reads for Returned {
    type Event = PaymentRefunded;

    fn check(&self) -> Result<(), &'static str> {
        if self.refunded_total > 0 { Ok(()) } else { Err("`refundedTotal` must be at least 1") }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotRefunded {
    pub order_id: OrderId,
    pub refund_id: RefundId,
}

impl Reads for NotRefunded {
    type Event = RefundFailed;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotProcessed {
    pub order_id: OrderId,
    pub consumer: String,
    pub event_id: String,
    pub event_type: String,
    pub error_class: String,
}

impl Reads for NotProcessed {
    type Event = EventProcessingFailed;
}
