//! Cancellation on request: of a customer, or of staff.

use jiff::Timestamp;

use super::decision::{CancelReason, Decision, Event};
use super::order::{self, Order};
use super::status::Status;

/// A cancel comes after the pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the order is {} and can no longer be cancelled", .0.as_str())]
pub struct TooLate(pub Status);

/// The order after a request to cancel it; unchanged if it was cancelled before, for whatever reason.
///
/// # Errors
/// [`TooLate`] after the pivot.
pub fn cancel(order: &Order, reason: CancelReason, at: Timestamp) -> Result<(Order, Vec<Event>), TooLate> {
    let event = cancel_against_confirm(order, reason)?;
    Ok(order::after(order, event, at))
}

/// What a request to cancel leads to. Confirm and cancel race on one item: the write that loses is decided again, on
/// what the other has written.
fn cancel_against_confirm(order: &Order, reason: CancelReason) -> Result<Option<Event>, TooLate> {
    match &order.decision {
        Decision::Open => Ok(Some(Event::Cancelled { reason })),
        Decision::Cancelled { .. } => Ok(None),
        Decision::Confirmed { .. } | Decision::Completed { .. } => Err(TooLate(order.status())),
    }
}
