//! The cause of what no message asked for.

use chassis::cause::Cause;
use chassis::store::Stored;
use contracts::{event_id, orders, payments};

use super::SagaPayment;

/// The cause of what a request, or the clock, leads to: the payment's own latest event, in the payment's own saga.
#[must_use]
pub fn in_its_saga(stored: &Stored<SagaPayment>, asked: &Cause) -> Cause {
    asked.in_saga(stored.value.correlation_id.as_deref().unwrap_or_default(), latest_event(stored))
}

/// The id of the event that the payment has published last, or of the order's first if it has published none.
#[must_use]
pub fn latest_event(stored: &Stored<SagaPayment>) -> String {
    let order = stored.value.payment.order.as_str();
    match stored.revision.emitted {
        0 => event_id(orders::SOURCE, order, 1),
        latest => event_id(payments::SOURCE, order, latest),
    }
}
