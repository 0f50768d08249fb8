//! The five orders of the demo, and a gateway that answers too late.

use std::collections::BTreeMap;

use omsctl::client::Client;
use serde_json::Value;

use crate::invariants::{Account, id};
use crate::world::World;
use testkit::{Capture, PATIENCE, unique};

/// Places one order for `quantity` of ten pieces, follows it to its end, and checks the invariants.
async fn play(quantity: i64, method: &str) -> (Value, Vec<Value>) {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("story", 10).await;
    let request = Client::order_request(&[(&sku, quantity, 1_595)], method);
    let accepted = world.client.place_order("ada", &unique("story"), &request).await.unwrap();
    assert_eq!(accepted["status"], "PENDING");
    let order = world.client.follow_order("ada", id(&accepted), PATIENCE).await.unwrap();
    let stocked = BTreeMap::from([(sku, 10)]);
    let account = Account { world: &world, capture: &capture, orders: vec![order.clone()], stocked };
    account.balances().await;
    let events = capture.about(id(&order));
    (order, events)
}

fn data(events: &[Value], event_type: &str) -> Vec<Value> {
    events.iter().filter(|event| event["type"] == event_type).map(|event| event["data"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_completed_and_the_customer_is_notified() {
    let (order, events) = play(2, "pm_card_visa").await;
    assert_eq!((&order["status"], &order["payment"]["attempts"]), (&"COMPLETED".into(), &1.into()));
    assert_eq!(data(&events, "OrderCompleted.v1")[0]["total"], 3_190);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_fails_the_order_and_releases_the_stock() {
    let (order, events) = play(1, "pm_card_chargeDeclined").await;
    assert_eq!(order["status"], "PAYMENT_FAILED");
    assert_eq!(data(&events, "PaymentFailed.v1")[0]["category"], "DECLINED");
    assert_eq!(data(&events, "InventoryReleased.v1")[0]["cause"], "CANCELLED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_beyond_the_stock_is_rejected_and_nothing_is_charged() {
    let (order, events) = play(11, "pm_card_visa").await;
    assert_eq!((&order["status"], &order["rejectReason"]), (&"REJECTED".into(), &"INSUFFICIENT_STOCK".into()));
    let rejected = &data(&events, "InventoryRejected.v1")[0]["lines"][0];
    assert_eq!((&rejected["requested"], &rejected["available"]), (&11.into(), &10.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_twice_is_tried_three_times() {
    let (order, events) = play(1, "pm_sandbox_fail_2").await;
    assert_eq!((&order["status"], &order["payment"]["attempts"]), (&"COMPLETED".into(), &3.into()));
    assert_eq!(data(&events, "PaymentAttemptFailed.v1").len(), 2);
    assert_eq!(data(&events, "PaymentSucceeded.v1")[0]["attempt"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stays_down_sends_the_payment_through_the_dead_letter_queue() {
    let (order, events) = play(1, "pm_sandbox_down").await;
    assert_eq!(order["status"], "PAYMENT_FAILED");
    assert_eq!(data(&events, "PaymentFailed.v1")[0]["category"], "EXHAUSTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_gateway_timeout_then_success() {
    let (order, events) = play(1, "pm_sandbox_timeout").await;
    assert_eq!(order["status"], "COMPLETED");
    assert_eq!(data(&events, "PaymentAttemptFailed.v1")[0]["category"], "TIMEOUT_UNKNOWN");
}
