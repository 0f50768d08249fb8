//! A repeated request or event has an effect only once.

use std::collections::BTreeMap;

use futures::future::join_all;
use omsctl::client::Client;
use reqwest::Method;
use serde_json::Value;

use crate::invariants::{Account, id};
use crate::world::World;
use testkit::{Capture, PATIENCE, unique};

#[tokio::test(flavor = "multi_thread")]
async fn race_the_same_idempotency_key_twice_at_once_and_again_with_another_body() {
    let world = World::open().await;
    let sku = world.stock_sku("twice", 10).await;
    let (key, order) = (unique("twice"), Client::order_request(&[(&sku, 1, 900)], "pm_card_visa"));
    let post = |order: Value| {
        let request = world.client.request("ada", Method::POST, "orders", "/v1/orders").unwrap();
        request.header("Idempotency-Key", &key).json(&order).send()
    };
    let mut replays = 0;
    let mut bodies = Vec::new();
    for answer in join_all((0..8).map(|_| post(order.clone()))).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 201);
        replays += usize::from(answer.headers().get("idempotent-replayed").is_some());
        bodies.push(answer.json::<Value>().await.unwrap());
    }
    assert_eq!(replays, 7, "one answer is the first, the others are replays");
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");

    let other = post(Client::order_request(&[(&sku, 2, 900)], "pm_card_visa")).await.unwrap();
    assert_eq!(other.status(), 422);
    assert!(other.text().await.unwrap().contains("idempotency-key-reused"));
    assert_eq!(world.client.follow_order("ada", id(&bodies[0]), PATIENCE).await.unwrap()["status"], "COMPLETED");
    assert_eq!(world.client.stock(&sku).await.unwrap()["onHand"], 9);
}

/// Orders with every kind of ending.
async fn ended(world: &World, sku: &str) -> Vec<Value> {
    let mut orders = Vec::new();
    for method in ["pm_card_visa", "pm_card_chargeDeclined"] {
        let order = world.place_order(sku, method).await;
        orders.push(world.client.follow_order("ada", &order, PATIENCE).await.unwrap());
    }
    let voided = world.place_order(sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&voided, &["RETRYING"]).await;
    let refunded = world.place_order(sku, "pm_sandbox_timeout").await;
    world.until_charged(&refunded).await;
    for order in [voided, refunded] {
        world.cancel("ada", &order, "CUSTOMER").await;
        orders.push(world.client.follow_order("ada", &order, PATIENCE).await.unwrap());
    }
    let ends = orders.iter().map(|order| (order["status"].as_str().unwrap(), order["refund"].as_str().unwrap()));
    let all = [("COMPLETED", "NONE"), ("PAYMENT_FAILED", "NONE"), ("CANCELLED", "NONE"), ("CANCELLED", "REFUNDED")];
    assert_eq!(ends.collect::<Vec<_>>(), all);
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn race_replay_of_everything_changes_nothing() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("again", 10).await;
    let orders = ended(&world, &sku).await;
    let stocked = BTreeMap::from([(sku, 10)]);
    let account = Account { world: &world, capture: &capture, orders: orders.clone(), stocked };
    account.balances().await;

    let before: Vec<Vec<Value>> = orders.iter().map(|order| capture.about(id(order))).collect();
    let again: Vec<Value> = before.iter().flatten().rev().cloned().collect();
    world.stage.publish(&again).await;
    world.until_drained().await;
    let after: Vec<Vec<Value>> = orders.iter().map(|order| capture.about(id(order))).collect();
    assert_eq!(after, before, "no new event");
    for order in &orders {
        assert_eq!(world.client.get_order("ada", id(order)).await.unwrap(), *order, "not even a new version");
    }
    account.balances().await;
}
