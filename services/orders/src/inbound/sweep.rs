//! The schedule's role: orders that are due.

use chassis::clock;
use chassis::store::StoreError;
use jiff::Timestamp;

use crate::application::Orders;
use crate::domain::ids::OrderId;

/// Sweeps the order under `key` as of `due_by`; true if that changed it.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(orders: &Orders, key: String, due_by: Timestamp) -> Result<bool, StoreError> {
    let changed = orders.sweep(&OrderId::trusted(&key), due_by, clock::now()).await?;
    if changed {
        tracing::info!("an order was due");
    }
    Ok(changed)
}
