//! Holds that run out: a sweep for a moment to come ends them now.

use chassis::store::{DUE_SHARDS, Table};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Capture, Stage, eventually};

use super::{about, all_is_handled, created, get, level, order, published, sku, stocked};

fn swept(looked: usize, changed: usize) -> Value {
    json!({ "looked": looked, "changed": changed, "failed": 0 })
}

fn ends(reserved: &Value) -> Timestamp {
    reserved["data"]["expiresAt"].as_str().unwrap().parse().unwrap()
}

/// Whether the index would wake a sweep for the order then.
async fn wakes(stage: &Stage, order: &str, at: Timestamp) -> bool {
    let table = Table::new(stage.aws(), format!("oms-{}-reservations", stage.text("/stage")));
    for shard in 0..DUE_SHARDS {
        let mut from = None;
        loop {
            let (keys, next) = table.due(shard, at, from).await.unwrap();
            if keys.iter().any(|key| key == order) {
                return true;
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_ran_out_gives_its_pieces_back_once() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, order) = (sku("mug"), order());
    stocked(&stage, &mug, 5).await;
    let creation = created(&order, &[(&mug, 2)]);
    stage.publish(std::slice::from_ref(&creation)).await;
    let reserved = capture.wait_for(&order, "InventoryReserved.v1").await;
    let end = ends(&reserved);

    let early = end - SignedDuration::from_secs(1);
    assert!(!wakes(&stage, &order, early).await && wakes(&stage, &order, end + SignedDuration::from_secs(1)).await);
    assert_eq!(stage.sweep("inventory", &[&order], early).await, swept(1, 0));
    assert_eq!(level(&stage, &mug).await, (5, 2, 3));

    // Two sweeps at once, and one more: one of them ends the hold.
    let ours = [order.as_str()];
    let (one, other) = tokio::join!(stage.sweep("inventory", &ours, end), stage.sweep("inventory", &ours, end));
    let changed = |swept: &Value| swept["changed"].as_u64().unwrap();
    assert_eq!(changed(&one) + changed(&other), 1);
    assert_eq!(stage.sweep("inventory", &[&order], end).await, swept(1, 0));
    let released = capture.wait_for(&order, "InventoryReleased.v1").await;
    assert_eq!(released["data"]["cause"], "EXPIRED");
    let ended: Timestamp = released["time"].as_str().unwrap().parse().unwrap();
    assert!(ended < end, "the sweep was for a later time, and its event is of now: {ended}");
    assert_eq!(released["data"]["reservationId"], reserved["data"]["reservationId"]);
    assert_eq!((&released["causationid"], &released["correlationid"]), (&reserved["id"], &creation["correlationid"]));
    assert_eq!(level(&stage, &mug).await, (5, 0, 5));
    assert!(!wakes(&stage, &order, Timestamp::MAX).await, "what holds nothing waits for nothing");

    // Events that orders publishes because of it, or published before it knew, change nothing.
    stage.publish(&[creation, about(&order, "OrderConfirmed.v1"), about(&order, "OrderCancelled.v1")]).await;
    all_is_handled(&stage, &capture).await;
    assert_eq!(level(&stage, &mug).await, (5, 0, 5));
    assert_eq!(published(&capture, &order), ["InventoryReserved.v1", "InventoryReleased.v1"]);
    let path = format!("/v1/reservations/{order}");
    let shown: Value = get(&stage, "sam", &path).await.json().await.unwrap();
    assert_eq!((&shown["state"], &shown["cause"]), (&json!("RELEASED"), &json!("EXPIRED")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_given_back_or_unknown_never_runs_out() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, sold, cancelled, unknown) = (sku("mug"), order(), order(), order());
    stocked(&stage, &mug, 5).await;
    stage.publish(&[created(&sold, &[(&mug, 2)]), created(&cancelled, &[(&mug, 1)])]).await;
    for order in [&sold, &cancelled] {
        capture.wait_for(order, "InventoryReserved.v1").await;
    }
    stage.publish(&[about(&sold, "OrderConfirmed.v1"), about(&cancelled, "OrderCancelled.v1")]).await;
    capture.wait_for(&sold, "InventoryCommitted.v1").await;
    capture.wait_for(&cancelled, "InventoryReleased.v1").await;

    let orders = [sold.as_str(), &cancelled, &unknown];
    assert_eq!(stage.sweep("inventory", &orders, "2100-01-01T00:00:00Z").await, swept(3, 0));
    all_is_handled(&stage, &capture).await;
    assert_eq!(level(&stage, &mug).await, (3, 0, 3));
    assert_eq!(published(&capture, &sold), ["InventoryReserved.v1", "InventoryCommitted.v1"]);
    assert_eq!(published(&capture, &cancelled), ["InventoryReserved.v1", "InventoryReleased.v1"]);
    assert!(published(&capture, &unknown).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn race_expiry_against_commit() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, orders) = (sku("mug"), (0..20).map(|_| order()).collect::<Vec<_>>());
    stocked(&stage, &mug, 100).await;
    stage.publish(&orders.iter().map(|order| created(order, &[(&mug, 2)])).collect::<Vec<_>>()).await;
    let mut end = Timestamp::MIN;
    for order in &orders {
        end = end.max(ends(&capture.wait_for(order, "InventoryReserved.v1").await));
    }
    assert_eq!(level(&stage, &mug).await, (100, 40, 60));

    // One goes through them from the front, the other from the back: they meet somewhere.
    let confirm = async {
        for order in &orders {
            stage.publish(&[about(order, "OrderConfirmed.v1")]).await;
        }
    };
    let expire = async {
        for order in orders.iter().rev() {
            stage.sweep("inventory", &[order.as_str()], end).await;
        }
    };
    tokio::join!(confirm, expire);
    eventually("every hold has ended", || async { orders.iter().all(|order| published(&capture, order).len() == 2) })
        .await;
    all_is_handled(&stage, &capture).await;

    let mut sold = 0;
    for order in &orders {
        let types = published(&capture, order);
        match types[1].as_str() {
            "InventoryCommitted.v1" => sold += 2,
            end => assert_eq!(end, "InventoryReleased.v1"),
        }
        assert_eq!(types.len(), 2, "one winner: {types:?}");
    }
    assert_eq!(level(&stage, &mug).await, (100 - sold, 0, 100 - sold));
}
