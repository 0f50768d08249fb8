//! Snapshots to compare: orders at every stage of their lives, with their reservations, payments and charges.

use jiff::{SignedDuration, Timestamp};
use omsctl::reconcile::snapshot::{
    Adjustment, Charge, GatewayRefund, Ledger, Order, Payment, Reservation, Snapshot, Stock,
};
use serde_json::{Value, json};

pub const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// The time of the comparison; everything in a snapshot happened before.
pub fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// This many minutes before the comparison.
pub fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// The state of an order with everything around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Accepted a moment ago; no other service knows it.
    New,
    /// Reserved; the gateway is unavailable, and the next attempt is due soon.
    Retrying,
    Completed,
    /// Completed; support refunded a part.
    CompletedAndRefunded,
    Rejected,
    Declined,
    /// Cancelled before anything was charged.
    Voided,
    /// Cancelled before inventory and payments consumed its creation.
    NeverReserved,
    /// Cancelled after the charge, and fully refunded.
    Refunded,
    /// Cancelled after the charge; the gateway has refused the refund so far.
    RefundFailing,
    /// The reservation expired before the stock was sold.
    Expired,
}

pub const LIVES: [Life; 11] = [
    Life::New,
    Life::Retrying,
    Life::Completed,
    Life::CompletedAndRefunded,
    Life::Rejected,
    Life::Declined,
    Life::Voided,
    Life::NeverReserved,
    Life::Refunded,
    Life::RefundFailing,
    Life::Expired,
];

/// A snapshot with one order for two of ten pieces of a sku.
pub fn one(life: Life) -> Snapshot {
    let mut snapshot = Snapshot { ledger: Some(Ledger::default()), ..Snapshot::default() };
    live(&mut snapshot, "ord_1", life, "MUG", 2);
    stocked(&mut snapshot, "MUG", 10);
    snapshot
}

/// Adds an order with its reservation, payment and charge.
pub fn live(snapshot: &mut Snapshot, id: &str, life: Life, sku: &str, pieces: u64) {
    let total = 900 * pieces;
    let order = |status: &str, more: Value| {
        let placed = if life == Life::New { now() } else { ago(30) };
        let mut order = json!({ "orderId": id, "status": status, "total": total, "placedAt": placed });
        if status != "PENDING" && status != "INVENTORY_RESERVED" {
            order["decidedAt"] = json!(ago(20));
        }
        if !matches!(status, "PENDING" | "INVENTORY_RESERVED") && life != Life::NeverReserved {
            order["payment"] = json!({ "paymentId": format!("pay_{id}") });
        }
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<Order>(order).unwrap()
    };
    let waits = |fact: &str| json!({ "waitingFor": [{ "fact": fact, "owedBy": "payments", "since": ago(20) }] });
    let (order, reserved, payment) = match life {
        Life::New => (order("PENDING", waits("InventoryReserved")), None, None),
        Life::Retrying => {
            (order("INVENTORY_RESERVED", waits("PaymentSucceeded")), Some("RESERVED"), Some(("RETRYING", 0)))
        }
        Life::Completed => (order("COMPLETED", json!({})), Some("COMMITTED"), Some(("SUCCEEDED", 0))),
        Life::CompletedAndRefunded => (order("COMPLETED", json!({})), Some("COMMITTED"), Some(("SUCCEEDED", 1))),
        Life::Rejected => (order("REJECTED", json!({})), Some("REJECTED"), Some(("VOIDED", 0))),
        Life::Declined => (order("PAYMENT_FAILED", json!({})), Some("RELEASED"), Some(("FAILED", 0))),
        Life::Voided | Life::Expired | Life::NeverReserved => {
            (order("CANCELLED", json!({})), Some("RELEASED"), Some(("VOIDED", 0)))
        }
        Life::Refunded => (order("CANCELLED", json!({})), Some("RELEASED"), Some(("SUCCEEDED", total))),
        Life::RefundFailing => {
            (order("CANCELLED", waits("PaymentRefunded")), Some("RELEASED"), Some(("SUCCEEDED", total)))
        }
    };
    snapshot.orders.insert(id.into(), order);
    if let Some(state) = reserved {
        snapshot.reservations.insert(id.into(), reservation(id, state, life, sku, pieces));
    }
    if let Some((status, back)) = payment {
        charged(snapshot, id, status, life, total, back);
    }
}

fn reservation(id: &str, state: &str, life: Life, sku: &str, pieces: u64) -> Reservation {
    let held = if state == "RESERVED" { pieces } else { 0 };
    let wanted = json!({ "sku": sku, "quantity": pieces, "held": held });
    let lines = if life == Life::NeverReserved { Vec::new() } else { vec![wanted] };
    let mut reservation = json!({ "orderId": id, "state": state, "lines": lines, "expiresAt": ago(-10) });
    if state == "RELEASED" {
        let ends = [(Life::Expired, "EXPIRED"), (Life::NeverReserved, "NEVER_RESERVED")];
        let end = ends.iter().find(|(of, _)| *of == life);
        reservation["cause"] = json!(end.map_or("CANCELLED", |(_, cause)| cause));
    }
    serde_json::from_value(reservation).unwrap()
}

fn charged(snapshot: &mut Snapshot, id: &str, status: &str, life: Life, total: u64, back: u64) {
    let (intent, refund) = (format!("pi_{id}"), format!("rfd_{id}"));
    let mut payment = json!({ "paymentId": format!("pay_{id}"), "orderId": id, "status": status, "amount": total,
        "attempts": [{ "startedAt": ago(25), "endedAt": ago(25) }] });
    if life == Life::NeverReserved {
        payment["amount"] = Value::Null;
        payment["attempts"] = json!([]);
    }
    if life == Life::Retrying {
        payment["nextAttemptAt"] = json!(ago(-1));
    }
    let ledger = snapshot.ledger.as_mut().unwrap();
    if status == "SUCCEEDED" {
        payment["gatewayReference"] = json!(intent);
        ledger.charges.push(charge(id, &intent, total));
    }
    if back > 0 {
        payment["refunds"] = json!([{ "refundId": refund, "amount": back, "wantedAt": ago(20) }]);
        if life != Life::RefundFailing {
            payment["refunds"][0]["refundedAt"] = json!(ago(19));
            ledger.refunds.push(returned(id, Some(&refund), back));
        }
    }
    snapshot.payments.insert(id.into(), serde_json::from_value::<Payment>(payment).unwrap());
}

pub fn charge(id: &str, intent: &str, amount: u64) -> Charge {
    let charge = json!({ "id": intent.replacen("pi_", "ch_", 1), "paymentIntent": intent, "orderId": id,
        "amount": amount, "at": ago(25) });
    serde_json::from_value(charge).unwrap()
}

pub fn returned(id: &str, refund: Option<&str>, amount: u64) -> GatewayRefund {
    let back = json!({ "id": format!("re_{id}"), "orderId": id, "refundId": refund, "amount": amount, "at": ago(19) });
    serde_json::from_value(back).unwrap()
}

/// Stocks a sku; subtracts what the reservations hold and what they sold.
pub fn stocked(snapshot: &mut Snapshot, sku: &str, pieces: i64) {
    snapshot.adjustments.push(Adjustment { sku: sku.into(), delta: pieces, reason: None });
    let lines = |state: &str| -> i64 {
        let all = snapshot.reservations.values();
        let all = all.filter(|reservation| json!(reservation.state) == state).flat_map(|it| &it.lines);
        all.filter(|line| line.sku == sku).map(|line| i64::try_from(line.quantity).unwrap()).sum()
    };
    let available = pieces - lines("COMMITTED") - lines("RESERVED");
    snapshot.stock.insert(sku.into(), Stock { sku: sku.into(), available, version: Some(1) });
}
