//! The five orders of the demo.

use std::collections::BTreeMap;

use omsctl::shop::Shop;
use serde_json::Value;

use crate::invariants::{Account, id};
use crate::world::World;
use testkit::{Capture, PATIENCE, unique};

/// Places one order for `quantity` of ten pieces, follows it, and asserts the invariants.
async fn told(quantity: i64, method: &str) -> (Value, Vec<Value>) {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("story", 10).await;
    let basket = Shop::basket(&[(&sku, quantity, 1_595)], method);
    let accepted = world.shop.order("ada", &unique("story"), &basket).await.unwrap();
    assert_eq!(accepted["status"], "PENDING");
    let order = world.shop.follow("ada", id(&accepted), PATIENCE).await.unwrap();
    let stocked = BTreeMap::from([(sku, 10)]);
    let account = Account { world: &world, capture: &capture, orders: vec![order.clone()], stocked };
    account.balances().await;
    let said = capture.about(id(&order));
    (order, said)
}

fn said(events: &[Value], event_type: &str) -> Vec<Value> {
    events.iter().filter(|event| event["type"] == event_type).map(|event| event["data"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_completed_and_the_customer_is_told() {
    let (order, events) = told(2, "pm_card_visa").await;
    assert_eq!((&order["status"], &order["payment"]["attempts"]), (&"COMPLETED".into(), &1.into()));
    assert_eq!(said(&events, "OrderCompleted.v1")[0]["total"], 3_190);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_fails_the_order_and_gives_the_stock_back() {
    let (order, events) = told(1, "pm_card_chargeDeclined").await;
    assert_eq!(order["status"], "PAYMENT_FAILED");
    assert_eq!(said(&events, "PaymentFailed.v1")[0]["category"], "DECLINED");
    assert_eq!(said(&events, "InventoryReleased.v1")[0]["cause"], "CANCELLED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_beyond_the_stock_is_rejected_and_nothing_is_charged() {
    let (order, events) = told(11, "pm_card_visa").await;
    assert_eq!(order["status"], "REJECTED");
    let rejected = &said(&events, "InventoryRejected.v1")[0]["lines"][0];
    assert_eq!((&rejected["requested"], &rejected["available"]), (&11.into(), &10.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_twice_is_tried_three_times() {
    let (order, events) = told(1, "pm_sandbox_fail_2").await;
    assert_eq!((&order["status"], &order["payment"]["attempts"]), (&"COMPLETED".into(), &3.into()));
    assert_eq!(said(&events, "PaymentAttemptFailed.v1").len(), 2);
    assert_eq!(said(&events, "PaymentSucceeded.v1")[0]["attempt"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stays_down_sends_the_payment_through_the_dead_letter_queue() {
    let (order, events) = told(1, "pm_sandbox_down").await;
    assert_eq!(order["status"], "PAYMENT_FAILED");
    assert_eq!(said(&events, "PaymentFailed.v1")[0]["category"], "EXHAUSTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_gateway_timeout_then_success() {
    let (order, events) = told(1, "pm_sandbox_timeout").await;
    assert_eq!(order["status"], "COMPLETED");
    assert_eq!(said(&events, "PaymentAttemptFailed.v1")[0]["category"], "TIMEOUT_UNKNOWN");
}
