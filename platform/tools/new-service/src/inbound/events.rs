//! Events of orders become facts.

use chassis::consumer::{Classify, Delivery, Verdict};
use chassis::store::StoreError;
use contracts::orders::OrderCompleted;
use contracts::{ContractError, EventData, Received};

use super::views::Completed;
use crate::domain::ids::OrderId;
use crate::domain::order::Fact;
use crate::outbound::OrderStore;

/// The types that newcomer consumes, and that its rule routes.
pub const HANDLED: [&str; 1] = [OrderCompleted::TYPE];

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed something that this version does not know.
    #[error("newcomer does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// The event names what the domain does not admit.
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

/// Takes in one event.
///
/// # Errors
/// [`EventError`], which says whether a retry can help.
pub async fn apply(orders: &OrderStore, delivery: Delivery) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    let outcome = if orders.hear(&order, &fact).await? { "noted" } else { "known" };
    tracing::info!(outcome, "fact heard");
    Ok(())
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCompleted::TYPE => {
            let data = Received::<Completed>::parse(text)?.data;
            let order = OrderId::new(data.order_id.as_str()).ok_or(EventError::OutsideDomain("orderId"))?;
            Ok((order, Fact::Completed { at: data.completed_at }))
        }
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}
