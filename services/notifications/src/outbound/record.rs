//! Item ⇄ deliveries of one order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::delivery::Deliveries;
use crate::domain::ids::{CustomerId, EventId, NotificationId, OrderId};
use crate::domain::message::{CancelReason, Content, Failure, Message, State};
use crate::domain::money::Money;

/// The deliveries of one order, as their item holds them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveriesRecord {
    order_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    messages: BTreeMap<String, MessageRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageRecord {
    cause: String,
    content: ContentRecord,
    state: StateRecord,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum ContentRecord {
    OrderCompleted { total: u64, currency: String },
    OrderCancelled { reason: ReasonRecord },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReasonRecord {
    Customer,
    OutOfStock,
    PaymentFailed,
    ReservationExpired,
    TimedOut,
    Staff,
    Other,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum StateRecord {
    Waiting,
    Claimed { until: Timestamp },
    Sent,
    NoAddress,
    Refused,
    Unknown,
}

/// A value in the item that the domain does not allow.
#[derive(Debug, thiserror::Error)]
#[error("the item's {0} is outside the domain")]
pub struct OutsideDomain(&'static str);

impl From<&Deliveries> for DeliveriesRecord {
    fn from(deliveries: &Deliveries) -> Self {
        let message = |(id, message): (&NotificationId, &Message)| (id.to_string(), message.into());
        Self {
            order_id: deliveries.order.to_string(),
            customer_id: deliveries.customer.as_ref().map(ToString::to_string),
            messages: deliveries.messages.iter().map(message).collect(),
        }
    }
}

impl DeliveriesRecord {
    /// The deliveries that the item holds.
    ///
    /// # Errors
    /// [`OutsideDomain`], when another program wrote the item.
    pub fn deliveries(&self) -> Result<Deliveries, OutsideDomain> {
        let customer = |id: &String| CustomerId::new(id).ok_or(OutsideDomain("customerId"));
        let message = |(id, record): (&String, &MessageRecord)| {
            Ok((NotificationId::new(id).ok_or(OutsideDomain("messages"))?, record.message()?))
        };
        Ok(Deliveries {
            order: OrderId::new(&self.order_id).ok_or(OutsideDomain("orderId"))?,
            customer: self.customer_id.as_ref().map(customer).transpose()?,
            messages: self.messages.iter().map(message).collect::<Result<_, _>>()?,
        })
    }
}

impl MessageRecord {
    fn message(&self) -> Result<Message, OutsideDomain> {
        Ok(Message {
            cause: EventId::new(&self.cause).ok_or(OutsideDomain("cause"))?,
            content: match &self.content {
                ContentRecord::OrderCompleted { total, currency } => {
                    Content::Completed(Money { minor: *total, currency: currency.clone() })
                }
                ContentRecord::OrderCancelled { reason } => Content::Cancelled((*reason).into()),
            },
            state: match &self.state {
                StateRecord::Waiting => State::Waiting,
                StateRecord::Claimed { until } => State::Claimed { until: *until },
                StateRecord::Sent => State::Sent,
                StateRecord::NoAddress => State::Failed(Failure::NoAddress),
                StateRecord::Refused => State::Failed(Failure::Refused),
                StateRecord::Unknown => State::Unknown,
            },
        })
    }
}

impl From<&Message> for MessageRecord {
    fn from(message: &Message) -> Self {
        Self {
            cause: message.cause.to_string(),
            content: match &message.content {
                Content::Completed(Money { minor, currency }) => {
                    ContentRecord::OrderCompleted { total: *minor, currency: currency.clone() }
                }
                Content::Cancelled(reason) => ContentRecord::OrderCancelled { reason: (*reason).into() },
            },
            state: match message.state {
                State::Waiting => StateRecord::Waiting,
                State::Claimed { until } => StateRecord::Claimed { until },
                State::Sent => StateRecord::Sent,
                State::Failed(Failure::NoAddress) => StateRecord::NoAddress,
                State::Failed(Failure::Refused) => StateRecord::Refused,
                State::Unknown => StateRecord::Unknown,
            },
        }
    }
}

macro_rules! same_reasons {
    ($($reason:ident),*) => {
        impl From<CancelReason> for ReasonRecord {
            fn from(reason: CancelReason) -> Self {
                match reason { $(CancelReason::$reason => Self::$reason,)* }
            }
        }
        impl From<ReasonRecord> for CancelReason {
            fn from(record: ReasonRecord) -> Self {
                match record { $(ReasonRecord::$reason => Self::$reason,)* }
            }
        }
    };
}

same_reasons!(Customer, OutOfStock, PaymentFailed, ReservationExpired, TimedOut, Staff, Other);
