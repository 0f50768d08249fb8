//! Contract → fact: events of other services.

use chassis::consumer::Delivery;
use chassis::store::StoreError;
use chassis::verdict::{Classify, Verdict};
use contracts::inventory::{
    InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, RejectReason, ReleaseCause,
};
use contracts::payments::{PaymentFailed, PaymentRefunded, PaymentSucceeded, PaymentVoided, RefundFailed};
use contracts::platform::EventProcessingFailed;
use contracts::{ContractError, EventData, Open, Reads, Received};

use super::reads;
use crate::application::{Applied, Orders};
use crate::domain::attention::UnprocessedEvent;
use crate::domain::ids::{OrderId, PaymentId, RefundId, ReservationId};
use crate::domain::inventory::{Inventory, Shortfall};
use crate::domain::order::Fact;
use crate::domain::payment::Payment;

/// The types that orders consumes, and that its rule routes.
pub const HANDLED: [&str; 10] = [
    InventoryReserved::TYPE,
    InventoryRejected::TYPE,
    InventoryReleased::TYPE,
    InventoryCommitted::TYPE,
    PaymentSucceeded::TYPE,
    PaymentFailed::TYPE,
    PaymentVoided::TYPE,
    PaymentRefunded::TYPE,
    RefundFailed::TYPE,
    EventProcessingFailed::TYPE,
];

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed a type that this version does not know.
    #[error("orders does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// The event is about an order that was never accepted.
    #[error("order {0} does not exist")]
    UnknownOrder(OrderId),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) | Self::UnknownOrder(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) => "contract",
            Self::UnknownOrder(_) => "unknown_order",
            Self::Store(error) => error.class(),
        }
    }
}

/// Applies one event to its order.
///
/// # Errors
/// [`EventError`], which knows whether a retry can help.
pub async fn apply(orders: &Orders, delivery: Delivery) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    match orders.apply_event(&order, &fact, &delivery).await? {
        Applied::Changed(status) => tracing::info!(status = status.as_str(), outcome = "applied", "fact applied"),
        Applied::Ignored(status, why) => {
            tracing::info!(status = status.as_str(), outcome = "duplicate_or_late", why, "fact changed nothing");
        }
        // A report about an unknown order: the consumer that made it has parked the event, and that is enough.
        Applied::UnknownOrder if matches!(fact, Fact::NotProcessed(_)) => {
            tracing::warn!(outcome = "unknown_order", "another consumer parked an event about an unknown order");
        }
        Applied::UnknownOrder => return Err(EventError::UnknownOrder(order)),
    }
    Ok(())
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        InventoryReserved::TYPE => open::<reads::Reserved>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Reserved { reservation, expires_at: data.expires_at }))
        }),
        InventoryRejected::TYPE => open::<reads::Rejected>(text).map(|data| {
            let why = shortfall(&data.reason);
            (order(&data.order_id), Fact::Inventory(Inventory::Rejected { why }))
        }),
        InventoryReleased::TYPE => open::<reads::Released>(text).map(|data| {
            let expired = data.cause == ReleaseCause::Expired;
            (order(&data.order_id), Fact::Inventory(Inventory::Released { expired }))
        }),
        InventoryCommitted::TYPE => open::<reads::Committed>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Committed { reservation }))
        }),
        PaymentSucceeded::TYPE => open::<reads::Succeeded>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Succeeded { payment, attempts: data.attempt }))
        }),
        PaymentFailed::TYPE => open::<reads::Failed>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Failed { payment, attempts: data.attempts }))
        }),
        PaymentVoided::TYPE => open::<reads::Voided>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Voided { payment }))
        }),
        PaymentRefunded::TYPE => open::<reads::Returned>(text).map(|data| {
            let refund = RefundId::trusted(data.refund_id.as_str());
            (order(&data.order_id), Fact::Refunded { refund, total: data.refunded_total })
        }),
        RefundFailed::TYPE => open::<reads::NotRefunded>(text).map(|data| {
            let refund = RefundId::trusted(data.refund_id.as_str());
            (order(&data.order_id), Fact::RefundFailed { refund })
        }),
        EventProcessingFailed::TYPE => open::<reads::NotProcessed>(text).map(|data| {
            let reads::NotProcessed { order_id, consumer, event_id, event_type, error_class } = data;
            let [consumer, event_id, event_type, error_class] =
                [&consumer, &event_id, &event_type, &error_class].map(|text| bounded(text));
            (order(&order_id), Fact::NotProcessed(UnprocessedEvent { consumer, event_id, event_type, error_class }))
        }),
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

/// A text of a report, which may repeat what made an event unfit: an order's item has to stay small.
fn bounded(text: &str) -> String {
    text.chars().take(100).collect()
}

fn open<R: Reads>(text: &str) -> Result<R, EventError> {
    Ok(Received::<R>::parse(text)?.data)
}

/// Why a line could not be held; a reason of a later version is none that this one can tell.
fn shortfall(reason: &Open<RejectReason>) -> Option<Shortfall> {
    match reason {
        Open::Known(RejectReason::InsufficientStock) => Some(Shortfall::InsufficientStock),
        Open::Known(RejectReason::UnknownSku) => Some(Shortfall::UnknownSku),
        Open::Later(_) => None,
    }
}

// The contract's ids keep the same rules as the domain's, as `contracts.rs` among the tests shows for every sample.

fn order(id: &contracts::ids::OrderId) -> OrderId {
    OrderId::trusted(id.as_str())
}

fn payment(id: &contracts::ids::PaymentId) -> PaymentId {
    PaymentId::trusted(id.as_str())
}

fn reservation(id: &contracts::ids::ReservationId) -> ReservationId {
    ReservationId::trusted(id.as_str())
}
