//! The invariants I1 to I8 of the domain, checked from outside, and that reconcile finds no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use contracts::declaration::Declaration;
use contracts::validate;
use jiff::SignedDuration;
use omsctl::reconcile::{self, Options};
use serde_json::Value;

use crate::world::{AT_REST, World};
use testkit::{Capture, eventually};

/// What a test did, for the checks after every order has settled.
pub struct Account<'a> {
    pub world: &'a World,
    pub capture: &'a Capture,
    /// The settled orders.
    pub orders: Vec<Value>,
    /// The initial stock of each sku, in pieces.
    pub stocked: BTreeMap<String, i64>,
}

impl Account<'_> {
    pub async fn balances(&self) {
        self.i3_every_order_ends();
        self.the_last_events_are_seen().await;
        self.i1_and_i5_stock().await;
        self.i2_and_i4_money().await;
        self.i6_mails().await;
        self.i7_events_keep_their_schemas();
        self.i8_one_correlation_one_tree();
        self.no_dead_letters().await;
        self.reconcile_finds_nothing().await;
    }

    fn completed(&self) -> impl Iterator<Item = &Value> {
        self.orders.iter().filter(|order| order["status"] == "COMPLETED")
    }

    fn i3_every_order_ends(&self) {
        for order in &self.orders {
            assert_eq!(order["settled"], true, "I3: {order}");
            assert_ne!(order["status"], "PENDING", "I3: {order}");
        }
    }

    /// The capture lags behind; an order's notification is its last event.
    async fn the_last_events_are_seen(&self) {
        for order in &self.orders {
            let id = id(order);
            eventually(&format!("{id}: its notification"), || async {
                ["NotificationSent.v1", "NotificationFailed.v1"]
                    .iter()
                    .any(|it| !self.capture.of_type(id, it).is_empty())
            })
            .await;
        }
    }

    /// Available pieces are exact. Reserved ones are read from an index, which is behind: no order holds any in the end.
    async fn i1_and_i5_stock(&self) {
        for (sku, initial) in &self.stocked {
            let sold: i64 = self.completed().map(|order| pieces(order, sku)).sum();
            let stock = self.world.client.stock(sku).await.unwrap();
            assert!(sold <= *initial, "I1: {sold} pieces of {sku} sold, {initial} stocked");
            assert_eq!(stock["available"], initial - sold, "I1: {sku} {stock}");
            eventually(&format!("I5: nothing of {sku} is reserved"), || async {
                let stock = self.world.client.stock(sku).await.unwrap();
                stock["reserved"] == 0 && stock["onHand"] == stock["available"]
            })
            .await;
        }
    }

    /// No order is charged twice, and only completed orders are paid: captured = totals of completed orders + refunds.
    async fn i2_and_i4_money(&self) {
        let (mut captured, mut refunded, mut bought) = (0, 0, 0);
        for order in &self.orders {
            let ledger = self.world.ledger(id(order)).await;
            let charges = ledger["charges"].as_array().unwrap();
            let (taken, back) = (sum(&ledger["charges"]), sum(&ledger["refunds"]));
            let total = order["total"].as_i64().unwrap();
            assert!(charges.len() <= 1, "I2: {order} {ledger}");
            if order["status"] == "COMPLETED" {
                assert_eq!(taken, total, "I4: {order} {ledger}");
                assert_eq!(back, order["refunded"].as_i64().unwrap_or(0), "I4: {order} {ledger}");
                bought += total - back;
            } else {
                assert_eq!(taken, back, "I4: {order} {ledger}");
                assert_eq!(order["refund"], if back > 0 { "REFUNDED" } else { "NONE" }, "I4: {order} {ledger}");
            }
            captured += taken;
            refunded += back;
        }
        assert_eq!(captured, bought + refunded, "I4");
    }

    async fn i6_mails(&self) {
        let mails = self.world.client.mails().await.unwrap();
        for order in &self.orders {
            let about = mails.iter().filter(|mail| mail.to_string().contains(id(order))).count();
            // If notifications dies while it sends a mail, nobody knows whether the mail went out, and the event says so.
            let failed = self.capture.of_type(id(order), "NotificationFailed.v1");
            let unknown = failed.iter().any(|event| event["data"]["reason"] == "OUTCOME_UNKNOWN");
            assert!(about == 1 || about == 0 && unknown, "I6: {about} mails about {order}");
        }
    }

    fn i7_events_keep_their_schemas(&self) {
        let declared = declared();
        for event in self.capture.events() {
            let event_type = validate::event(&event).unwrap_or_else(|invalid| panic!("I7: {event}: {invalid:?}"));
            assert!(declared.contains(event_type), "I7: no service declares that it produces {event_type}");
        }
    }

    fn i8_one_correlation_one_tree(&self) {
        for order in &self.orders {
            let events = self.capture.about(id(order));
            let ids: BTreeSet<&str> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
            let correlations: BTreeSet<&str> =
                events.iter().map(|event| event["correlationid"].as_str().unwrap()).collect();
            assert_eq!(correlations, BTreeSet::from([order["correlationId"].as_str().unwrap()]), "I8: {order}");
            let roots: Vec<&Value> =
                events.iter().filter(|event| !ids.contains(event["causationid"].as_str().unwrap())).collect();
            assert_eq!(roots.len(), 1, "I8: {roots:?}");
            assert_eq!(roots[0]["type"], "OrderCreated.v1", "I8");
            hops_count_the_events_before(&events);
        }
    }

    /// Compares these orders alone, since their stock is checked above.
    async fn reconcile_finds_nothing(&self) {
        let only = self.orders.iter().map(|order| id(order).to_owned()).collect();
        let options =
            Options { grace: SignedDuration::ZERO, only, repair: false, pause: AT_REST, within: Duration::ZERO };
        let report = reconcile::run(&self.world.staff, &options).await.unwrap();
        assert_eq!(report.findings, vec![], "reconcile");
    }

    async fn no_dead_letters(&self) {
        eventually("every dead-letter queue is empty", || async { self.world.no_dead_letters().await }).await;
    }
}

/// The most events that lead to one, each to the next. A consumer gives up at 16: then they go in a circle.
const LONGEST_CHAIN: u64 = 6;

/// An event has one before it more than its cause, or begins anew: a command, the clock or an announcement caused it.
fn hops_count_the_events_before(events: &[Value]) {
    let hops = |event: &Value| event["hops"].as_u64().unwrap_or(0);
    for event in events {
        let cause = events.iter().find(|cause| cause["id"] == event["causationid"]);
        let counted = cause.is_some_and(|cause| hops(event) == hops(cause) + 1);
        assert!(hops(event) == 0 || counted && hops(event) <= LONGEST_CHAIN, "I8: {event} is caused by {cause:?}");
    }
}

pub fn id(order: &Value) -> &str {
    order["orderId"].as_str().unwrap()
}

fn pieces(order: &Value, sku: &str) -> i64 {
    let lines = order["lines"].as_array().unwrap().iter();
    lines.filter(|line| line["sku"] == sku).map(|line| line["quantity"].as_i64().unwrap()).sum()
}

/// The amounts of a list of the ledger, in minor units.
fn sum(entries: &Value) -> i64 {
    entries.as_array().unwrap().iter().map(|entry| entry["amount"].as_i64().unwrap()).sum()
}

/// Every type that a service declares to produce.
fn declared() -> BTreeSet<String> {
    let services = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../services")).unwrap();
    let text = services.filter_map(|service| fs::read_to_string(service.unwrap().path().join("events.toml")).ok());
    text.flat_map(|text| Declaration::parse(&text).unwrap().produces).collect()
}
