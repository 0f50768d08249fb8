//! A fact about an order arrives.

use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};

use super::OrderStore;
use crate::domain::ids::OrderId;
use crate::domain::order::{Fact, Order, apply};

/// Applies a fact to its order.
///
/// # Errors
/// [`StoreError`], which knows whether a retry can help.
pub async fn apply_event(orders: &OrderStore, id: &OrderId, fact: &Fact) -> Result<(), StoreError> {
    let decide = |read: Stored<Order>| async move {
        let after = apply(&read.value, fact);
        if after == read.value {
            return Ok(Round::Done("known"));
        }
        Ok(match orders.save(&read, &after).await? {
            Saved::Applied(()) => Round::Done("noted"),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    let outcome: &str = retry_on_conflict(id.as_str(), || orders.get(id), decide).await?;
    tracing::info!(outcome, "fact applied");
    Ok(())
}
