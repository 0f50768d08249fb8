//! Facts that arrive twice, in the wrong order, or after the order's end.

use std::collections::BTreeMap;

use omsctl::dlq::{self, RedriveRequest};
use serde_json::Value;
use testkit::{Capture, PATIENCE};

use crate::invariants::Account;
use crate::staging::fabricated;
use crate::world::World;

async fn balances(world: &World, capture: &Capture, sku: String, order: &Value) {
    let (stocked, orders) = (BTreeMap::from([(sku, 10)]), vec![order.clone()]);
    Account { world, capture, orders, stocked }.balances().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_duplicate_payment_succeeded_with_the_same_id_and_with_a_new_one() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("duplicate", 10).await;
    let order = world.place_order(&sku, "pm_card_visa").await;
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let paid = capture.wait_for(&order, "PaymentSucceeded.v1").await;
    world.stage.publish(&[paid.clone(), paid]).await;
    world.until_history_has(&order, "PaymentSucceeded.v1", "DUPLICATE").await;
    world.announce("payments", "payments", done["payment"]["paymentId"].as_str().unwrap()).await;
    world.until_history_has(&order, "PaymentSucceeded.v1", "IGNORED").await;
    assert_eq!(capture.of_type(&order, "PaymentSucceeded.v1").len(), 2, "an announcement has a new id");
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), done, "not even a new version");
    balances(&world, &capture, sku, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_payment_failed_after_payment_succeeded_changes_nothing() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("failed-late", 10).await;
    let order = world.place_order(&sku, "pm_card_visa").await;
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let paid = capture.wait_for(&order, "PaymentSucceeded.v1").await;
    let payment = ("/data/paymentId", done["payment"]["paymentId"].clone());
    world.stage.publish(&[fabricated("PaymentFailed.v1", 900, &paid, &[payment])]).await;
    world.until_history_has(&order, "PaymentFailed.v1", "IGNORED").await;
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), done);
    balances(&world, &capture, sku, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_payment_succeeded_before_inventory_reserved_at_orders() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("paid-first", 10).await;
    let (order, reserved, paid) = world
        .while_disconnected(&["orders"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            let reserved = capture.wait_for(&order, "InventoryReserved.v1").await;
            let paid = capture.wait_for(&order, "PaymentSucceeded.v1").await;
            (order, reserved, paid)
        })
        .await;
    world.stage.publish(&[paid]).await;
    world.until_history_has(&order, "PaymentSucceeded.v1", "APPLIED").await;
    assert_eq!(world.client.get_order("ada", &order).await.unwrap()["status"], "PAID");
    world.stage.publish(&[reserved]).await;
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!(done["status"], "COMPLETED");
    balances(&world, &capture, sku, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_redrive_after_the_order_has_ended() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("redrive-late", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    world.cancel("ada", &order, "CUSTOMER").await;
    let ended = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    world.until_drained().await;
    let captured = |event_type: &'static str| capture.wait_for(&order, event_type);
    let (created, reserved) = (captured("OrderCreated.v1").await, captured("InventoryReserved.v1").await);
    let before = capture.about(&order).len();
    for (queue, event) in [("inventory", &created), ("payments-unsettled", &reserved), ("orders", &reserved)] {
        world.park(queue, std::slice::from_ref(event), &[("ErrorClass", "store_unavailable")]).await;
        let done = dlq::redrive(&world.aws, &world.client.system, queue, &RedriveRequest::default()).await.unwrap();
        assert_eq!((done.moved.len(), done.failed.len()), (1, 0), "{queue}: {done:?}");
    }
    world.until_drained().await;
    assert_eq!(capture.about(&order).len(), before, "no new event");
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), ended, "not even a new version");
    balances(&world, &capture, sku, &ended).await;
}
