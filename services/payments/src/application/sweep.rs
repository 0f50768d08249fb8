//! The clock: refunds that are due are tried again.

use chassis::cause::Cause;
use jiff::Timestamp;
use tracing::Span;

use super::settle::{Unsettled, settle};
use super::{App, Gateway, PaymentStore, latest_event};
use crate::domain::decide::Input;
use crate::domain::decision::Worker;
use crate::domain::ids::OrderId;

/// Goes on with the refunds of one order's payment; whether anything changed.
///
/// # Errors
/// [`Unsettled`]: the payment stays due.
pub async fn sweep<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    order: &OrderId,
) -> Result<bool, Unsettled> {
    let read = app.payments.load(order).await?;
    let correlation_id = read.value.correlation_id.clone().unwrap_or_default();
    Span::current().record("correlation_id", &correlation_id);
    let cause = Cause::new(correlation_id, latest_event(&read), (app.clock)());
    let before = read.revision.clone();
    let swept = settle(app, Worker::Sweep, read, Input::Due, &cause).await?;
    if swept.revision == before {
        return Ok(false);
    }
    let payment = &swept.value.payment;
    let (refunded, owed) = (payment.refunded(), payment.owed());
    tracing::info!(status = payment.status(), refunded, owed, "due refunds tried");
    Ok(true)
}
