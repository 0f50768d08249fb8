//! The cause of what a request, or SES, leads to in a saga that is under way.

use chassis::cause::Cause;
use chassis::store::Stored;
use contracts::{event_id, notifications, orders};

use crate::domain::ids::OrderId;
use crate::outbound::SagaDeliveries;

/// The messages' own latest event causes what becomes of them, or the order's first if they have published none.
#[must_use]
pub fn in_its_saga(read: &Stored<SagaDeliveries>, order: &OrderId, asked: &Cause) -> Cause {
    let latest = match read.revision.emitted {
        0 => event_id(orders::SOURCE, order.as_str(), 1),
        latest => event_id(notifications::SOURCE, order.as_str(), latest),
    };
    asked.in_saga(read.value.correlation_id.as_deref().unwrap_or(&asked.correlation_id), latest)
}
