//! Cancellations that race with something else.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use omsctl::client::Client;
use reqwest::StatusCode;
use serde_json::Value;
use testkit::{Capture, PATIENCE, unique};

use crate::invariants::{Account, id};
use crate::world::World;

struct Story {
    world: World,
    capture: Capture,
    sku: String,
}

impl Story {
    async fn begin(name: &str) -> Self {
        let world = World::open().await;
        let capture = Capture::begin(&world.stage).await;
        let sku = world.stock_sku(name, 10).await;
        Self { world, capture, sku }
    }

    /// Follows the order to its end and checks the invariants.
    async fn ends(self, order: &str) -> Value {
        let order = self.world.client.follow_order("ada", order, PATIENCE).await.unwrap();
        let (stocked, orders) = (BTreeMap::from([(self.sku, 10)]), vec![order.clone()]);
        Account { world: &self.world, capture: &self.capture, orders, stocked }.balances().await;
        order
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_while_the_charge_is_in_flight_and_the_void_wins() {
    let story = Story::begin("void-wins").await;
    let order = story.world.place_order(&story.sku, "pm_sandbox_fail_9").await;
    story.world.until_payment_is(&order, &["RETRYING"]).await;
    let answer = story.world.cancel("ada", &order, "CUSTOMER").await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "stock and money are not returned yet");
    assert_eq!(answer.json::<Value>().await.unwrap()["settled"], false);
    story.capture.wait_for(&order, "PaymentVoided.v1").await;
    let ended = story.ends(&order).await;
    assert_eq!((&ended["status"], &ended["cancelReason"]), (&"CANCELLED".into(), &"CUSTOMER".into()));
    assert_eq!(ended["refund"], "NONE", "nothing was charged");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_while_the_charge_is_in_flight_and_the_charge_wins() {
    let story = Story::begin("charge-wins").await;
    let order = story.world.place_order(&story.sku, "pm_sandbox_timeout").await;
    story.world.until_charged(&order).await;
    let answer = story.world.cancel("ada", &order, "CUSTOMER").await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
    let refunded = story.capture.wait_for(&order, "PaymentRefunded.v1").await;
    assert_eq!(refunded["data"]["refundedTotal"], 900);
    let ended = story.ends(&order).await;
    assert_eq!((&ended["status"], &ended["refund"]), (&"CANCELLED".into(), &"REFUNDED".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_inventory_reserved_after_the_cancel() {
    let story = Story::begin("reserved-late").await;
    let (order, missed) = story
        .world
        .while_disconnected(&["orders"], async {
            let order = story.world.place_order(&story.sku, "pm_card_visa").await;
            let reserved = story.capture.wait_for(&order, "InventoryReserved.v1").await;
            let paid = story.capture.wait_for(&order, "PaymentSucceeded.v1").await;
            (order, [paid, reserved])
        })
        .await;
    assert_eq!(story.world.cancel("ada", &order, "CUSTOMER").await.status(), StatusCode::ACCEPTED);
    story.world.stage.publish(&missed).await;
    story.world.until_history_has(&order, "InventoryReserved.v1", "APPLIED").await;
    let ended = story.ends(&order).await;
    assert_eq!((&ended["status"], &ended["refund"]), (&"CANCELLED".into(), &"REFUNDED".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_reaches_inventory_and_payments_before_order_created() {
    let story = Story::begin("tombstone").await;
    let (order, created) = story
        .world
        .while_disconnected(&["inventory", "payments"], async {
            let order = story.world.place_order(&story.sku, "pm_card_visa").await;
            let created = story.capture.wait_for(&order, "OrderCreated.v1").await;
            (order, created)
        })
        .await;
    story.world.cancel("ada", &order, "CUSTOMER").await;
    let released = story.capture.wait_for(&order, "InventoryReleased.v1").await;
    assert_eq!(released["data"]["cause"], "NEVER_RESERVED");
    story.capture.wait_for(&order, "PaymentVoided.v1").await;
    story.world.stage.publish(&[created]).await;
    story.world.until_drained().await;
    assert_eq!(story.world.reservation(&order).await["state"], "RELEASED", "a late OrderCreated reserves nothing");
    assert_eq!(story.world.payment(&order).await["status"], "VOIDED");
    assert!(story.capture.of_type(&order, "InventoryReserved.v1").is_empty());
    assert_eq!(story.ends(&order).await["status"], "CANCELLED");
}

/// Some cancellations come before the pivot and some after it. The order ends as each was answered.
#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_against_confirm_on_one_item() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("cancel-confirm", 40).await;
    let buys = (0..24_u32).map(|n| {
        let (world, sku) = (&world, &sku);
        async move {
            let request = Client::order_request(&[(sku, 1, 900)], "pm_card_visa");
            let accepted = world.client.place_order("ada", &unique("against"), &request).await.unwrap();
            // Another delay for each, so that the race is lost and won at every step.
            tokio::time::sleep(Duration::from_millis(60 * u64::from(n))).await;
            let answer = world.cancel("ada", id(&accepted), "CUSTOMER").await.status();
            (world.client.follow_order("ada", id(&accepted), PATIENCE).await.unwrap(), answer)
        }
    });
    let mut orders = Vec::new();
    for (order, answer) in join_all(buys).await {
        let cancelled = answer != StatusCode::CONFLICT;
        assert!(answer.is_success() || answer == StatusCode::CONFLICT, "{answer} {order}");
        assert_eq!(order["status"], if cancelled { "CANCELLED" } else { "COMPLETED" }, "{answer} {order}");
        orders.push(order);
    }
    let stocked = BTreeMap::from([(sku, 40)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_cancellation_gets_the_same_answer_from_any_caller() {
    let story = Story::begin("again").await;
    let order = story.world.place_order(&story.sku, "pm_sandbox_fail_9").await;
    story.world.until_payment_is(&order, &["RETRYING"]).await;
    story.world.cancel("ada", &order, "CUSTOMER").await;
    let ended = story.world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    for (user, reason) in [("ada", "CUSTOMER"), ("sam", "CUSTOMER"), ("sam", "STAFF")] {
        let answer = story.world.cancel(user, &order, reason).await;
        assert_eq!(answer.status(), StatusCode::OK, "{user} {reason}: the order is settled");
        assert!(answer.headers().contains_key("etag"));
        let body: Value = answer.json().await.unwrap();
        for field in ["status", "cancelReason", "version", "decidedAt", "settled"] {
            assert_eq!(body[field], ended[field], "{user} {reason}");
        }
    }
    let forbidden = story.world.cancel("ada", &order, "STAFF").await;
    assert_eq!(forbidden.status(), StatusCode::FORBIDDEN);
    assert_eq!(story.world.cancel("bob", &order, "CUSTOMER").await.status(), StatusCode::NOT_FOUND);
    story.ends(&order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_past_the_pivot_cannot_be_cancelled_and_the_answer_names_its_status() {
    let story = Story::begin("pivot").await;
    let order = story.world.place_order(&story.sku, "pm_card_visa").await;
    story.world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    for (user, reason) in [("ada", "CUSTOMER"), ("sam", "STAFF")] {
        let answer = story.world.cancel(user, &order, reason).await;
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert!(answer.text().await.unwrap().contains("COMPLETED"));
    }
    assert_eq!(story.ends(&order).await["status"], "COMPLETED");
}
