//! Reservations that expire, and orders that are not paid in time.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::{Capture, PATIENCE};

use crate::invariants::Account;
use crate::world::World;

async fn follow(world: &World, capture: &Capture, sku: String, order: &str) -> Value {
    let order = world.client.follow_order("ada", order, PATIENCE).await.unwrap();
    let (stocked, orders) = (BTreeMap::from([(sku, 10)]), vec![order.clone()]);
    Account { world, capture, orders, stocked }.balances().await;
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn race_the_reservation_expires_between_two_attempts_to_charge() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("expires", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    world.sweep("inventory", &order).await;
    let released = capture.wait_for(&order, "InventoryReleased.v1").await;
    assert_eq!(released["data"]["cause"], "EXPIRED");
    let ended = follow(&world, &capture, sku, &order).await;
    // Payments may publish first that it gave up because of the expiry.
    let reason = ended["cancelReason"].as_str().unwrap();
    assert!(["RESERVATION_EXPIRED", "PAYMENT_FAILED"].contains(&reason), "{ended}");
    assert_eq!(ended["refund"], "NONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_the_reservation_expires_while_charging_and_the_money_goes_back() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("charging", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_timeout").await;
    world.until_charged(&order).await;
    world.sweep("inventory", &order).await;
    capture.wait_for(&order, "PaymentRefunded.v1").await;
    let ended = follow(&world, &capture, sku, &order).await;
    assert_eq!((&ended["status"], &ended["refund"]), (&"CANCELLED".into(), &"REFUNDED".into()));
    assert_eq!(ended["cancelReason"], "RESERVATION_EXPIRED");
}

/// An order that is confirmed while inventory is disconnected; returns its OrderConfirmed, too.
async fn confirmed_without_inventory(world: &World, capture: &Capture, sku: &str) -> (String, Value) {
    let order = world.place_order(sku, "pm_sandbox_fail_1").await;
    capture.wait_for(&order, "InventoryReserved.v1").await;
    let confirmed = world.while_disconnected(&["inventory"], capture.wait_for(&order, "OrderConfirmed.v1")).await;
    (order, confirmed)
}

#[tokio::test(flavor = "multi_thread")]
async fn race_expiry_against_commit_and_the_expiry_writes_first() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("expiry-first", 10).await;
    let (order, confirmed) = confirmed_without_inventory(&world, &capture, &sku).await;
    world.sweep("inventory", &order).await;
    world.stage.publish(&[confirmed]).await;
    capture.wait_for(&order, "OrderCancelled.v1").await;
    let ended = follow(&world, &capture, sku, &order).await;
    assert_eq!((&ended["status"], &ended["refund"]), (&"CANCELLED".into(), &"REFUNDED".into()));
    assert_eq!(ended["cancelReason"], "RESERVATION_EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_expiry_against_commit_and_whichever_writes_first_decides() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("expiry-commit", 10).await;
    let (order, confirmed) = confirmed_without_inventory(&world, &capture, &sku).await;
    let confirmed = [confirmed];
    tokio::join!(world.stage.publish(&confirmed), world.sweep("inventory", &order));
    let ended = follow(&world, &capture, sku, &order).await;
    let end = (ended["status"].as_str().unwrap(), ended["refund"].as_str().unwrap());
    assert!([("COMPLETED", "NONE"), ("CANCELLED", "REFUNDED")].contains(&end), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_a_sale_that_was_made_is_not_undone_by_a_late_sweep() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("sold", 10).await;
    let order = world.place_order(&sku, "pm_card_visa").await;
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    for service in ["inventory", "orders", "payments"] {
        world.sweep(service, &order).await;
    }
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), done, "not even a new version");
    assert_eq!(follow(&world, &capture, sku, &order).await["status"], "COMPLETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_pay_by_passes_and_the_sweep_cancels_once() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("pay-by", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    for _ in 0..3 {
        world.sweep("orders", &order).await;
    }
    let ended = follow(&world, &capture, sku, &order).await;
    assert_eq!((&ended["status"], &ended["cancelReason"]), (&"CANCELLED".into(), &"TIMED_OUT".into()));
    assert_eq!(capture.of_type(&order, "OrderCancelled.v1").len(), 1);
}
