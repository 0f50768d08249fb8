//! Events of other services become facts.

use chassis::consumer::{Classify, Delivery, Verdict};
use chassis::store::StoreError;
use contracts::inventory::{InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, ReleaseCause};
use contracts::payments::{PaymentFailed, PaymentRefunded, PaymentSucceeded, PaymentVoided, RefundFailed};
use contracts::platform::EventProcessingFailed;
use contracts::{ContractError, EventData, Reads, Received};

use super::views;
use crate::domain::attention::Missed;
use crate::domain::facets::{Inventory, Payment};
use crate::domain::ids::{OrderId, PaymentId, RefundId, ReservationId};
use crate::domain::order::Fact;
use crate::outbound::{Applied, Store};

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
    /// The rule routed something that this version does not know.
    #[error("orders does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// The event is about an order that was never accepted.
    #[error("there is no order {0}")]
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
/// [`EventError`], which says whether a retry can help.
pub async fn apply(orders: &Store, delivery: Delivery) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    match orders.hear(&order, &fact, &delivery).await? {
        // A report about an order that nobody has: whoever made it has parked the event, and that is enough.
        Applied::Unknown if matches!(fact, Fact::NotProcessed(_)) => {
            tracing::warn!(outcome = "unknown_order", "an event about an unknown order was parked elsewhere");
            Ok(())
        }
        Applied::Unknown => Err(EventError::UnknownOrder(order)),
        Applied::Known(status, why) => {
            tracing::info!(status = status.as_str(), outcome = "duplicate_or_late", why, "fact changed nothing");
            Ok(())
        }
        Applied::New(status) => {
            tracing::info!(status = status.as_str(), outcome = "applied", "fact applied");
            Ok(())
        }
    }
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        InventoryReserved::TYPE => open::<views::Reserved>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Reserved { reservation, expires_at: data.expires_at }))
        }),
        InventoryRejected::TYPE => {
            open::<views::Rejected>(text).map(|data| (order(&data.order_id), Fact::Inventory(Inventory::Rejected)))
        }
        InventoryReleased::TYPE => open::<views::Released>(text).map(|data| {
            let expired = data.cause == ReleaseCause::Expired;
            (order(&data.order_id), Fact::Inventory(Inventory::Released { expired }))
        }),
        InventoryCommitted::TYPE => open::<views::Committed>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Committed { reservation }))
        }),
        PaymentSucceeded::TYPE => open::<views::Succeeded>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Succeeded { payment, attempts: data.attempt }))
        }),
        PaymentFailed::TYPE => open::<views::Failed>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Failed { payment, attempts: data.attempts }))
        }),
        PaymentVoided::TYPE => open::<views::Voided>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Voided { payment }))
        }),
        PaymentRefunded::TYPE => open::<views::Returned>(text).map(|data| {
            let refund = RefundId::trusted(data.refund_id.as_str());
            (order(&data.order_id), Fact::Refunded { refund, total: data.refunded_total })
        }),
        RefundFailed::TYPE => open::<views::NotRefunded>(text).map(|data| {
            let refund = RefundId::trusted(data.refund_id.as_str());
            (order(&data.order_id), Fact::RefundFailed { refund })
        }),
        EventProcessingFailed::TYPE => open::<views::NotProcessed>(text).map(|data| {
            let views::NotProcessed { order_id, consumer, event_id, event_type, error_class } = data;
            (order(&order_id), Fact::NotProcessed(Missed { consumer, event_id, event_type, error_class }))
        }),
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

fn open<R: Reads>(text: &str) -> Result<R, EventError> {
    Ok(Received::<R>::parse(text)?.data)
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
