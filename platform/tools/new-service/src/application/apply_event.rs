//! A fact about an order arrives.

use chassis::store::StoreError;

use super::OrderStore;
use crate::domain::ids::OrderId;
use crate::domain::order::{Fact, apply};

/// Applies a fact to its order.
///
/// # Errors
/// [`StoreError`], which knows whether a retry can help.
pub async fn apply_event(orders: &OrderStore, id: &OrderId, fact: &Fact) -> Result<(), StoreError> {
    let news = orders.update(id, |before| apply(before, fact)).await?;
    let outcome = if news { "noted" } else { "known" };
    tracing::info!(outcome, "fact applied");
    Ok(())
}
