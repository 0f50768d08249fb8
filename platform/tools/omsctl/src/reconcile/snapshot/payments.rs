//! What payments and the gateway know.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The payment of one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The payment's id.
    pub payment_id: String,
    /// The order's id.
    pub order_id: String,
    /// The payment's status.
    pub status: PaymentStatus,
    /// The amount to charge, in minor units; `None` before payments consumed `OrderCreated`.
    #[serde(default)]
    pub amount: Option<u64>,
    /// Every attempt to charge, oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due.
    #[serde(default)]
    pub next_attempt_at: Option<Timestamp>,
    /// The gateway's id of the payment.
    #[serde(default)]
    pub gateway_reference: Option<String>,
    /// When payments consumed the order's cancellation.
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    /// Refunds, requested and completed.
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

/// A payment's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum PaymentStatus {
    Pending,
    Retrying,
    Charging,
    Unknown,
    Succeeded,
    Failed,
    Voided,
}

/// An attempt to charge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// When payments learned its outcome.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

/// A refund of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// The refund's id.
    pub refund_id: String,
    /// In minor units.
    pub amount: u64,
    /// When it was requested.
    #[serde(rename = "wantedAt")]
    pub requested_at: Timestamp,
    /// When the gateway returned the money; `None` before.
    #[serde(default)]
    pub refunded_at: Option<Timestamp>,
}

/// The gateway's ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ledger {
    /// Every charge.
    pub charges: Vec<Charge>,
    /// Every refund.
    #[serde(default)]
    pub refunds: Vec<GatewayRefund>,
}

/// A charge in the gateway's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// The charge's id at the gateway.
    pub id: String,
    /// The id that payments stores as its gateway reference.
    pub payment_intent: String,
    /// The order's id, from the metadata that payments sent.
    #[serde(default)]
    pub order_id: Option<String>,
    /// In minor units.
    pub amount: u64,
    /// When the gateway charged.
    pub at: Timestamp,
}

/// A refund in the gateway's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayRefund {
    /// The refund's id at the gateway.
    pub id: String,
    /// The order's id, from the metadata that payments sent.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The id of payments' own refund, from the metadata that payments sent.
    #[serde(default)]
    pub refund_id: Option<String>,
    /// In minor units.
    pub amount: u64,
    /// When the gateway returned the money.
    pub at: Timestamp,
}

impl Payment {
    /// Whether the payment has no final outcome yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.status {
            PaymentStatus::Pending | PaymentStatus::Retrying | PaymentStatus::Charging | PaymentStatus::Unknown => true,
            PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Voided => false,
        }
    }

    /// The amount that was returned.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        self.refunds.iter().filter(|refund| refund.refunded_at.is_some()).map(|refund| refund.amount).sum()
    }

    /// The amount that was returned or will be.
    #[must_use]
    pub fn refund_total(&self) -> u64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}
