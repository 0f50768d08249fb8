//! Worlds to compare: orders at every stage of their lives, with all that the others say of them.

use jiff::{SignedDuration, Timestamp};
use omsctl::reconcile::world::{Adjustment, Charge, Ledger, Order, Payment, Reservation, Returned, Stock, World};
use serde_json::{Value, json};

pub const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// When everything is compared; everything else lies before.
pub fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// So many minutes before the comparison.
pub fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// How far an order and everything around it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Accepted a moment ago; nobody has heard of it.
    New,
    /// Held; the gateway is unavailable, and the next attempt is due soon.
    Retrying,
    Completed,
    /// Completed, and staff have returned a part.
    CompletedAndRefunded,
    Rejected,
    Declined,
    /// Cancelled before anything was charged.
    Voided,
    /// Cancelled before inventory and payments had heard of it.
    NeverReserved,
    /// Cancelled after it was charged; all is back.
    Refunded,
    /// Cancelled after it was charged; the gateway refuses to return it so far.
    RefundFailing,
    /// The hold ran out before it was sold.
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

/// A world with one order of `pieces` of a sku, of which ten were stocked.
pub fn one(life: Life) -> World {
    let mut world = World { ledger: Some(Ledger::default()), ..World::default() };
    live(&mut world, "ord_1", life, "MUG", 2);
    stocked(&mut world, "MUG", 10);
    world
}

/// Adds an order and all that the others say of it.
pub fn live(world: &mut World, id: &str, life: Life, sku: &str, pieces: u64) {
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
    let (order, hold, payment) = match life {
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
    world.orders.insert(id.into(), order);
    if let Some(state) = hold {
        world.reservations.insert(id.into(), reservation(id, state, life, sku, pieces));
    }
    if let Some((status, back)) = payment {
        charged(world, id, status, life, total, back);
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

fn charged(world: &mut World, id: &str, status: &str, life: Life, total: u64, back: u64) {
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
    let ledger = world.ledger.as_mut().unwrap();
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
    world.payments.insert(id.into(), serde_json::from_value::<Payment>(payment).unwrap());
}

pub fn charge(id: &str, intent: &str, amount: u64) -> Charge {
    let charge = json!({ "id": intent.replacen("pi_", "ch_", 1), "paymentIntent": intent, "orderId": id,
        "amount": amount, "at": ago(25) });
    serde_json::from_value(charge).unwrap()
}

pub fn returned(id: &str, refund: Option<&str>, amount: u64) -> Returned {
    let back = json!({ "id": format!("re_{id}"), "orderId": id, "refundId": refund, "amount": amount, "at": ago(19) });
    serde_json::from_value(back).unwrap()
}

/// Stocks a sku, and takes from it what the reservations hold and have sold.
pub fn stocked(world: &mut World, sku: &str, pieces: i64) {
    world.adjustments.push(Adjustment { sku: sku.into(), delta: pieces, reason: None });
    let lines = |state: &str| -> i64 {
        let all = world.reservations.values();
        let all = all.filter(|reservation| json!(reservation.state) == state).flat_map(|it| &it.lines);
        all.filter(|line| line.sku == sku).map(|line| i64::try_from(line.quantity).unwrap()).sum()
    };
    let stock = Stock { sku: sku.into(), on_hand: pieces - lines("COMMITTED"), reserved: lines("RESERVED") };
    world.stock.insert(sku.into(), stock);
}
