//! What staff see and do: attention entries, orders that wait for too long, history, announcements.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Capture, Stage, event, eventually, unique};

use super::time::{cancel, hours_later};
use super::{about, becomes, place};

async fn get(stage: &Stage, user: &str, path: &str) -> (StatusCode, Value) {
    let answer = stage.request(user, Method::GET, "orders", path).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn post(stage: &Stage, user: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = stage.request(user, Method::POST, "orders", path).json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn overdue(stage: &Stage, id: &str) -> Option<Value> {
    let (status, list) = get(stage, "sam", "/v1/orders?overdue=true").await;
    assert_eq!(status, 200, "{list}");
    list["orders"].as_array().unwrap().iter().find(|order| order["orderId"] == id).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits_too_long_needs_attention_until_its_fact_comes() {
    let stage = Stage::from_env().await;
    let order = place(&stage, &unique("key")).await;
    let id = order["orderId"].as_str().unwrap();
    stage.publish(&[about(id, "InventoryReserved.v1"), about(id, "PaymentSucceeded.v1")]).await;
    becomes(&stage, id, "CONFIRMED").await;
    assert_eq!(overdue(&stage, id).await, None);
    stage.sweep("orders", &[id], hours_later(&order, 1)).await;
    let listed = overdue(&stage, id).await.unwrap();
    let entry = &listed["attention"][0];
    assert_eq!((&entry["code"], &entry["missing"]), (&json!("COMMIT_OVERDUE"), &json!("InventoryCommitted")));
    assert_eq!((&entry["owedBy"], &entry["number"]), (&json!("inventory"), &json!(1)));
    assert_eq!(listed["waitingFor"][0]["fact"], "InventoryCommitted");
    assert_eq!(get(&stage, "ada", "/v1/orders?overdue=true").await.0, 403);
    assert_eq!(get(&stage, "sam", "/v1/orders?overdue=maybe").await.0, 400);
    assert!(get(&stage, "ada", &format!("/v1/orders/{id}")).await.1.get("attention").is_none(), "it is for staff");

    stage.publish(&[about(id, "InventoryCommitted.v1")]).await;
    becomes(&stage, id, "COMPLETED").await;
    eventually("the entry is gone", || async { overdue(&stage, id).await.is_none() }).await;
}

/// What follows for an order about which this service has parked an event: an attention entry, until support has
/// resolved it.
pub async fn needs_attention_until_resolved(stage: &Stage, capture: &Capture, id: &str) {
    let report = capture.wait_for(id, "EventProcessingFailed.v1").await;
    assert_eq!(report["data"]["consumer"], "orders/events");
    eventually("the order needs attention", || async { overdue(stage, id).await.is_some() }).await;
    let entries = || async { get(stage, "sam", &format!("/v1/orders/{id}")).await.1["attention"].clone() };
    eventually("each event is an entry", || async { entries().await.as_array().unwrap().len() == 2 }).await;
    for entry in entries().await.as_array().unwrap() {
        assert_eq!(
            (&entry["code"], &entry["owedBy"]),
            (&json!("EVENT_NOT_PROCESSED"), &json!("orders/events")),
            "{entry}"
        );
    }
    let path = |number: u32| format!("/v1/orders/{id}/attention/{number}/resolution");
    assert_eq!(post(stage, "ada", &path(1), json!({ "note": "mine" })).await.0, 403);
    assert_eq!(post(stage, "sam", &path(1), json!({})).await.0, 400);
    assert_eq!(post(stage, "sam", &path(7), json!({ "note": "which" })).await.0, 404);
    let (status, resolved) = post(stage, "sam", &path(1), json!({ "note": "sent back" })).await;
    assert_eq!((status, &resolved["attention"][0]["resolved"]["note"]), (StatusCode::OK, &json!("sent back")));
    assert_eq!(post(stage, "sam", &path(1), json!({ "note": "later" })).await, (StatusCode::OK, resolved));
    assert_eq!(post(stage, "sam", &path(2), json!({ "note": "a copy" })).await.0, 200);
    eventually("it is not listed", || async { overdue(stage, id).await.is_none() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_lists_what_was_applied_what_came_twice_and_what_came_too_late() {
    let stage = Stage::from_env().await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    let reserved = about(&id, "InventoryReserved.v1");
    stage.publish(std::slice::from_ref(&reserved)).await;
    becomes(&stage, &id, "INVENTORY_RESERVED").await;
    assert_eq!(cancel(&stage, "ada", &id, json!({ "reason": "CUSTOMER" }), None).await.status(), 202);
    let late = event(&reserved, &[("/id", json!("evt_00000000-0000-5000-8000-0000000000aa"))]);
    stage.publish(&[reserved.clone(), late.clone()]).await;
    let path = format!("/v1/orders/{id}/history");
    let outcomes = || async {
        let facts = get(&stage, "ada", &path).await.1["facts"].as_array().unwrap().clone();
        facts
            .iter()
            .map(|it| format!("{} {}", it["eventType"].as_str().unwrap(), it["outcome"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    eventually("both are listed", || async { outcomes().await.len() == 5 }).await;
    let mut listed = outcomes().await;
    listed[3..].sort();
    assert_eq!(
        listed,
        [
            "OrderCreated.v1 APPLIED",
            "InventoryReserved.v1 APPLIED",
            "OrderCancelled.v1 APPLIED",
            "InventoryReserved.v1 DUPLICATE",
            "InventoryReserved.v1 IGNORED"
        ]
    );
    let history = get(&stage, "sam", &path).await.1;
    let ignored = history["facts"].as_array().unwrap().iter().find(|it| it["eventId"] == late["id"]).unwrap();
    assert_eq!(
        (&ignored["source"], &ignored["why"]),
        (&json!("oms.inventory"), &json!("the order already knows this from inventory"))
    );
    let version = get(&stage, "ada", &format!("/v1/orders/{id}")).await.1["version"].clone();
    assert_eq!(version, 3, "what changes nothing does not touch the order");
    assert_eq!(get(&stage, "bob", &path).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_publishes_it_again_under_a_new_id() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    let first = capture.wait_for(&id, "OrderCreated.v1").await;
    let path = format!("/v1/orders/{id}/announcement");
    assert_eq!(post(&stage, "ada", &path, json!({})).await.0, 403);
    assert_eq!(post(&stage, "olga", &path, json!({})).await.0, 202);
    // The same event may come twice as well; this one has another id.
    let again = || capture.of_type(&id, "OrderCreated.v1").into_iter().find(|event| event["id"] != first["id"]);
    eventually("it is published again", || async { again().is_some() }).await;
    let again = again().unwrap();
    assert_eq!((&again["data"], &again["correlationid"]), (&first["data"], &first["correlationid"]));
    assert_eq!(again["causationid"], first["id"]);
}
