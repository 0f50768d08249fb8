//! A message that cannot be handled stops only its own order, whose attention names it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, delivered, eventually};

use crate::invariants::Account;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_ten() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("poison", 10).await;
    let (orders, held, paid) = world.while_disconnected(&["orders"], ten(&world, &capture, &sku)).await;
    world.stage.publish(&paid).await;
    for order in &orders {
        world.until_history_has(order, "PaymentSucceeded.v1", "APPLIED").await;
    }

    let poison = &orders[4];
    let mut bodies = held.clone();
    bodies[4]["data"].as_object_mut().unwrap().remove("expiresAt");
    let bodies: Vec<String> = bodies.iter().map(delivered).collect();
    world.stage.enqueue("orders", &bodies).await;
    let mut done = Vec::new();
    for order in orders.iter().filter(|order| *order != poison) {
        done.push(world.client.follow_order("ada", order, PATIENCE).await.unwrap());
        assert_eq!(done.last().unwrap()["status"], "COMPLETED", "a neighbour");
    }

    let dead_letter = world.dead_letter("orders", |it| it.subject.as_ref() == Some(poison)).await;
    assert_eq!((dead_letter.error_class.as_deref(), dead_letter.receives), (Some("contract"), Some(1)));
    let report = capture.wait_for(poison, "EventProcessingFailed.v1").await;
    assert_eq!((&report["data"]["consumer"], &report["data"]["eventId"]), (&json!("orders/events"), &held[4]["id"]));
    let entry = attention(&world, poison).await;
    assert_eq!((&entry["code"], &entry["missing"]), (&json!("EVENT_NOT_PROCESSED"), &json!("InventoryReserved.v1")));
    let seen = world.client.get_order("ada", poison).await.unwrap();
    assert_eq!((&seen["status"], &seen["attention"]), (&json!("PAID"), &Value::Null), "the status does not change");

    // The producer publishes the fact again, in its proper form.
    world.announce("inventory", "reservations", poison).await;
    done.push(world.client.follow_order("ada", poison, PATIENCE).await.unwrap());
    resolved(&world, poison, entry["number"].as_u64().unwrap()).await;
    world.discard("orders", &dead_letter).await;
    let stocked = BTreeMap::from([(sku, 10)]);
    Account { world: &world, capture: &capture, orders: done, stocked }.balances().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_goes_in_a_circle_is_stopped_and_reported() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let order = world.place_order(&world.stock_sku("circle", 3).await, "pm_card_visa").await;
    world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let mut event = capture.of_type(&order, "InventoryCommitted.v1").remove(0);
    event["hops"] = json!(16);
    world.stage.enqueue("orders", &[delivered(&event)]).await;

    let dead_letter = world.dead_letter("orders", |it| it.subject.as_ref() == Some(&order)).await;
    assert_eq!((dead_letter.error_class.as_deref(), dead_letter.receives), (Some("looping"), Some(1)));
    let report = capture.wait_for(&order, "EventProcessingFailed.v1").await;
    assert_eq!(
        (&report["data"]["eventId"], &report["hops"]),
        (&event["id"], &Value::Null),
        "nothing comes of a report"
    );
    assert_eq!(attention(&world, &order).await["errorClass"], "looping");
    world.discard("orders", &dead_letter).await;
}

/// Ten orders with the events about their reservations and payments, for use while orders is disconnected.
async fn ten(world: &World, capture: &Capture, sku: &str) -> (Vec<String>, Vec<Value>, Vec<Value>) {
    let (mut orders, mut held, mut paid) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..10 {
        orders.push(world.place_order(sku, "pm_card_visa").await);
    }
    for order in &orders {
        held.push(capture.wait_for(order, "InventoryReserved.v1").await);
        paid.push(capture.wait_for(order, "PaymentSucceeded.v1").await);
    }
    (orders, held, paid)
}

/// Waits for the order's attention entry.
async fn attention(world: &World, order: &str) -> Value {
    let entry = || async { world.order_for_support(order).await["attention"][0].clone() };
    eventually(&format!("{order} has an attention entry"), || async { !entry().await.is_null() }).await;
    entry().await
}

/// Support resolves the entry; a second resolution changes nothing.
async fn resolved(world: &World, order: &str, number: u64) {
    let path = format!("/v1/orders/{order}/attention/{number}/resolution");
    let mut answers = Vec::new();
    for note in ["announced again by inventory", "once more"] {
        let request = world.client.request("sam", Method::POST, "orders", &path).unwrap();
        let answer = request.json(&json!({ "note": note })).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answers.push(answer.json::<Value>().await.unwrap());
    }
    assert_eq!(answers[0]["attention"][0]["resolved"]["note"], "announced again by inventory");
    assert_eq!(answers[0], answers[1], "the first resolution counts");
}
