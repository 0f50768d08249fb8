//! An order as the API shows it.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::line::Line;
use crate::domain::order::{CancelReason, Decision, Inventory, Payment, Refund};
use crate::outbound::Stored;

/// An order as the API shows it. Amounts are minor units of `currency`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView {
    order_id: String,
    customer_id: String,
    status: &'static str,
    refund: &'static str,
    settled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'static str>,
    lines: Vec<LineView>,
    total: u64,
    currency: &'static str,
    placed_at: Timestamp,
    pay_by: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<ReservationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentView>,
    correlation_id: String,
    version: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView {
    line_id: u32,
    sku: String,
    quantity: u32,
    unit_price: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReservationView {
    reservation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    payment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

impl From<&Stored> for OrderView {
    fn from(stored: &Stored) -> Self {
        let order = &stored.order;
        let (cancel_reason, decided_at) = decided(&order.decision);
        Self {
            order_id: order.id.to_string(),
            customer_id: order.customer.to_string(),
            status: order.status().as_str(),
            refund: match order.refund() {
                Refund::None => "NONE",
                Refund::Pending => "PENDING",
            },
            settled: order.settled(),
            cancel_reason,
            lines: (1..).zip(&order.lines).map(line).collect(),
            total: order.total.units(),
            currency: order.currency.code(),
            placed_at: order.placed_at,
            pay_by: order.pay_by,
            decided_at,
            reservation: reservation(&order.inventory),
            payment: payment(&order.payment),
            correlation_id: stored.correlation_id.clone(),
            version: stored.version,
        }
    }
}

fn decided(decision: &Decision) -> (Option<&'static str>, Option<Timestamp>) {
    match decision {
        Decision::Open => (None, None),
        Decision::Confirmed { at } | Decision::Completed { at } => (None, Some(*at)),
        Decision::Cancelled { reason, at } => {
            let reason = match reason {
                CancelReason::OutOfStock => "OUT_OF_STOCK",
                CancelReason::PaymentFailed => "PAYMENT_FAILED",
                CancelReason::ReservationExpired => "RESERVATION_EXPIRED",
            };
            (Some(reason), Some(*at))
        }
    }
}

fn line((line_id, line): (u32, &Line)) -> LineView {
    let (sku, quantity, unit_price) = (line.sku.to_string(), line.quantity.pieces(), line.unit_price.units());
    LineView { line_id, sku, quantity, unit_price }
}

fn reservation(facet: &Inventory) -> Option<ReservationView> {
    match facet {
        Inventory::Reserved { reservation, expires_at } => {
            Some(ReservationView { reservation_id: reservation.to_string(), expires_at: Some(*expires_at) })
        }
        Inventory::Committed { reservation } => {
            Some(ReservationView { reservation_id: reservation.to_string(), expires_at: None })
        }
        Inventory::None | Inventory::Rejected | Inventory::Released { .. } => None,
    }
}

fn payment(facet: &Payment) -> Option<PaymentView> {
    match facet {
        Payment::None => None,
        Payment::Failed { payment, attempts } | Payment::Succeeded { payment, attempts } => {
            Some(PaymentView { payment_id: payment.to_string(), attempts: Some(*attempts) })
        }
        Payment::Voided { payment } => Some(PaymentView { payment_id: payment.to_string(), attempts: None }),
    }
}
