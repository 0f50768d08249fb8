//! What a use case asks of DynamoDB, and in which order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/dynamo.rs"]
mod dynamo;
#[path = "support/warnings.rs"]
mod warnings;

use chassis::cause::Cause;
use inventory::application::{AdjustOutcome, adjust};
use inventory::domain::adjustment::AdjustmentRequest;
use inventory::domain::ids::{AdjustmentId, Sku};
use inventory::domain::stock::Level;
use serde_json::{Value, json};
use warnings::Warnings;

fn request() -> AdjustmentRequest {
    let id = AdjustmentId::derive("olga", "key-1");
    AdjustmentRequest { id, operator: "olga".to_owned(), sku: Sku::trusted("MUG"), delta: 1, reason: None }
}

fn cause() -> Cause {
    let at = "2026-11-22T10:15:30Z".parse().unwrap();
    Cause { correlation_id: "cor-1".to_owned(), causation_id: "req-1".to_owned(), traceparent: None, at }
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
    let (store, asked) = dynamo::store(move |name, body| match name {
        "GetItem" if body["TableName"] == "stock" => {
            Ok(json!({ "Item": { "pk": { "S": "MUG" }, "available": { "N": "5" }, "version": { "N": "7" } } }))
        }
        "Query" if shard(body) == "2" => Ok(json!({ "Items": [hold("ord_1", 3)], "Count": 1 })),
        "Query" => Ok(json!({ "Items": [], "Count": 0 })),
        "TransactWriteItems" if lost < 2 => {
            lost += 1;
            Err(json!({
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "CancellationReasons": [{ "Code": "None" }, { "Code": "ConditionalCheckFailed" }],
            }))
        }
        _ => Ok(json!({})),
    })
    .await;

    let outcome = adjust(&store, &request(), &cause()).await.unwrap();
    let AdjustOutcome::Adjusted(adjustment) = outcome else { panic!("not adjusted: {outcome:?}") };
    assert_eq!(adjustment.level, Level { available: 6, reserved: 3 });

    let asked = asked.lock().unwrap().join(" ");
    let round = "GetItem TransactWriteItems"; // of the stock
    assert_eq!(asked, format!("GetItem Query Query Query Query {round} GetItem {round} GetItem {round}"));
}

#[tokio::test]
async fn an_entry_of_the_index_that_cannot_be_read_is_left_out_with_a_warning() {
    let (store, _) = dynamo::store(|_, body| {
        let strange = json!({
            "pk": { "S": "ord_strange" },
            "lines": hold("", 9)["lines"],
            "reservation": { "M": { "state": { "S": "LENT" } } },
        });
        let empty = json!({ "pk": { "S": "ord_empty" }, "reservation": { "M": { "state": { "S": "RESERVED" } } } });
        let items =
            if shard(body) == "0" { json!([hold("ord_1", 3), strange, empty, hold("ord_2", 2)]) } else { json!([]) };
        Ok(json!({ "Items": items }))
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
