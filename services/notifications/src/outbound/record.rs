//! Item ⇄ deliveries of one order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::delivery::{Deliveries, Fact};
use crate::domain::ids::{ClaimId, CustomerId, OrderId, ResendId};
use crate::domain::message::{CancelReason, Content, Failure, State, Template};
use crate::domain::money::Money;
use crate::domain::resend::Resend;

/// The deliveries of one order, as their item holds them. The order is the item's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveriesRecord {
    messages: BTreeMap<TemplateRecord, MessageRecord>,
    /// The saga's correlation id; items of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) correlation_id: Option<String>,
    /// When the item was written last; items of earlier versions do not know.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub(super) updated_at: Option<Timestamp>,
}

/// A message: how far it is; what it says (a total, or a reason) and to whom; and how support had it sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageRecord {
    #[serde(flatten)]
    state: StateRecord,
    #[serde(flatten)]
    fact: FactRecord,
    /// The latest attempt that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resend: Option<ResendRecord>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResendRecord {
    id: Uuid,
    note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TemplateRecord {
    OrderCompleted,
    OrderCancelled,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum StateRecord {
    Waiting,
    Claimed {
        #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
        until: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Uuid>,
    },
    Sent,
    NoAddress,
    Unconfirmed,
    AddressStopped,
    RateLimited,
    Refused,
    Bounced,
    Complained,
    Unknown,
}

impl From<&Deliveries> for DeliveriesRecord {
    fn from(deliveries: &Deliveries) -> Self {
        let message = |(template, state): (&Template, &State)| {
            let fact = deliveries.facts.get(template).map(FactRecord::from).unwrap_or_default();
            let resend = deliveries.resends.get(template).map(ResendRecord::from);
            let attempt = deliveries.attempts.get(template).map(|attempt| Uuid::from_u128(attempt.number()));
            ((*template).into(), MessageRecord { state: (*state).into(), fact, attempt, resend })
        };
        let messages = deliveries.messages.iter().map(message).collect();
        Self { messages, correlation_id: None, updated_at: None }
    }
}

impl DeliveriesRecord {
    /// With the saga that it belongs to, and when it is written.
    pub(super) fn written(self, correlation_id: String, at: Timestamp) -> Self {
        Self { correlation_id: Some(correlation_id), updated_at: Some(at), ..self }
    }

    /// The deliveries of this order, which the item holds.
    #[must_use]
    pub fn deliveries(self, order: OrderId) -> Deliveries {
        let mut deliveries = Deliveries::none(order);
        for (template, MessageRecord { state, fact, attempt, resend }) in self.messages {
            let template = template.into();
            deliveries.messages.insert(template, state.into());
            deliveries.facts.extend(fact.fact().map(|fact| (template, fact)));
            deliveries.attempts.extend(attempt.map(|attempt| (template, ClaimId::new(attempt.as_u128()))));
            deliveries.resends.extend(resend.map(|resend| (template, resend.into())));
        }
        deliveries
    }
}

impl FactRecord {
    /// What the message says; none if an earlier version has claimed it.
    fn fact(self) -> Option<Fact> {
        let content = match (self.total, self.currency, self.reason) {
            (Some(minor), Some(currency), None) => Content::Completed(Money { minor, currency }),
            (None, None, Some(reason)) => Content::Cancelled(reason.into()),
            (_, _, _) => return None,
        };
        Some(Fact { customer: self.customer.as_deref().and_then(CustomerId::new), content })
    }
}

impl From<&Fact> for FactRecord {
    fn from(Fact { customer, content }: &Fact) -> Self {
        let customer = customer.as_ref().map(ToString::to_string);
        match content {
            Content::Completed(Money { minor, currency }) => {
                Self { customer, total: Some(*minor), currency: Some(currency.clone()), reason: None }
            }
            Content::Cancelled(reason) => Self { customer, reason: Some((*reason).into()), ..Self::default() },
        }
    }
}

impl From<&Resend> for ResendRecord {
    fn from(Resend { id, note }: &Resend) -> Self {
        Self { id: Uuid::from_u128(id.number()), note: note.clone() }
    }
}

impl From<ResendRecord> for Resend {
    fn from(ResendRecord { id, note }: ResendRecord) -> Self {
        Self { id: ResendId::new(id.as_u128()), note }
    }
}

impl From<CancelReason> for ReasonRecord {
    fn from(reason: CancelReason) -> Self {
        match reason {
            CancelReason::Customer => Self::Customer,
            CancelReason::OutOfStock => Self::OutOfStock,
            CancelReason::PaymentFailed => Self::PaymentFailed,
            CancelReason::ReservationExpired => Self::ReservationExpired,
            CancelReason::TimedOut => Self::TimedOut,
            CancelReason::Staff => Self::Staff,
            CancelReason::Other => Self::Other,
        }
    }
}

impl From<ReasonRecord> for CancelReason {
    fn from(record: ReasonRecord) -> Self {
        match record {
            ReasonRecord::Customer => Self::Customer,
            ReasonRecord::OutOfStock => Self::OutOfStock,
            ReasonRecord::PaymentFailed => Self::PaymentFailed,
            ReasonRecord::ReservationExpired => Self::ReservationExpired,
            ReasonRecord::TimedOut => Self::TimedOut,
            ReasonRecord::Staff => Self::Staff,
            ReasonRecord::Other => Self::Other,
        }
    }
}

impl From<StateRecord> for State {
    fn from(record: StateRecord) -> Self {
        match record {
            StateRecord::Waiting => Self::Waiting,
            StateRecord::Claimed { until, by } => Self::Claimed { until, by: by.map(|by| ClaimId::new(by.as_u128())) },
            StateRecord::Sent => Self::Sent,
            StateRecord::NoAddress => Self::Failed(Failure::NoAddress),
            StateRecord::Unconfirmed => Self::Failed(Failure::Unconfirmed),
            StateRecord::AddressStopped => Self::Failed(Failure::AddressStopped),
            StateRecord::RateLimited => Self::Failed(Failure::RateLimited),
            StateRecord::Refused => Self::Failed(Failure::Refused),
            StateRecord::Bounced => Self::Failed(Failure::Bounced),
            StateRecord::Complained => Self::Failed(Failure::Complained),
            StateRecord::Unknown => Self::Unknown,
        }
    }
}

impl From<State> for StateRecord {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Claimed { until, by } => Self::Claimed { until, by: by.map(|by| Uuid::from_u128(by.number())) },
            State::Sent => Self::Sent,
            State::Failed(Failure::NoAddress) => Self::NoAddress,
            State::Failed(Failure::Unconfirmed) => Self::Unconfirmed,
            State::Failed(Failure::AddressStopped) => Self::AddressStopped,
            State::Failed(Failure::RateLimited) => Self::RateLimited,
            State::Failed(Failure::Refused) => Self::Refused,
            State::Failed(Failure::Bounced) => Self::Bounced,
            State::Failed(Failure::Complained) => Self::Complained,
            State::Unknown => Self::Unknown,
        }
    }
}

impl From<Template> for TemplateRecord {
    fn from(template: Template) -> Self {
        match template {
            Template::OrderCompleted => Self::OrderCompleted,
            Template::OrderCancelled => Self::OrderCancelled,
        }
    }
}

impl From<TemplateRecord> for Template {
    fn from(record: TemplateRecord) -> Self {
        match record {
            TemplateRecord::OrderCompleted => Self::OrderCompleted,
            TemplateRecord::OrderCancelled => Self::OrderCancelled,
        }
    }
}
