//! The schedule → the reservations that are due.

use chassis::clock;
use jiff::Timestamp;

use super::outcome;
use crate::application::{self, ApplyError, Store};
use crate::domain::ids::OrderId;

/// Sweeps one reservation as of `due`; answers whether it changed.
///
/// # Errors
/// [`ApplyError`]; the reservation stays due.
pub async fn sweep(store: &Store, order: String, due: Timestamp) -> Result<bool, ApplyError> {
    let event = application::sweep(store, &OrderId::trusted(&order), due, clock::now()).await?;
    if let Some(event) = &event {
        tracing::info!(outcome = outcome(event), "reservation swept");
    }
    Ok(event.is_some())
}
