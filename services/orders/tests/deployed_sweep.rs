//! The sweep of all that is due, as the schedule starts it. It runs alone: it would touch the orders of other tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

use chassis::store::{Attributes, DUE_AT, Table};
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Capture, Stage, unique};

const WAITS_UNTIL: &str = "waitsUntil";

async fn place(stage: &Stage) -> String {
    let request = stage.request("ada", Method::POST, "orders", "/v1/orders").header("Idempotency-Key", unique("key"));
    let answer = request
        .json(&json!({ "lines": [{ "sku": "MUG-01", "quantity": 2, "unitPrice": 1595 }], "currency": "EUR",
            "paymentMethod": "pm_card_visa" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["orderId"].as_str().unwrap().to_owned()
}

async fn item(table: &Table, id: &str) -> Attributes {
    table.load_all(&[id]).await.unwrap().remove(0)
}

fn number(item: &Attributes, name: &str) -> Option<i64> {
    item.get(name).map(|value| value.as_n().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_the_index_wakes_too_early_is_woken_again_when_it_is_due_and_stays_as_it_is() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let table = Table::new(stage.aws(), format!("oms-{}-orders", stage.text("/stage")));
    let id = place(&stage).await;
    let before = item(&table, &id).await;
    let (wakes, due) = (number(&before, DUE_AT).unwrap(), number(&before, WAITS_UNTIL).unwrap());
    assert!(wakes < due, "the index wakes it too early");

    let swept = stage.sweep("orders", &[], Timestamp::from_second(wakes).unwrap()).await;
    assert_eq!(swept["failed"], 0, "{swept}");
    let after = item(&table, &id).await;
    assert_eq!((number(&after, DUE_AT), after.get(WAITS_UNTIL)), (Some(due), None));
    for kept in ["version", "emitted"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }

    // What is published after the sweep arrives after what the sweep had published.
    let path = format!("/v1/orders/{id}/cancellation");
    let request = stage.request("ada", Method::POST, "orders", &path).json(&json!({ "reason": "CUSTOMER" }));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    capture.wait_for(&id, "OrderCancelled.v1").await;
    assert_eq!(capture.about(&id).len(), 2, "one event of the order placed, one of the order cancelled: {capture:?}");
}
