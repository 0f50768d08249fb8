//! What is due without a message: holds that ran out, and steps that nobody has taken up.

use jiff::Timestamp;

use super::outcome;
use crate::domain::ids::OrderId;
use crate::outbound::{ApplyError, Store};

/// Looks at one reservation as of a time; says whether anything was changed.
///
/// # Errors
/// [`ApplyError`]; the reservation stays due.
pub async fn look(inventory: &Store, order: String, at: Timestamp) -> Result<bool, ApplyError> {
    let event = inventory.catch_up(&OrderId::trusted(&order), at).await?;
    if let Some(event) = &event {
        tracing::info!(outcome = outcome(event), "due and done");
    }
    Ok(event.is_some())
}
