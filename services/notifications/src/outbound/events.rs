//! Decision → contract: the events that notifications publishes.

use chassis::cause::Cause;
use chassis::store::{Outbox, Revision};
use contracts::ids::InvalidId;
use contracts::notifications::{
    Channel, NotificationFailed, NotificationFailure, NotificationSent, Template as ContractTemplate,
};
use contracts::{Envelope, Header, notifications, outbox};

use crate::domain::ids::OrderId;
use crate::domain::message::{Event, Failure, Fate, Template};

/// What the tables keep of the events, and how the relay completes them.
pub const OUTBOX: Outbox =
    Outbox { source: notifications::SOURCE, shorten: outbox::shorten, complete: outbox::complete };

/// The outbox of one write.
///
/// # Errors
/// A value that the contract does not allow: a defect, which the tests of every event rule out.
pub fn events(order: &OrderId, events: &[Event], cause: &Cause, read: &Revision) -> Result<Vec<String>, InvalidId> {
    (read.emitted + 1..).zip(events).map(|(sequence, event)| one(order, event, cause, sequence)).collect()
}

fn one(order: &OrderId, event: &Event, cause: &Cause, sequence: u64) -> Result<String, InvalidId> {
    let header = Header {
        time: cause.at,
        correlation_id: cause.correlation_id.clone(),
        causation_id: cause.causation_id.clone(),
        traceparent: cause.traceparent.clone(),
        hops: cause.hops,
        sequence,
    };
    let (order_id, notification_id) = (same(order.as_str())?, same(event.notification.as_str())?);
    let (channel, template) = (Channel::Email.into(), template_of(event.template).into());
    Ok(match failure(event.fate) {
        None => Envelope::new(NotificationSent { order_id, notification_id, channel, template }, header).to_json(),
        Some(reason) => {
            let reason = reason.into();
            Envelope::new(NotificationFailed { order_id, notification_id, channel, template, reason }, header).to_json()
        }
    })
}

fn template_of(template: Template) -> ContractTemplate {
    match template {
        Template::OrderCompleted => ContractTemplate::OrderCompleted,
        Template::OrderCancelled => ContractTemplate::OrderCancelled,
    }
}

/// Why the message counts as not sent, unless it was sent. In the contract an unknown outcome is a failure, because the
/// message will not be sent again.
fn failure(fate: Fate) -> Option<NotificationFailure> {
    match fate {
        Fate::Sent => None,
        Fate::Failed(Failure::NoAddress) => Some(NotificationFailure::NoAddress),
        Fate::Failed(Failure::Unconfirmed) => Some(NotificationFailure::Unconfirmed),
        Fate::Failed(Failure::AddressStopped) => Some(NotificationFailure::AddressStopped),
        Fate::Failed(Failure::RateLimited) => Some(NotificationFailure::RateLimited),
        Fate::Failed(Failure::Refused) => Some(NotificationFailure::Refused),
        Fate::Failed(Failure::Bounced) => Some(NotificationFailure::Bounced),
        Fate::Failed(Failure::Complained) => Some(NotificationFailure::Complained),
        Fate::Unknown => Some(NotificationFailure::OutcomeUnknown),
    }
}

/// A domain value in the contract's type.
fn same<T: TryFrom<String, Error = InvalidId>>(text: &str) -> Result<T, InvalidId> {
    T::try_from(text.to_owned())
}
