//! State → response.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chassis::http::{Caller, SUPPORT};
use jiff::Timestamp;
use serde::Serialize;

use crate::application::{AcceptedOrder, StoredOrder};
use crate::domain::attention::{AttentionEntry, AttentionReason};
use crate::domain::decision::{CancelReason, Decision};
use crate::domain::inventory::{Inventory, Shortfall};
use crate::domain::line::Line;
use crate::domain::payment::Payment;
use crate::domain::waiting::Waiting;

/// The order as the caller may see it.
pub(super) fn shown(status: StatusCode, stored: &StoredOrder, caller: &Caller) -> Response {
    (status, [(header::ETAG, etag(stored))], Json(OrderResponse::of(stored, caller.is_in(SUPPORT)))).into_response()
}

/// 201 with the order as its customer sees it.
pub(super) fn accepted(stored: &StoredOrder) -> Response {
    let location = visible_ascii(format!("/v1/orders/{}", stored.value.order.id));
    let headers = [(header::ETAG, etag(stored)), (header::LOCATION, location)];
    (StatusCode::CREATED, headers, Json(OrderResponse::of(stored, false))).into_response()
}

pub(super) fn etag(stored: &StoredOrder) -> HeaderValue {
    visible_ascii(format!("\"{}\"", stored.revision.version))
}

/// A header value made of ids and numbers alone.
fn visible_ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// An order as the API shows it. Amounts are minor units of `currency`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderResponse {
    order_id: String,
    customer_id: String,
    status: &'static str,
    refund: &'static str,
    settled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'static str>,
    /// Why stock could not be held: `INSUFFICIENT_STOCK` or `UNKNOWN_SKU`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_reason: Option<&'static str>,
    lines: Vec<LineResponse>,
    total: u64,
    currency: &'static str,
    placed_at: Timestamp,
    pay_by: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<ReservationResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentResponse>,
    /// What refunds have returned so far, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded: Option<u64>,
    correlation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_correlation_id: Option<String>,
    version: u64,
    #[serde(flatten)]
    for_staff: Option<StaffResponse>,
}

/// What only support sees of an order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StaffResponse {
    waiting_for: Vec<WaitingResponse>,
    attention: Vec<AttentionResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_note: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WaitingResponse {
    fact: &'static str,
    owed_by: &'static str,
    since: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AttentionResponse {
    number: u32,
    code: &'static str,
    since: Timestamp,
    missing: String,
    owed_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<ResolutionResponse>,
}

#[derive(Debug, Serialize)]
struct ResolutionResponse {
    at: Timestamp,
    by: String,
    note: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineResponse {
    line_id: u32,
    sku: String,
    quantity: u32,
    unit_price: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReservationResponse {
    reservation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentResponse {
    payment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

impl OrderResponse {
    /// The order as its customer sees it, or as staff do.
    pub(super) fn of(stored: &StoredOrder, is_staff: bool) -> Self {
        let AcceptedOrder { order, metadata } = &stored.value;
        let (cancel_reason, decided_at) = decided(&order.decision);
        Self {
            order_id: order.id.to_string(),
            customer_id: order.customer.to_string(),
            status: order.status().as_str(),
            refund: order.refund().as_str(),
            settled: order.settled(),
            cancel_reason,
            reject_reason: reject_reason(&order.inventory),
            lines: (1..).zip(&order.lines).map(line).collect(),
            total: order.total.units(),
            currency: order.currency.code(),
            placed_at: order.placed_at,
            pay_by: order.pay_by,
            decided_at,
            reservation: reservation(&order.inventory),
            payment: payment(&order.payment),
            refunded: Some(order.returned.total).filter(|total| *total > 0),
            correlation_id: metadata.correlation_id.clone(),
            client_correlation_id: metadata.client_correlation_id.clone(),
            version: stored.revision.version,
            for_staff: is_staff.then(|| StaffResponse {
                waiting_for: order.waits_for().into_iter().map(waiting).collect(),
                attention: order.attention.entries.iter().map(attention).collect(),
                cancel_note: metadata.cancel_note.clone(),
            }),
        }
    }
}

fn waiting(Waiting { fact, owed_by, since }: Waiting) -> WaitingResponse {
    WaitingResponse { fact, owed_by, since }
}

fn attention(entry: &AttentionEntry) -> AttentionResponse {
    let (missing, owed_by, event) = match &entry.reason {
        AttentionReason::CommitOverdue => ("InventoryCommitted", "inventory", None),
        AttentionReason::ReleaseOverdue => ("InventoryReleased", "inventory", None),
        AttentionReason::MoneyOverdue => ("PaymentVoided or PaymentRefunded", "payments", None),
        AttentionReason::RefundFailed => ("PaymentRefunded", "payments", None),
        AttentionReason::MoreNotProcessed => ("several events", "several consumers", None),
        AttentionReason::EventNotProcessed(event) => (event.event_type.as_str(), event.consumer.as_str(), Some(event)),
    };
    AttentionResponse {
        number: entry.number,
        code: entry.reason.code(),
        since: entry.since,
        missing: missing.to_owned(),
        owed_by: owed_by.to_owned(),
        event_id: event.map(|event| event.event_id.clone()),
        error_class: event.map(|event| event.error_class.clone()),
        resolved: entry.resolution.clone().map(|it| ResolutionResponse { at: it.at, by: it.by, note: it.note }),
    }
}

fn decided(decision: &Decision) -> (Option<&'static str>, Option<Timestamp>) {
    match decision {
        Decision::Open => (None, None),
        Decision::Confirmed { at } | Decision::Completed { at } => (None, Some(*at)),
        Decision::Cancelled { reason, at } => (Some(cancel_reason(*reason)), Some(*at)),
    }
}

/// The reason as the API spells it.
pub(super) fn cancel_reason(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::OutOfStock => "OUT_OF_STOCK",
        CancelReason::PaymentFailed => "PAYMENT_FAILED",
        CancelReason::ReservationExpired => "RESERVATION_EXPIRED",
        CancelReason::TimedOut => "TIMED_OUT",
        CancelReason::Customer => "CUSTOMER",
        CancelReason::Staff => "STAFF",
    }
}

fn reject_reason(facet: &Inventory) -> Option<&'static str> {
    match facet {
        Inventory::Rejected { why } => why.map(|why| match why {
            Shortfall::InsufficientStock => "INSUFFICIENT_STOCK",
            Shortfall::UnknownSku => "UNKNOWN_SKU",
        }),
        Inventory::None | Inventory::Reserved { .. } | Inventory::Released { .. } | Inventory::Committed { .. } => None,
    }
}

fn line((line_id, line): (u32, &Line)) -> LineResponse {
    let (sku, quantity, unit_price) = (line.sku.to_string(), line.quantity.pieces(), line.unit_price.units());
    LineResponse { line_id, sku, quantity, unit_price }
}

fn reservation(facet: &Inventory) -> Option<ReservationResponse> {
    match facet {
        Inventory::Reserved { reservation, expires_at } => {
            Some(ReservationResponse { reservation_id: reservation.to_string(), expires_at: Some(*expires_at) })
        }
        Inventory::Committed { reservation } => {
            Some(ReservationResponse { reservation_id: reservation.to_string(), expires_at: None })
        }
        Inventory::None | Inventory::Rejected { .. } | Inventory::Released { .. } => None,
    }
}

fn payment(facet: &Payment) -> Option<PaymentResponse> {
    match facet {
        Payment::None => None,
        Payment::Failed { payment, attempts } | Payment::Succeeded { payment, attempts } => {
            Some(PaymentResponse { payment_id: payment.to_string(), attempts: Some(*attempts) })
        }
        Payment::Voided { payment } => Some(PaymentResponse { payment_id: payment.to_string(), attempts: None }),
    }
}
