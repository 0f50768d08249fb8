//! What is sent twice happens once.

use std::collections::BTreeMap;

use futures::future::join_all;
use omsctl::shop::Shop;
use reqwest::Method;
use serde_json::Value;

use crate::invariants::{Account, id};
use crate::world::World;
use testkit::{Capture, PATIENCE, eventually, unique};

#[tokio::test(flavor = "multi_thread")]
async fn race_the_same_idempotency_key_twice_at_once_and_again_with_another_body() {
    let world = World::open().await;
    let sku = world.stocked("twice", 10).await;
    let (key, basket) = (unique("twice"), Shop::basket(&[(&sku, 1, 900)], "pm_card_visa"));
    let post = |basket: Value| {
        let request = world.shop.request("ada", Method::POST, "orders", "/v1/orders").unwrap();
        request.header("Idempotency-Key", &key).json(&basket).send()
    };
    let mut replays = 0;
    let mut bodies = Vec::new();
    for answer in join_all((0..8).map(|_| post(basket.clone()))).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 201);
        replays += usize::from(answer.headers().get("idempotent-replayed").is_some());
        bodies.push(answer.json::<Value>().await.unwrap());
    }
    assert_eq!(replays, 7, "one answer is the first, the others repeat it");
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");

    let other = post(Shop::basket(&[(&sku, 2, 900)], "pm_card_visa")).await.unwrap();
    assert_eq!(other.status(), 422);
    assert!(other.text().await.unwrap().contains("idempotency-key-reused"));
    assert_eq!(world.shop.follow("ada", id(&bodies[0]), PATIENCE).await.unwrap()["status"], "COMPLETED");
    assert_eq!(world.shop.stock(&sku).await.unwrap()["onHand"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_redrive_of_what_was_already_processed_changes_nothing() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("again", 10).await;
    let mut orders = Vec::new();
    for method in ["pm_card_visa", "pm_card_chargeDeclined"] {
        let basket = Shop::basket(&[(&sku, 1, 900)], method);
        let accepted = world.shop.order("ada", &unique("again"), &basket).await.unwrap();
        orders.push(world.shop.follow("ada", id(&accepted), PATIENCE).await.unwrap());
    }
    let stocked = BTreeMap::from([(sku, 10)]);
    let account = Account { world: &world, capture: &capture, orders: orders.clone(), stocked };
    account.balances().await;

    let before: Vec<Vec<Value>> = orders.iter().map(|order| capture.about(id(order))).collect();
    let again: Vec<Value> = before.iter().flatten().rev().cloned().collect();
    world.stage.publish(&again).await;
    eventually("the queues are drained", || drained(&world)).await;
    let after: Vec<Vec<Value>> = orders.iter().map(|order| capture.about(id(order))).collect();
    assert_eq!(after, before, "no new event");
    for order in &orders {
        assert_eq!(world.shop.look("ada", id(order)).await.unwrap(), *order, "not even a new version");
    }
    account.balances().await;
}

async fn drained(world: &World) -> bool {
    use aws_sdk_sqs::types::QueueAttributeName::{
        ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
    };
    for service in world.shop.system.services.values() {
        let Some(queue) = &service.queue else { continue };
        let sqs = world.aws.sqs();
        let request = sqs.get_queue_attributes().queue_url(&queue.url).attribute_names(Seen).attribute_names(Hidden);
        let counts = request.send().await.unwrap().attributes.unwrap_or_default();
        if counts.values().any(|count| count != "0") {
            return false;
        }
    }
    world.no_dead_letters().await
}
