//! Orders alone on the emulator, through its deployed template: its API, its queue, its stream.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

use contracts::catalogue;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Capture, Stage, delivered, event, eventually, unique};

mod staff;
mod time;

const BASKET: &str =
    r#"{"lines":[{"sku":"MUG-01","quantity":2,"unitPrice":1595}],"currency":"EUR","paymentMethod":"pm_card_visa"}"#;

async fn place(stage: &Stage, key: &str) -> Value {
    let request = stage.request("ada", Method::POST, "orders", "/v1/orders").header("Idempotency-Key", key);
    let answer = request.header("Content-Type", "application/json").body(BASKET).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

async fn look(stage: &Stage, id: &str) -> Value {
    let request = stage.request("ada", Method::GET, "orders", &format!("/v1/orders/{id}"));
    request.send().await.unwrap().json().await.unwrap()
}

async fn becomes(stage: &Stage, id: &str, status: &str) {
    eventually(&format!("{id} is {status}"), || async { look(stage, id).await["status"] == status }).await;
}

/// The first sample of a type, about this order.
fn about(order: &str, event_type: &str) -> Value {
    let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
    event(&entry.samples[0], &[("/subject", json!(order)), ("/data/orderId", json!(order))])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_accepted_confirmed_and_completed_by_the_facts_of_others() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let accepted = place(&stage, &unique("key")).await;
    assert_eq!((&accepted["status"], &accepted["total"]), (&json!("PENDING"), &json!(3_190)));
    let id = accepted["orderId"].as_str().unwrap();

    let created = capture.wait_for(id, "OrderCreated.v1").await;
    assert_eq!(created["correlationid"], accepted["correlationId"]);
    assert_eq!(created["data"]["customerId"], stage.customer("ada"));

    let reserved = about(id, "InventoryReserved.v1");
    stage.publish(std::slice::from_ref(&reserved)).await;
    becomes(&stage, id, "INVENTORY_RESERVED").await;
    let succeeded = about(id, "PaymentSucceeded.v1");
    stage.publish(&[succeeded.clone(), reserved]).await;
    becomes(&stage, id, "CONFIRMED").await;
    assert_eq!(capture.wait_for(id, "OrderConfirmed.v1").await["causationid"], succeeded["id"]);
    stage.publish(&[about(id, "InventoryCommitted.v1")]).await;
    becomes(&stage, id, "COMPLETED").await;
    assert_eq!(capture.wait_for(id, "OrderCompleted.v1").await["data"]["total"], 3_190);
    assert_eq!(capture.of_type(id, "OrderConfirmed.v1").len(), 1, "a duplicate publishes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_payment_succeeded_before_inventory_reserved() {
    let stage = Stage::from_env().await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    stage.publish(&[about(&id, "PaymentSucceeded.v1")]).await;
    becomes(&stage, &id, "PAID").await;
    stage.publish(&[about(&id, "InventoryReserved.v1")]).await;
    becomes(&stage, &id, "CONFIRMED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_fails_for_good_cancels_the_order_until_all_is_settled() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    stage.publish(&[about(&id, "InventoryReserved.v1"), about(&id, "PaymentFailed.v1")]).await;
    becomes(&stage, &id, "PAYMENT_FAILED").await;
    assert_eq!(capture.wait_for(&id, "OrderCancelled.v1").await["data"]["reason"], "PAYMENT_FAILED");
    stage.publish(&[about(&id, "InventoryReleased.v1")]).await;
    eventually("the order is settled", || async { look(&stage, &id).await["settled"] == true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_a_batch_of_ten() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let mut orders = Vec::new();
    for _ in 0..6 {
        orders.push(place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned());
    }
    let unknown_order = "ord_00000000-0000-5000-8000-000000000000";
    let mut untyped = about(&orders[0], "InventoryReserved.v1");
    untyped.as_object_mut().unwrap().remove("type");
    let mut next_major = about(&orders[0], "InventoryReserved.v1");
    next_major["type"] = json!("InventoryReserved.v2");
    let mut broken = about(&orders[0], "InventoryReserved.v1");
    broken["data"].as_object_mut().unwrap().remove("reservationId");
    let mut batch: Vec<String> = orders[1..].iter().map(|id| delivered(&about(id, "InventoryReserved.v1"))).collect();
    let poison = [
        ("this is not JSON".to_owned(), "malformed"),
        (delivered(&untyped), "malformed"),
        (delivered(&next_major), "unknown_type"),
        (delivered(&broken), "contract"),
        (delivered(&about(unknown_order, "InventoryReserved.v1")), "unknown_order"),
    ];
    for (at, (body, _)) in poison.iter().enumerate() {
        batch.insert(at * 2, body.clone());
    }
    stage.enqueue("orders", &batch).await;
    for id in &orders[1..] {
        becomes(&stage, id, "INVENTORY_RESERVED").await;
    }
    let mut classes = std::collections::BTreeMap::new();
    for _ in &poison {
        let letter = stage.dead_letter("orders").await;
        assert_eq!((letter.cause["Consumer"].as_str(), letter.cause["Receives"].as_str()), ("orders/events", "1"));
        assert!(!letter.cause["ErrorMessage"].is_empty());
        classes.insert(letter.body, letter.cause["ErrorClass"].clone());
    }
    for (body, class) in poison {
        assert_eq!(classes.get(&body).map(String::as_str), Some(class), "{body}");
    }
    assert!(stage.take_dead_letter("orders").await.is_none(), "its neighbours are not dead letters");
    assert_eq!(look(&stage, &orders[0]).await["status"], "PENDING", "poison changed an order");
    staff::needs_attention_until_resolved(&stage, &capture, &orders[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twice_is_one_order_and_another_body_is_refused() {
    let stage = Stage::from_env().await;
    let key = unique("key");
    let first = place(&stage, &key).await;
    assert_eq!(place(&stage, &key).await, first);
    let other = stage.request("ada", Method::POST, "orders", "/v1/orders").header("Idempotency-Key", &key);
    let other = other.json(&json!({ "lines": [{ "sku": "TEA", "quantity": 1, "unitPrice": 1 }], "currency": "EUR",
        "paymentMethod": "pm_card_visa" }));
    assert_eq!(other.send().await.unwrap().status(), 422);
}
