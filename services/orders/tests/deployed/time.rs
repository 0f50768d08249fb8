//! Cancellation, and what a sweep as of a later time does now.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::{Capture, Stage, eventually, unique};

use super::{about, becomes, look, place};

pub fn hours_later(order: &Value, hours: i64) -> Timestamp {
    order["placedAt"].as_str().unwrap().parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

pub async fn cancel(stage: &Stage, user: &str, id: &str, body: Value, if_match: Option<&str>) -> Response {
    let mut request = stage.request(user, Method::POST, "orders", &format!("/v1/orders/{id}/cancellation"));
    if let Some(tag) = if_match {
        request = request.header("If-Match", tag);
    }
    request.json(&body).send().await.unwrap()
}

async fn answered(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_cancels_and_gets_the_same_answer_again_until_it_is_settled() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    let request = json!({ "reason": "CUSTOMER", "note": "call Ada at home" });
    let (status, first) = answered(cancel(&stage, "ada", &id, request.clone(), None).await).await;
    assert_eq!((status, &first["status"], &first["cancelReason"]), (202, &json!("CANCELLED"), &json!("CUSTOMER")));
    assert_eq!((&first["settled"], first.get("cancelNote")), (&json!(false), None), "a note is for staff");
    assert_eq!(answered(cancel(&stage, "ada", &id, request.clone(), None).await).await, (202, first.clone()));
    let cancelled = capture.wait_for(&id, "OrderCancelled.v1").await;
    assert_eq!(
        (&cancelled["data"]["reason"], &cancelled["correlationid"]),
        (&json!("CUSTOMER"), &first["correlationId"])
    );
    let created = capture.wait_for(&id, "OrderCreated.v1").await;
    assert_eq!(cancelled["causationid"], created["id"], "one tree");
    assert!(!capture.about(&id).iter().any(|event| event.to_string().contains("call Ada")), "a note in an event");

    stage.publish(&[about(&id, "InventoryReleased.v1"), about(&id, "PaymentVoided.v1")]).await;
    eventually("the order is settled", || async { look(&stage, &id).await["settled"] == true }).await;
    let (status, again) = answered(cancel(&stage, "sam", &id, json!({ "reason": "STAFF" }), None).await).await;
    assert_eq!((status, &again["cancelReason"], &again["cancelNote"]), (200, &json!("CUSTOMER"), &request["note"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_cancellation_changes_nothing() {
    let stage = Stage::from_env().await;
    let order = place(&stage, &unique("key")).await;
    let id = order["orderId"].as_str().unwrap();
    let request = json!({ "reason": "CUSTOMER" });
    let refused = |user: &'static str, id: &str, body: Value, tag: Option<&'static str>| {
        let (stage, id) = (stage.clone(), id.to_owned());
        async move {
            let (status, problem) = answered(cancel(&stage, user, &id, body, tag).await).await;
            (status, problem["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned())
        }
    };
    let unknown = "ord_00000000-0000-5000-8000-000000000000";
    assert_eq!(refused("bob", id, request.clone(), None).await, (404, String::new()), "not his");
    assert_eq!(refused("ada", unknown, request.clone(), None).await, (404, String::new()));
    assert_eq!(refused("ada", id, json!({ "reason": "STAFF" }), None).await, (403, "/reason".into()));
    assert_eq!(refused("ada", id, json!({ "reason": "WHIM" }), None).await, (422, "/reason".into()));
    assert_eq!(refused("ada", id, json!({ "note": "x" }), None).await.0, 400);
    let bell = json!({ "reason": "CUSTOMER", "note": "\u{7}" });
    assert_eq!(refused("ada", id, bell, None).await, (422, "/note".into()));
    assert_eq!(refused("ada", id, request.clone(), Some("\"9\"")).await, (412, "If-Match".into()));
    assert_eq!(look(&stage, id).await["version"], 1, "nothing was written");

    stage.publish(&[about(id, "InventoryReserved.v1"), about(id, "PaymentSucceeded.v1")]).await;
    becomes(&stage, id, "CONFIRMED").await;
    let (status, problem) = answered(cancel(&stage, "ada", id, request.clone(), None).await).await;
    assert_eq!((status, problem["detail"].as_str().unwrap().contains("CONFIRMED")), (409, true), "{problem}");
    stage.publish(&[about(id, "InventoryCommitted.v1")]).await;
    becomes(&stage, id, "COMPLETED").await;
    assert_eq!(refused("sam", id, json!({ "reason": "STAFF" }), None).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_publishes_about_an_accepted_order_is_in_the_trace_of_the_request() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    let created = capture.wait_for(&id, "OrderCreated.v1").await;
    let trace = |number: u8| format!("00-5759e988bd862e3fe1be46a9942727{number:02x}-53995c3f42cd8ad8-01");
    let request = |user: &'static str, path: &str, number: u8| {
        let path = format!("/v1/orders/{id}/{path}");
        stage.request(user, Method::POST, "orders", &path).header("traceparent", trace(number))
    };
    assert_eq!(request("olga", "announcement", 1).send().await.unwrap().status(), 202);
    let again = || capture.of_type(&id, "OrderCreated.v1").into_iter().find(|event| event["id"] != created["id"]);
    eventually("it is published again", || async { again().is_some() }).await;
    assert_eq!(again().unwrap()["traceparent"], trace(1));
    let cancelled = request("ada", "cancellation", 2).json(&json!({ "reason": "CUSTOMER" })).send().await.unwrap();
    assert_eq!(cancelled.status(), 202);
    assert_eq!(capture.wait_for(&id, "OrderCancelled.v1").await["traceparent"], trace(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_of_the_version_that_was_seen_goes_through() {
    let stage = Stage::from_env().await;
    let id = place(&stage, &unique("key")).await["orderId"].as_str().unwrap().to_owned();
    let answer = cancel(&stage, "ada", &id, json!({ "reason": "CUSTOMER" }), Some("\"1\"")).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["etag"].to_str().unwrap()), (202, "\"2\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_paid_is_cancelled_by_the_sweep_once() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let order = place(&stage, &unique("key")).await;
    let id = order["orderId"].as_str().unwrap();
    let swept = |looked, changed| json!({ "looked": looked, "changed": changed, "failed": 0 });
    assert_eq!(stage.sweep("orders", &[id], hours_later(&order, 0)).await, swept(1, 0));
    let (end, ours) = (hours_later(&order, 2), [id]);
    let (one, other) = tokio::join!(stage.sweep("orders", &ours, end), stage.sweep("orders", &ours, end));
    // One cancels it, now. By the other's time the cancelled order has waited too long for the other services.
    assert_eq!(one["changed"].as_u64().unwrap() + other["changed"].as_u64().unwrap(), 2, "{one} {other}");
    assert_eq!(stage.sweep("orders", &[id], end).await, swept(1, 0));
    let cancelled = capture.wait_for(id, "OrderCancelled.v1").await;
    assert_eq!(cancelled["data"]["reason"], "TIMED_OUT");
    assert_eq!(cancelled["causationid"], capture.wait_for(id, "OrderCreated.v1").await["id"]);
    assert_eq!(look(&stage, id).await["cancelReason"], "TIMED_OUT");
    assert_eq!(capture.of_type(id, "OrderCancelled.v1").len(), 1);
    let published: Timestamp = cancelled["time"].as_str().unwrap().parse().unwrap();
    assert!(published < hours_later(&order, 1), "the sweep was for a later time, and its event is of now: {published}");
}
