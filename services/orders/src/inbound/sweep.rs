//! Orders that are due: open for too long, or waiting for too long to be settled.

use chassis::store::StoreError;
use jiff::Timestamp;
use tracing::Span;

use crate::domain::ids::OrderId;
use crate::outbound::Store;

/// Looks at the order under `key` as of `at`; true if that changed it.
///
/// # Errors
/// [`StoreError`].
pub async fn look(orders: &Store, key: String, at: Timestamp) -> Result<bool, StoreError> {
    let id = OrderId::trusted(&key);
    Span::current().record("order_id", id.as_str());
    let changed = orders.look(&id, at).await?;
    if changed {
        tracing::info!("an order was due");
    }
    Ok(changed)
}
