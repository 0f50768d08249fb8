//! One message that cannot be handled stops nothing but its own order, and that one says so.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually};

use crate::invariants::Account;
use crate::staging::delivered;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_ten() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("poison", 10).await;
    let (orders, held, paid) = world.unheard(&["orders"], ten(&world, &capture, &sku)).await;
    world.stage.publish(&paid).await;
    for order in &orders {
        world.noted(order, "PaymentSucceeded.v1", "APPLIED").await;
    }

    let poison = &orders[4];
    let mut bodies = held.clone();
    bodies[4]["data"].as_object_mut().unwrap().remove("expiresAt");
    let bodies: Vec<String> = bodies.iter().map(|event| delivered(event, &world.shop.system.region)).collect();
    world.stage.enqueue("orders", &bodies).await;
    let mut done = Vec::new();
    for order in orders.iter().filter(|order| *order != poison) {
        done.push(world.shop.follow("ada", order, PATIENCE).await.unwrap());
        assert_eq!(done.last().unwrap()["status"], "COMPLETED", "a neighbour");
    }

    let letter = world.letter("orders", |letter| letter.subject.as_ref() == Some(poison)).await;
    assert_eq!((letter.error_class.as_deref(), letter.receives), (Some("contract"), Some(1)));
    let told = capture.hears(poison, "EventProcessingFailed.v1").await;
    assert_eq!((&told["data"]["consumer"], &told["data"]["eventId"]), (&json!("orders/events"), &held[4]["id"]));
    let flag = flagged(&world, poison).await;
    assert_eq!((&flag["code"], &flag["missing"]), (&json!("EVENT_NOT_PROCESSED"), &json!("InventoryReserved.v1")));
    let seen = world.shop.look("ada", poison).await.unwrap();
    assert_eq!((&seen["status"], &seen["attention"]), (&json!("PAID"), &Value::Null), "no status changes of it");

    // Its producer says it again, properly.
    world.announce("inventory", "reservations", poison).await;
    done.push(world.shop.follow("ada", poison, PATIENCE).await.unwrap());
    resolved(&world, poison, flag["number"].as_u64().unwrap()).await;
    world.discard("orders", &letter).await;
    let stocked = BTreeMap::from([(sku, 10)]);
    Account { world: &world, capture: &capture, orders: done, stocked }.balances().await;
}

/// Ten orders that are held and paid, of which orders has not heard.
async fn ten(world: &World, capture: &Capture, sku: &str) -> (Vec<String>, Vec<Value>, Vec<Value>) {
    let (mut orders, mut held, mut paid) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..10 {
        orders.push(world.ordered(sku, "pm_card_visa").await);
    }
    for order in &orders {
        held.push(capture.hears(order, "InventoryReserved.v1").await);
        paid.push(capture.hears(order, "PaymentSucceeded.v1").await);
    }
    (orders, held, paid)
}

/// Waits for the order's flag.
async fn flagged(world: &World, order: &str) -> Value {
    let flag = || async { world.seen_by_staff(order).await["attention"][0].clone() };
    eventually(&format!("{order} is flagged"), || async { !flag().await.is_null() }).await;
    flag().await
}

/// Support takes note; a second time changes nothing.
async fn resolved(world: &World, order: &str, number: u64) {
    let path = format!("/v1/orders/{order}/attention/{number}/resolution");
    let mut answers = Vec::new();
    for note in ["said again by inventory", "once more"] {
        let request = world.shop.request("sam", Method::POST, "orders", &path).unwrap();
        let answer = request.json(&json!({ "note": note })).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answers.push(answer.json::<Value>().await.unwrap());
    }
    assert_eq!(answers[0]["attention"][0]["resolved"]["note"], "said again by inventory");
    assert_eq!(answers[0], answers[1], "the first resolution stands");
}
