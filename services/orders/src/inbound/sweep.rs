//! The schedule's role: orders that are due.

use chassis::store::StoreError;
use jiff::Timestamp;

use crate::application::Orders;
use crate::domain::ids::OrderId;

/// Sweeps the order under `key` as of `at`; true if that changed it.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(orders: &Orders, key: String, at: Timestamp) -> Result<bool, StoreError> {
    let changed = orders.sweep(&OrderId::trusted(&key), at).await?;
    if changed {
        tracing::info!("an order was due");
    }
    Ok(changed)
}
