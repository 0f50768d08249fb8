//! A refund as the API shows it.

use jiff::Timestamp;
use serde::Serialize;

use crate::application::refund::Granted;
use crate::domain::refund::{Reason, Refund, RefundProgress};

/// A refund as a part of its payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundItem {
    refund_id: String,
    amount: u64,
    reason: &'static str,
    status: &'static str,
    attempts: u32,
    wanted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A refund as the answer to the request for it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::inbound::http) struct RefundResponse {
    payment_id: String,
    order_id: String,
    #[serde(flatten)]
    refund: RefundItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// What of the charge can still be returned.
    left: u64,
}

impl RefundItem {
    pub(super) fn new(refund: &Refund, for_staff: bool) -> Self {
        let refunded_at = match refund.progress {
            RefundProgress::Done { at } => Some(at),
            RefundProgress::Wanted { .. } | RefundProgress::Sent { .. } | RefundProgress::PutOff { .. } => None,
        };
        Self {
            refund_id: refund.id.to_string(),
            amount: refund.amount,
            reason: match refund.reason {
                Reason::Cancelled => "CANCELLED",
                Reason::LateSuccess => "LATE_SUCCESS",
                Reason::Staff => "STAFF",
            },
            status: match (refunded_at, refund.failed_at) {
                (Some(_), _) => "REFUNDED",
                (None, Some(_)) => "FAILED",
                (None, None) => "PENDING",
            },
            attempts: refund.attempts,
            wanted_at: refund.wanted_at,
            next_try_at: refund.due(),
            refunded_at,
            failed_at: refund.failed_at,
            code: refund.last_code.clone(),
            note: refund.note.clone().filter(|_| for_staff),
        }
    }
}

impl RefundResponse {
    /// The refund with what it is a part of.
    pub(in crate::inbound::http) fn new(granted: &Granted) -> Self {
        let payment = &granted.payment;
        Self {
            payment_id: payment.id.to_string(),
            order_id: payment.order.to_string(),
            refund: RefundItem::new(&granted.refund, true),
            currency: payment.terms.as_ref().map(|terms| terms.currency.to_string()),
            left: payment.left(),
        }
    }
}
