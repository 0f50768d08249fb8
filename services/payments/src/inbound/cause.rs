//! Why something is done that no message asked for.

use chassis::cause::Cause;
use contracts::{event_id, orders, payments};
use jiff::Timestamp;

use crate::settle::Stored;

/// The cause of what the clock or staff ask for: the payment's own latest event, or the order's first if the payment
/// never said anything. So an order's events stay one tree, under one correlation id.
#[must_use]
pub fn own_cause(stored: &Stored, traceparent: Option<String>, at: Timestamp) -> Cause {
    let order = stored.payment.order.as_str();
    let causation_id = match stored.revision.emitted {
        0 => event_id(orders::SOURCE, order, 1),
        latest => event_id(payments::SOURCE, order, latest),
    };
    Cause { correlation_id: stored.correlation_id.clone().unwrap_or_default(), causation_id, traceparent, at }
}
