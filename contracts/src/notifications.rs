//! The events of the notifications service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::{NotificationId, OrderId};
use crate::open::Open;

/// The source of every event in this module.
pub const SOURCE: &str = "oms.notifications";

/// A message to the customer was handed to its channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationSent {
    /// The order.
    pub order_id: OrderId,
    /// The message.
    pub notification_id: NotificationId,
    /// How it was sent.
    pub channel: Open<Channel>,
    /// What it was made from.
    pub template: Open<Template>,
}

impl EventData for NotificationSent {
    const TYPE: &'static str = "NotificationSent.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// A message to the customer was not sent, or did not arrive, or it is unknown whether it was sent. It is not sent again by
/// itself. It does not change the order's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationFailed {
    /// The order.
    pub order_id: OrderId,
    /// The message.
    pub notification_id: NotificationId,
    /// How it would have been sent.
    pub channel: Open<Channel>,
    /// What it would have been made from.
    pub template: Open<Template>,
    /// Why it was not sent.
    pub reason: Open<NotificationFailure>,
}

impl EventData for NotificationFailed {
    const TYPE: &'static str = "NotificationFailed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// E-mail.
    Email,
}

/// What a message is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Template {
    /// The order is completed.
    OrderCompleted,
    /// The order was cancelled.
    OrderCancelled,
}

/// Why a message was not sent, or did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationFailure {
    /// The customer has left no address for this channel.
    NoAddress,
    /// The channel refused the message for good.
    Refused,
    /// It is unknown whether the channel took the message; it is not sent again.
    OutcomeUnknown,
    /// The customer has left an address, and has not confirmed that it is theirs.
    Unconfirmed,
    /// Mail to the customer's address was stopped, because one came back or was reported as unwanted.
    AddressStopped,
    /// As many messages as are allowed have gone to the customer's address within the hour.
    RateLimited,
    /// The channel took the message, and the customer's address does not exist or takes no mail for good.
    Bounced,
    /// The customer got the message and called it spam.
    Complained,
}
