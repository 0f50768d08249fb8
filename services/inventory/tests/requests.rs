//! What a use case asks of DynamoDB, and in which order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/warnings.rs"]
mod warnings;

use axum::body::{Body, to_bytes};
use chassis::cause::Cause;
use inventory::application::{AdjustOutcome, Store, adjust};
use inventory::domain::adjustment::AdjustmentRequest;
use inventory::domain::ids::{AdjustmentId, Sku};
use inventory::domain::stock::Level;
use inventory::inbound::http::routes;
use jiff::{SignedDuration, Timestamp};
use lambda_http::Service;
use serde_json::{Value, json};
use testkit::endpoint::{Asked, answering};
use warnings::Warnings;

fn request() -> AdjustmentRequest {
    let id = AdjustmentId::derive("olga", "key-1");
    AdjustmentRequest { id, operator: "olga".to_owned(), sku: Sku::trusted("MUG"), delta: 1, reason: None }
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn cause(at: Timestamp) -> Cause {
    Cause::new("cor-1", "req-1", at)
}

/// A store whose requests get these answers.
async fn store(answer: impl FnMut(&str, &Value) -> (u16, Value) + Send + 'static) -> (Store, Asked) {
    let (aws, asked) = answering(answer).await;
    (Store::new(&aws, "stock".to_owned(), "reservations".to_owned()), asked)
}

/// An entry of the index: an order that holds pieces of a sku.
fn hold(order: &str, pieces: u32) -> Value {
    json!({
        "pk": { "S": order },
        "lines": { "L": [{ "M": { "sku": { "S": "MUG" }, "quantity": { "N": pieces.to_string() } } }] },
        "reservation": { "M": { "state": { "S": "RESERVED" } } },
    })
}

fn shard(query: &Value) -> &Value {
    &query["ExpressionAttributeValues"][":shard"]["S"]
}

#[tokio::test]
async fn an_adjustment_reads_the_holds_once_and_nothing_between_the_stock_and_its_write() {
    let mut lost = 0;
    let (store, asked) = store(move |name, body| match name {
        "GetItem" if body["TableName"] == "stock" => {
            (200, json!({ "Item": { "pk": { "S": "MUG" }, "available": { "N": "5" }, "version": { "N": "7" } } }))
        }
        "Query" if shard(body) == "2" => (200, json!({ "Items": [hold("ord_1", 3)], "Count": 1 })),
        "Query" => (200, json!({ "Items": [], "Count": 0 })),
        "TransactWriteItems" if lost < 2 => {
            lost += 1;
            let reasons = json!([{ "Code": "None" }, { "Code": "ConditionalCheckFailed" }]);
            let error = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            (400, json!({ "__type": error, "CancellationReasons": reasons }))
        }
        _ => (200, json!({})),
    })
    .await;

    let outcome = adjust(&store, &request(), &cause(noon())).await.unwrap();
    let AdjustOutcome::Adjusted(adjustment) = outcome else { panic!("not adjusted: {outcome:?}") };
    assert_eq!(adjustment.level, Level { available: 6, reserved: 3 });

    let asked = asked.lock().unwrap().join(" ");
    let round = "GetItem TransactWriteItems"; // of the stock
    assert_eq!(asked, format!("GetItem Query Query Query Query {round} GetItem {round} GetItem {round}"));
}

#[tokio::test]
async fn an_entry_of_the_index_that_cannot_be_read_is_left_out_with_a_warning() {
    let (store, _) = store(|_, body| {
        let strange = json!({
            "pk": { "S": "ord_strange" },
            "lines": hold("", 9)["lines"],
            "reservation": { "M": { "state": { "S": "LENT" } } },
        });
        let empty = json!({ "pk": { "S": "ord_empty" }, "reservation": { "M": { "state": { "S": "RESERVED" } } } });
        let items =
            if shard(body) == "0" { json!([hold("ord_1", 3), strange, empty, hold("ord_2", 2)]) } else { json!([]) };
        (200, json!({ "Items": items }))
    })
    .await;
    let warnings = Warnings::default();
    let during = tracing::subscriber::set_default(warnings.clone());
    let reserved = store.reserved().await.unwrap();
    drop(during);
    assert_eq!(reserved.into_iter().collect::<Vec<_>>(), [(Sku::trusted("MUG"), 5)]);
    let warnings = warnings.0.lock().unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("ord_strange") && warnings[1].contains("ord_empty"), "{warnings:?}");
}

/// What the API answers a caller of these groups at a time.
async fn get(store: &Store, path: &str, groups: &str, at: Timestamp) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../events/api-show-stock.json")).unwrap();
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = json!(groups);
    let mut request = lambda_http::request::from_str(&event.to_string()).unwrap().map(Body::new);
    request.extensions_mut().insert(cause(at));
    let answer = routes(store.clone()).call(request).await.unwrap();
    serde_json::from_slice(&to_bytes(answer.into_body(), 10_000).await.unwrap()).unwrap()
}

/// A store with five mugs, and three more that are held.
async fn mugs() -> (Store, Asked) {
    let mug = json!({ "pk": { "S": "MUG" }, "available": { "N": "5" }, "version": { "N": "7" } });
    store(move |name, body| {
        let answer = match name {
            "GetItem" => json!({ "Item": mug }),
            "Scan" => json!({ "Items": [mug] }),
            _ if shard(body) == "2" => json!({ "Items": [hold("ord_1", 3)] }),
            _ => json!({ "Items": [] }),
        };
        (200, answer)
    })
    .await
}

#[tokio::test]
async fn a_customer_sees_what_is_available_and_costs_one_read() {
    let (store, asked) = mugs().await;
    for groups in ["[]", "[customers]"] {
        let answer = get(&store, "/v1/stock/MUG", groups, noon()).await;
        assert_eq!(answer, json!({ "sku": "MUG", "available": 5 }));
        let answer = get(&store, "/v1/stock", groups, noon()).await;
        assert_eq!(answer, json!({ "stock": [{ "sku": "MUG", "available": 5 }] }));
    }
    assert_eq!(asked.lock().unwrap().join(" "), "GetItem Scan GetItem Scan");
    let all = json!({ "sku": "MUG", "onHand": 8, "reserved": 3, "available": 5, "version": 7 });
    for groups in ["[support]", "[operator]"] {
        assert_eq!(get(&store, "/v1/stock/MUG", groups, noon()).await, all);
        assert_eq!(get(&store, "/v1/stock", groups, noon()).await, json!({ "stock": [all] }));
    }
}

#[tokio::test]
async fn the_pages_of_a_list_share_one_sum_of_what_is_reserved() {
    let (store, asked) = mugs().await;
    let queries = || asked.lock().unwrap().iter().filter(|name| *name == "Query").count();
    for (seconds, expected) in [(0, 4), (1, 4), (9, 4), (10, 8), (19, 8), (20, 12)] {
        let answer = get(&store, "/v1/stock", "[operator]", noon() + SignedDuration::from_secs(seconds)).await;
        assert_eq!((&answer["stock"][0]["reserved"], queries()), (&json!(3), expected), "after {seconds} s");
    }
}
