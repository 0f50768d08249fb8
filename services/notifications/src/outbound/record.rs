//! Item ⇄ deliveries of one order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::delivery::Deliveries;
use crate::domain::ids::{ClaimId, OrderId};
use crate::domain::message::{Failure, State, Template};

/// The deliveries of one order, as their item holds them. The order is the item's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveriesRecord {
    messages: BTreeMap<TemplateRecord, StateRecord>,
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
    Unknown,
}

impl From<&Deliveries> for DeliveriesRecord {
    fn from(deliveries: &Deliveries) -> Self {
        let message = |(template, state): (&Template, &State)| ((*template).into(), (*state).into());
        Self { messages: deliveries.messages.iter().map(message).collect() }
    }
}

impl DeliveriesRecord {
    /// The deliveries of this order, which the item holds.
    #[must_use]
    pub fn deliveries(self, order: OrderId) -> Deliveries {
        let message = |(template, state): (TemplateRecord, StateRecord)| (template.into(), state.into());
        Deliveries { order, messages: self.messages.into_iter().map(message).collect() }
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
