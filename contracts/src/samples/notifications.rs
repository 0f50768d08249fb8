use super::{Samples, order_id, parsed};
use crate::ids::NotificationId;
use crate::notifications::{Channel, NotificationFailed, NotificationFailure, NotificationSent, Template};

fn notification_id() -> NotificationId {
    parsed("ntf_7d2f9b10-3c84-5b6e-9a77-12ab34cd56ef")
}

impl Samples for NotificationSent {
    fn samples() -> Vec<Self> {
        [Template::OrderCompleted, Template::OrderCancelled]
            .map(|template| Self {
                order_id: order_id(),
                notification_id: notification_id(),
                channel: Channel::Email.into(),
                template: template.into(),
            })
            .into()
    }
}

impl Samples for NotificationFailed {
    fn samples() -> Vec<Self> {
        [
            (NotificationFailure::NoAddress, Template::OrderCompleted),
            (NotificationFailure::Refused, Template::OrderCancelled),
            (NotificationFailure::OutcomeUnknown, Template::OrderCompleted),
            (NotificationFailure::Unconfirmed, Template::OrderCancelled),
            (NotificationFailure::AddressStopped, Template::OrderCompleted),
            (NotificationFailure::RateLimited, Template::OrderCancelled),
            (NotificationFailure::Bounced, Template::OrderCancelled),
            (NotificationFailure::Complained, Template::OrderCompleted),
        ]
        .map(|(reason, template)| Self {
            order_id: order_id(),
            notification_id: notification_id(),
            channel: Channel::Email.into(),
            template: template.into(),
            reason: reason.into(),
        })
        .into()
    }
}
