//! Contract → fact: what the ends of orders mean to notifications.

use chassis::consumer::Delivery;
use chassis::verdict::{Classify, Verdict};
use contracts::orders::{CancelReason as Known, OrderCancelled, OrderCompleted};
use contracts::{ContractError, EventData, Open, Received};
use uuid::Uuid;

use super::reads::{Cancelled, Completed};
use crate::application::ApplyError;
use crate::application::Notifier;
use crate::application::apply_event::apply_event;
use crate::domain::delivery::Fact;
use crate::domain::ids::{ClaimId, CustomerId, OrderId};
use crate::domain::message::{CancelReason, Content};
use crate::domain::money::Money;

/// The types that notifications consumes, and that its rule routes.
pub const HANDLED: [&str; 2] = [OrderCompleted::TYPE, OrderCancelled::TYPE];

/// Why an event was not, or not fully, applied.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed something that this version does not know.
    #[error("notifications does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// A value of the event is outside the domain.
    #[error("the event's {0} is outside the domain")]
    OutsideDomain(&'static str),
    /// The use case failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) | Self::OutsideDomain(_) => Verdict::Park,
            Self::Apply(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) => "contract",
            Self::OutsideDomain(_) => "outside_domain",
            Self::Apply(error) => error.class(),
        }
    }
}

/// Applies one event, and sends the message about it.
///
/// # Errors
/// [`EventError`], which knows whether a retry can help.
pub async fn apply(notifier: &Notifier, delivery: Delivery) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    Ok(apply_event(notifier, &order, &fact, new_claim(), &delivery.cause).await?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the rim: each delivery of an event, and each request, is an attempt of its own"
)]
pub(super) fn new_claim() -> ClaimId {
    ClaimId::new(Uuid::now_v7().as_u128())
}

/// The order that an event is about, and the fact that it reports.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCompleted::TYPE => {
            let data = Received::<Completed>::parse(text)?.data;
            let content = Content::Completed(Money { minor: data.total, currency: data.currency.to_string() });
            ended(&data.order_id, data.customer_id.as_ref(), content)
        }
        OrderCancelled::TYPE => {
            let data = Received::<Cancelled>::parse(text)?.data;
            ended(&data.order_id, data.customer_id.as_ref(), Content::Cancelled(reason(&data.reason)))
        }
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

fn ended(
    order: &contracts::ids::OrderId,
    customer: Option<&contracts::ids::CustomerId>,
    content: Content,
) -> Result<(OrderId, Fact), EventError> {
    let order = OrderId::new(order.as_str()).ok_or(EventError::OutsideDomain("orderId"))?;
    let known = |id: &contracts::ids::CustomerId| CustomerId::new(id.as_str());
    let customer = customer.map(|id| known(id).ok_or(EventError::OutsideDomain("customerId"))).transpose()?;
    Ok((order, Fact { customer, content }))
}

/// The customer is notified of the end also where its reason is of a later release.
fn reason(read: &Open<Known>) -> CancelReason {
    match read {
        Open::Known(Known::Customer) => CancelReason::Customer,
        Open::Known(Known::OutOfStock) => CancelReason::OutOfStock,
        Open::Known(Known::PaymentFailed) => CancelReason::PaymentFailed,
        Open::Known(Known::ReservationExpired) => CancelReason::ReservationExpired,
        Open::Known(Known::TimedOut) => CancelReason::TimedOut,
        Open::Known(Known::Staff) => CancelReason::Staff,
        Open::Later(_) => CancelReason::Other,
    }
}
