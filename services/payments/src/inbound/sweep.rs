//! The clock: refunds that are due are tried again.

use jiff::Timestamp;
use tracing::Span;

use super::own_cause;
use crate::domain::decide::{Heard, Rules};
use crate::domain::ids::OrderId;
use crate::settle::{Gateway, Payments, Unsettled, settle};

/// Looks at the payment of one order, and says whether anything changed.
///
/// # Errors
/// [`Unsettled`]: the payment stays due.
pub async fn look(
    payments: &impl Payments,
    gateway: &impl Gateway,
    now: impl Fn() -> Timestamp,
    rules: &Rules,
    order: &str,
) -> Result<bool, Unsettled> {
    let read = payments.load(&OrderId::trusted(order)).await?;
    if let Some(correlation_id) = &read.correlation_id {
        Span::current().record("correlation_id", correlation_id);
    }
    let (before, cause) = (read.revision, own_cause(&read, None, now()));
    let stored = settle(payments, gateway, now, rules, read, Heard::Due, &cause).await?;
    if stored.revision == before {
        return Ok(false);
    }
    let (refunded, owed) = (stored.payment.refunded(), stored.payment.owed());
    tracing::info!(order_id = order, status = stored.payment.status(), refunded, owed, "refunds looked after");
    Ok(true)
}
