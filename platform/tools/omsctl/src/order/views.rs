//! What the services' APIs show of an order to staff. A field that a later version adds is left out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reconcile::snapshot::Waiting;
use crate::stuck::AttentionEntry;

/// An order as support sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Order {
    pub status: String,
    pub refund: String,
    pub settled: bool,
    pub lines: Vec<OrderLine>,
    pub total: u64,
    pub currency: String,
    pub placed_at: Timestamp,
    pub pay_by: Timestamp,
    pub correlation_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_note: Option<String>,
    #[serde(default)]
    pub waiting_for: Vec<Waiting>,
    #[serde(default)]
    pub attention: Vec<AttentionEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct OrderLine {
    pub sku: String,
    pub quantity: u32,
    pub unit_price: u64,
}

/// What happened to an order, as orders stored it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct History {
    pub(super) facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fact {
    pub(super) at: Timestamp,
    pub(super) event_type: String,
    pub(super) source: String,
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) why: Option<String>,
}

/// Pieces that are held for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Reservation {
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Shortage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Shortage {
    pub sku: String,
    pub requested: u32,
    pub available: u64,
    /// Whether the sku was never stocked.
    #[serde(default)]
    pub unknown: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Payments {
    pub(super) payments: Vec<Payment>,
}

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Payment {
    pub payment_id: String,
    pub status: String,
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    #[serde(default)]
    pub refunded_total: u64,
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Attempt {
    pub attempt: u32,
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    pub outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Failure {
    pub category: String,
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "these are the API's names")]
pub struct Refund {
    pub refund_id: String,
    pub amount: u64,
    pub reason: String,
    pub status: String,
    pub attempts: u32,
    pub wanted_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
