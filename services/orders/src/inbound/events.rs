//! Events of other services become facts.

use chassis::consumer::{Classify, Delivery, Verdict};
use chassis::store::StoreError;
use contracts::inventory::{InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, ReleaseCause};
use contracts::payments::{PaymentFailed, PaymentSucceeded, PaymentVoided};
use contracts::{ContractError, Envelope, EventData};

use crate::domain::ids::{OrderId, PaymentId, ReservationId};
use crate::domain::order::{Fact, Inventory, Payment};
use crate::outbound::{Applied, Store};

/// The types that orders consumes, and that its rule routes.
pub const HANDLED: [&str; 7] = [
    InventoryReserved::TYPE,
    InventoryRejected::TYPE,
    InventoryReleased::TYPE,
    InventoryCommitted::TYPE,
    PaymentSucceeded::TYPE,
    PaymentFailed::TYPE,
    PaymentVoided::TYPE,
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
    match orders.apply(&order, &fact, &delivery.cause).await? {
        Applied::Unknown => Err(EventError::UnknownOrder(order)),
        Applied::Known(status) => {
            tracing::info!(status = status.as_str(), outcome = "duplicate_or_late", "fact changed nothing");
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
        InventoryReserved::TYPE => open::<InventoryReserved>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Reserved { reservation, expires_at: data.expires_at }))
        }),
        InventoryRejected::TYPE => {
            open::<InventoryRejected>(text).map(|data| (order(&data.order_id), Fact::Inventory(Inventory::Rejected)))
        }
        InventoryReleased::TYPE => open::<InventoryReleased>(text).map(|data| {
            let expired = data.cause == ReleaseCause::Expired;
            (order(&data.order_id), Fact::Inventory(Inventory::Released { expired }))
        }),
        InventoryCommitted::TYPE => open::<InventoryCommitted>(text).map(|data| {
            let reservation = reservation(&data.reservation_id);
            (order(&data.order_id), Fact::Inventory(Inventory::Committed { reservation }))
        }),
        PaymentSucceeded::TYPE => open::<PaymentSucceeded>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Succeeded { payment, attempts: data.attempt }))
        }),
        PaymentFailed::TYPE => open::<PaymentFailed>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Failed { payment, attempts: data.attempts }))
        }),
        PaymentVoided::TYPE => open::<PaymentVoided>(text).map(|data| {
            let payment = payment(&data.payment_id);
            (order(&data.order_id), Fact::Payment(Payment::Voided { payment }))
        }),
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

fn open<T: EventData>(text: &str) -> Result<T, EventError> {
    Ok(Envelope::<T>::parse(text)?.data)
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
