//! Inventory alone on the emulator, through its deployed template: its API, its queue, its stream, its sweep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "deployed/expiry.rs"]
mod expiry;
#[path = "deployed/flash_sale.rs"]
mod flash_sale;
#[path = "deployed/repair.rs"]
mod repair;
#[path = "deployed/reservations.rs"]
mod reservations;
#[path = "deployed/stock_api.rs"]
mod stock_api;

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
};
use contracts::validate;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Capture, Stage, event, eventually, unique};

/// A sku that no other test and no other run stocks.
fn sku(name: &str) -> String {
    unique(name).to_uppercase()
}

/// An order that no other test and no other run places.
fn order() -> String {
    let name = unique("o");
    let hex = name.rsplit('-').next().unwrap();
    let cut = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map(|(from, to)| &hex[from..to]);
    format!("ord_{}", cut.join("-"))
}

/// The first sample of a type, about this order.
fn about(order: &str, event_type: &str) -> Value {
    event(&sample(event_type), &[("/subject", json!(order)), ("/data/orderId", json!(order))])
}

fn created(order: &str, lines: &[(&str, u32)]) -> Value {
    let line = |(number, (sku, quantity)): (u32, &(&str, u32))| json!({ "lineId": number, "sku": sku, "quantity": quantity, "unitPrice": 1 });
    let mut event = about(order, "OrderCreated.v1");
    event["data"]["lines"] = (1..).zip(lines).map(line).collect();
    event
}

async fn adjust(stage: &Stage, user: &str, sku: &str, key: &str, body: &Value) -> Response {
    let path = format!("/v1/stock/{sku}/adjustments");
    let request = stage.request(user, Method::POST, "inventory", &path).header("Idempotency-Key", key);
    request.json(body).send().await.unwrap()
}

async fn stocked(stage: &Stage, sku: &str, pieces: i64) {
    let answer = adjust(stage, "olga", sku, &unique("key"), &json!({ "delta": pieces })).await;
    assert_eq!(answer.status(), 201);
}

async fn get(stage: &Stage, user: &str, path: &str) -> Response {
    stage.request(user, Method::GET, "inventory", path).send().await.unwrap()
}

/// Pieces on hand, reserved and available, as staff see them.
async fn level(stage: &Stage, sku: &str) -> (u64, u64, u64) {
    let answer: Value = get(stage, "sam", &format!("/v1/stock/{sku}")).await.json().await.unwrap();
    let count = |name: &str| answer[name].as_u64().unwrap_or_else(|| panic!("no {name}: {answer}"));
    assert_eq!(count("onHand"), count("reserved") + count("available"), "{answer}");
    (count("onHand"), count("reserved"), count("available"))
}

/// The types of inventory's events about a subject, in their sequence; every event matches its schema.
fn published(capture: &Capture, subject: &str) -> Vec<String> {
    let mut types = BTreeMap::new();
    for event in capture.about(subject).into_iter().filter(|event| event["source"] == "oms.inventory") {
        validate::event(&event).unwrap();
        let sequence = event["sequence"].as_str().unwrap().to_owned();
        let twice = types.insert(sequence, event["type"].as_str().unwrap().to_owned());
        assert_eq!(twice, None, "two events about {subject} have the same sequence");
    }
    types.into_values().collect()
}

/// Waits until every event is handled and what it led to is published: only then does the absence of an event mean
/// anything.
async fn all_is_handled(stage: &Stage, capture: &Capture) {
    let fence = order();
    stage.publish(&[about(&fence, "OrderCancelled.v1")]).await;
    capture.wait_for(&fence, "InventoryReleased.v1").await;
    let sqs = aws_sdk_sqs::Client::new(stage.aws());
    eventually("the queue is empty", || async {
        let request = sqs.get_queue_attributes().queue_url(stage.text("/services/inventory/queue/url"));
        let answer = request.attribute_names(Seen).attribute_names(Hidden).send().await.unwrap();
        answer.attributes().unwrap().values().all(|count| count == "0")
    })
    .await;
}
