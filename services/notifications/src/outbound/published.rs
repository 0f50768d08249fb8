//! Decision → contract: what notifications makes true, as the events that it publishes.

use chassis::cause::Cause;
use chassis::store::Revision;
use contracts::ids::InvalidId;
use contracts::notifications::{
    Channel, NotificationFailed, NotificationFailure, NotificationSent, Template as ContractTemplate,
};
use contracts::{Envelope, Header};

use crate::domain::delivery::{Event, Failure, Template};
use crate::domain::ids::OrderId;

/// An event as it will be published. It is caused by the event that the message is about, also where another one,
/// which told who the customer is, has set it going.
///
/// # Errors
/// A value that the contract does not admit: a defect, which the tests of every event rule out.
pub fn event(order: &OrderId, event: &Event, cause: &Cause, read: Revision) -> Result<String, InvalidId> {
    let header = Header {
        time: cause.at,
        correlation_id: cause.correlation_id.clone(),
        causation_id: event.cause.to_string(),
        traceparent: cause.traceparent.clone(),
        sequence: read.emitted + 1,
    };
    let (order_id, notification_id) = (same(order.as_str())?, same(event.notification.as_str())?);
    let (channel, template) = (Channel::Email, spoken(event.template));
    Ok(match event.failure {
        None => Envelope::new(NotificationSent { order_id, notification_id, channel, template }, header).to_json(),
        Some(failure) => {
            let reason = why(failure);
            Envelope::new(NotificationFailed { order_id, notification_id, channel, template, reason }, header).to_json()
        }
    })
}

fn spoken(template: Template) -> ContractTemplate {
    match template {
        Template::OrderCompleted => ContractTemplate::OrderCompleted,
        Template::OrderCancelled => ContractTemplate::OrderCancelled,
    }
}

fn why(failure: Failure) -> NotificationFailure {
    match failure {
        Failure::NoAddress => NotificationFailure::NoAddress,
        Failure::Refused => NotificationFailure::Refused,
    }
}

/// A domain value in the contract's type.
fn same<T: TryFrom<String, Error = InvalidId>>(text: &str) -> Result<T, InvalidId> {
    T::try_from(text.to_owned())
}
