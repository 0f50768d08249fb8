//! What payments and the gateway say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What payments knows of one order's money.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Its id.
    pub payment_id: String,
    /// Whose it is.
    pub order_id: String,
    /// How far it is.
    pub status: Charging,
    /// What is to be charged; absent while payments has not heard it.
    #[serde(default)]
    pub amount: Option<u64>,
    /// Every attempt to charge.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due.
    #[serde(default)]
    pub next_attempt_at: Option<Timestamp>,
    /// The gateway's name of it.
    #[serde(default)]
    pub gateway_reference: Option<String>,
    /// When payments heard that the order was cancelled.
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    /// What went back, or is to.
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum Charging {
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
    /// When it was begun.
    pub started_at: Timestamp,
    /// When its outcome was learnt.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

/// Money that went back, or is to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Its id.
    pub refund_id: String,
    /// How much.
    pub amount: u64,
    /// When it was wanted.
    pub wanted_at: Timestamp,
    /// When it had gone through.
    #[serde(default)]
    pub refunded_at: Option<Timestamp>,
}

/// What the gateway took and gave back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ledger {
    /// What it took.
    pub charges: Vec<Charge>,
    /// What it gave back.
    #[serde(default)]
    pub refunds: Vec<Returned>,
}

/// What the gateway took.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// The gateway's id of it.
    pub id: String,
    /// What payments calls its reference.
    pub payment_intent: String,
    /// Whose order it is for, as payments told the gateway.
    #[serde(default)]
    pub order_id: Option<String>,
    /// Minor units.
    pub amount: u64,
    /// When it was taken.
    pub at: Timestamp,
}

/// What the gateway gave back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Returned {
    /// The gateway's id of it.
    pub id: String,
    /// Whose order the charge was for, as payments told the gateway.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The refund of payments that it is, as payments told the gateway.
    #[serde(default)]
    pub refund_id: Option<String>,
    /// Minor units.
    pub amount: u64,
    /// When it was given back.
    pub at: Timestamp,
}

impl Payment {
    /// Whether nothing is decided about it yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.status {
            Charging::Pending | Charging::Retrying | Charging::Charging | Charging::Unknown => true,
            Charging::Succeeded | Charging::Failed | Charging::Voided => false,
        }
    }

    /// What went back.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        self.refunds.iter().filter(|refund| refund.refunded_at.is_some()).map(|refund| refund.amount).sum()
    }

    /// What went back or is to.
    #[must_use]
    pub fn on_its_way_back(&self) -> u64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}
