//! Contract → fact: what the events of orders mean to newcomer.

use chassis::consumer::Delivery;
use chassis::store::StoreError;
use chassis::verdict::{Classify, Verdict};
use contracts::orders::OrderCompleted;
use contracts::{ContractError, EventData, Received};

use super::reads::CompletedOrder;
use crate::application::{OrderStore, apply_event};
use crate::domain::ids::OrderId;
use crate::domain::order::Fact;

/// The types that newcomer consumes, and that its rule routes.
pub const HANDLED: [&str; 1] = [OrderCompleted::TYPE];

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed something that this version does not know.
    #[error("newcomer does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// A value of the event is outside the domain.
    #[error("the event's {0} is outside the domain")]
    OutsideDomain(&'static str),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) | Self::OutsideDomain(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) => "contract",
            Self::OutsideDomain(_) => "outside_domain",
            Self::Store(error) => error.class(),
        }
    }
}

/// Applies one event.
///
/// # Errors
/// [`EventError`], which knows whether a retry can help.
pub async fn apply(orders: &OrderStore, delivery: Delivery) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    Ok(apply_event(orders, &order, &fact).await?)
}

/// The order that an event is about, and the fact that it reports.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCompleted::TYPE => {
            let data = Received::<CompletedOrder>::parse(text)?.data;
            let order = OrderId::new(data.order_id.as_str()).ok_or(EventError::OutsideDomain("orderId"))?;
            Ok((order, Fact::Completed { at: data.completed_at }))
        }
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}
