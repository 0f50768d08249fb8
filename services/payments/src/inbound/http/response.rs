//! A payment as the API shows it: without the way to pay.

mod refund;

use chassis::store::Stored;
use jiff::Timestamp;
use serde::Serialize;

use crate::application::SagaPayment;
use crate::domain::attempt::{Attempt, Outcome};
use crate::domain::payment::{Failure, Stage};
use refund::RefundItem;

pub(super) use refund::RefundResponse;

/// A payment as the API shows it. The amount is in minor units of `currency`; both are absent while only other facts
/// about the order are known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentResponse {
    payment_id: String,
    order_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    attempts: Vec<AttemptItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    refunded_total: u64,
    refunds: Vec<RefundItem>,
    correlation_id: Option<String>,
    version: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AttemptItem {
    attempt: usize,
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Debug, Serialize)]
struct FailureItem {
    category: &'static str,
    code: String,
}

impl PaymentResponse {
    /// The payment; with staff's notes if it is shown to staff.
    pub(super) fn new(stored: &Stored<SagaPayment>, for_staff: bool) -> Self {
        let SagaPayment { payment, correlation_id } = &stored.value;
        Self {
            payment_id: payment.id.to_string(),
            order_id: payment.order.to_string(),
            status: payment.status(),
            amount: payment.terms.as_ref().map(|terms| terms.amount),
            currency: payment.terms.as_ref().map(|terms| terms.currency.to_string()),
            attempts: (1..).zip(&payment.attempts).map(attempt).collect(),
            next_attempt_at: next_attempt_at(&payment.stage),
            gateway_reference: payment.intent.as_ref().map(ToString::to_string),
            failure: failure(&payment.stage),
            cancelled_at: payment.cancelled_at,
            refunded_total: payment.refunded(),
            refunds: payment.refunds.iter().map(|refund| RefundItem::new(refund, for_staff)).collect(),
            correlation_id: correlation_id.clone(),
            version: stored.revision.version,
        }
    }
}

fn attempt((number, attempt): (usize, &Attempt)) -> AttemptItem {
    let (outcome, code) = match &attempt.outcome {
        Outcome::Pending => ("PENDING", None),
        Outcome::Charged => ("CHARGED", None),
        Outcome::Declined { code } => ("DECLINED", Some(code.clone())),
        Outcome::NotCharged { code } => ("NOT_CHARGED", Some(code.clone())),
        Outcome::Unknown { code } => ("UNKNOWN", Some(code.clone())),
        Outcome::Stopped => ("STOPPED", None),
    };
    AttemptItem { attempt: number, started_at: attempt.started_at, ended_at: attempt.ended_at, outcome, code }
}

fn next_attempt_at(stage: &Stage) -> Option<Timestamp> {
    match stage {
        Stage::Ready { next_attempt_at } => *next_attempt_at,
        Stage::Unknown { ask_at } => Some(*ask_at),
        Stage::Charging { .. }
        | Stage::Refused { .. }
        | Stage::Succeeded { .. }
        | Stage::Failed { .. }
        | Stage::Voided => None,
    }
}

fn failure(stage: &Stage) -> Option<FailureItem> {
    let Stage::Failed { category, code } = stage else { return None };
    let category = match category {
        Failure::Declined => "DECLINED",
        Failure::Exhausted => "EXHAUSTED",
        Failure::ReservationGone => "RESERVATION_GONE",
    };
    Some(FailureItem { category, code: code.clone() })
}
