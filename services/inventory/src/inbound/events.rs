//! Contract → fact: what an event of orders means for its reservation.

use std::collections::BTreeMap;

use chassis::consumer::Delivery;
use chassis::verdict::{Classify, Verdict};
use contracts::orders::{OrderCancelled, OrderConfirmed, OrderCreated};
use contracts::{ContractError, EventData, Received};
use jiff::{SignedDuration, Timestamp};

use super::reads::{Cancelled, Confirmed, Created, CreatedLine};
use super::{missing, outcome};
use crate::application::{ApplyError, Store, apply_event};
use crate::domain::ids::{OrderId, Sku};
use crate::domain::reservation::{Fact, Line};

/// The types that inventory consumes, and that its rule routes.
pub const HANDLED: [&str; 3] = [OrderCreated::TYPE, OrderConfirmed::TYPE, OrderCancelled::TYPE];

/// Why an event was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed a type that this version does not consume.
    #[error("inventory does not consume {0}")]
    UnknownType(String),
    /// The event breaks its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// The lines of one sku add up to more than [`u32::MAX`] pieces.
    #[error("the lines of one sku must add up to at most {} pieces", u32::MAX)]
    TooManyPieces,
    /// The fact was not carried out.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) | Self::TooManyPieces => Verdict::Park,
            Self::Apply(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) | Self::TooManyPieces => "contract",
            Self::Apply(error) => error.class(),
        }
    }
}

/// Carries out one delivery for its order; a hold begins at the delivery and lasts for `hold`.
///
/// # Errors
/// [`EventError`], which says whether a retry can help.
pub async fn apply(store: &Store, hold: SignedDuration, delivery: Delivery) -> Result<(), EventError> {
    let expires_at = delivery.cause.at.saturating_add(hold).unwrap_or(Timestamp::MAX);
    let (order, fact) = fact(&delivery.event_type, &delivery.text, expires_at)?;
    let event = apply_event(store, &order, &fact, &delivery.cause).await?;
    let outcome = event.as_ref().map_or("duplicate_or_late", outcome);
    let missing = event.as_ref().and_then(missing);
    tracing::info!(outcome, missing, "event applied");
    Ok(())
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that breaks its contract.
pub fn fact(event_type: &str, text: &str, expires_at: Timestamp) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCreated::TYPE => {
            let data = Received::<Created>::parse(text)?.data;
            let lines = lines(&data.lines)?;
            Ok((order(&data.order_id), Fact::Created { lines, expires_at: to_the_millisecond(expires_at) }))
        }
        OrderConfirmed::TYPE => Ok((order(&Received::<Confirmed>::parse(text)?.data.order_id), Fact::Confirmed)),
        OrderCancelled::TYPE => Ok((order(&Received::<Cancelled>::parse(text)?.data.order_id), Fact::Cancelled)),
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

/// What is published is what is stored, and a stored time has milliseconds.
fn to_the_millisecond(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// One line a sku: a transaction cannot move the same stock twice.
fn lines(created: &[CreatedLine]) -> Result<Vec<Line>, EventError> {
    let mut pieces: BTreeMap<&str, u32> = BTreeMap::new();
    for line in created {
        let sum = pieces.entry(line.sku.as_str()).or_default();
        *sum = sum.checked_add(line.quantity).ok_or(EventError::TooManyPieces)?;
    }
    Ok(pieces.into_iter().map(|(sku, quantity)| Line { sku: Sku::trusted(sku), quantity }).collect())
}

fn order(id: &contracts::ids::OrderId) -> OrderId {
    OrderId::trusted(id.as_str())
}
