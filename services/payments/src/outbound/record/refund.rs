//! Part of an item ⇄ refund.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::domain::ids::RefundId;
use crate::domain::refund::{Reason, Refund, RefundProgress};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundRecord {
    refund_id: String,
    amount: u64,
    reason: ReasonRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(with = "millisecond::required")]
    wanted_at: Timestamp,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_code: Option<String>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    failed_at: Option<Timestamp>,
    progress: ProgressRecord,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReasonRecord {
    Cancelled,
    LateSuccess,
    Staff,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum ProgressRecord {
    Wanted {
        #[serde(with = "millisecond::required")]
        next_try_at: Timestamp,
    },
    Sent {
        #[serde(with = "millisecond::required")]
        lease_ends_at: Timestamp,
    },
    PutOff {
        #[serde(with = "millisecond::required")]
        ask_at: Timestamp,
    },
    Done {
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
}

impl From<&Refund> for RefundRecord {
    fn from(refund: &Refund) -> Self {
        Self {
            refund_id: refund.id.to_string(),
            amount: refund.amount,
            reason: match refund.reason {
                Reason::Cancelled => ReasonRecord::Cancelled,
                Reason::LateSuccess => ReasonRecord::LateSuccess,
                Reason::Staff => ReasonRecord::Staff,
            },
            note: refund.note.clone(),
            wanted_at: refund.wanted_at,
            attempts: refund.attempts,
            last_code: refund.last_code.clone(),
            failed_at: refund.failed_at,
            progress: match refund.progress {
                RefundProgress::Wanted { next_try_at } => ProgressRecord::Wanted { next_try_at },
                RefundProgress::Sent { lease_ends_at } => ProgressRecord::Sent { lease_ends_at },
                RefundProgress::PutOff { ask_at } => ProgressRecord::PutOff { ask_at },
                RefundProgress::Done { at } => ProgressRecord::Done { at },
            },
        }
    }
}

impl From<RefundRecord> for Refund {
    fn from(record: RefundRecord) -> Self {
        Self {
            id: RefundId::trusted(&record.refund_id),
            amount: record.amount,
            reason: match record.reason {
                ReasonRecord::Cancelled => Reason::Cancelled,
                ReasonRecord::LateSuccess => Reason::LateSuccess,
                ReasonRecord::Staff => Reason::Staff,
            },
            note: record.note,
            wanted_at: record.wanted_at,
            attempts: record.attempts,
            last_code: record.last_code,
            failed_at: record.failed_at,
            progress: match record.progress {
                ProgressRecord::Wanted { next_try_at } => RefundProgress::Wanted { next_try_at },
                ProgressRecord::Sent { lease_ends_at } => RefundProgress::Sent { lease_ends_at },
                ProgressRecord::PutOff { ask_at } => RefundProgress::PutOff { ask_at },
                ProgressRecord::Done { at } => RefundProgress::Done { at },
            },
        }
    }
}
