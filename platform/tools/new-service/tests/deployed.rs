//! Newcomer alone on the emulator, through its deployed template: its queue and its table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::clock::new_id;
use chassis::store::Stored;
use newcomer::domain::ids::OrderId;
use newcomer::domain::order::Order;
use newcomer::outbound::OrderStore;
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Stage, event, eventually};

/// What orders publishes about an order that is complete.
fn completed(order: &str) -> Value {
    event(&sample("OrderCompleted.v1"), &[("/subject", json!(order)), ("/data/orderId", json!(order))])
}

async fn noted(stage: &Stage, order: &str) -> Stored<Order> {
    let orders = OrderStore::new(stage.aws(), stage.text("/services/newcomer/tables/newcomer").into());
    let id = OrderId::new(order).unwrap();
    let complete = || async { orders.get(&id).await.unwrap().value.completed_at.is_some() };
    eventually("the order is noted", complete).await;
    orders.get(&id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_noted_once_however_often_it_is_published() {
    let stage = Stage::from_env().await;
    let (order, later) = (new_id("ord_"), new_id("ord_"));
    stage.publish(&[completed(&order), completed(&order)]).await;
    noted(&stage, &order).await;
    stage.publish(&[completed(&order), completed(&later)]).await;
    noted(&stage, &later).await;
    assert_eq!(noted(&stage, &order).await.revision.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_keep_its_contract_is_parked_with_its_cause() {
    let stage = Stage::from_env().await;
    let mut broken = completed(&new_id("ord_"));
    broken["data"] = json!({});
    stage.publish(&[broken.clone()]).await;
    let parked = stage.dead_letter("newcomer").await;
    assert_eq!(
        (parked.cause["ErrorClass"].as_str(), parked.cause["Consumer"].as_str()),
        ("contract", "newcomer/events")
    );
    assert!(parked.body.contains(broken["id"].as_str().unwrap()), "{}", parked.body);
}
