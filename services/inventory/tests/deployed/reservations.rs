//! What the events of orders lead to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::{Capture, Stage, delivered, eventually, unique};

use super::{about, all_is_handled, created, get, level, order, published, sku, stocked};

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_becomes_a_sale_and_what_is_redriven_changes_nothing() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, tea, order) = (sku("mug"), sku("tea"), order());
    stocked(&stage, &mug, 10).await;
    stocked(&stage, &tea, 5).await;

    let creation = created(&order, &[(&mug, 3), (&tea, 1)]);
    stage.publish(&[creation.clone(), creation.clone()]).await;
    let reserved = capture.wait_for(&order, "InventoryReserved.v1").await;
    assert_eq!((&reserved["causationid"], &reserved["correlationid"]), (&creation["id"], &creation["correlationid"]));
    assert_eq!(reserved["data"]["lines"].as_array().unwrap().len(), 2);
    assert_eq!((level(&stage, &mug).await, level(&stage, &tea).await), ((10, 3, 7), (5, 1, 4)));

    let confirmed = about(&order, "OrderConfirmed.v1");
    stage.publish(&[confirmed.clone(), confirmed.clone()]).await;
    let committed = capture.wait_for(&order, "InventoryCommitted.v1").await;
    assert_eq!(committed["data"]["reservationId"], reserved["data"]["reservationId"]);
    assert_eq!(committed["causationid"], confirmed["id"]);

    stage.publish(&[creation, confirmed]).await;
    all_is_handled(&stage, &capture).await;
    assert_eq!((level(&stage, &mug).await, level(&stage, &tea).await), ((7, 0, 7), (4, 0, 4)));
    assert_eq!(published(&capture, &order), ["InventoryReserved.v1", "InventoryCommitted.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_releases_its_pieces_once() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, order) = (sku("mug"), order());
    stocked(&stage, &mug, 4).await;
    stage.publish(&[created(&order, &[(&mug, 3)])]).await;
    capture.wait_for(&order, "InventoryReserved.v1").await;

    // Twice the same event, and once more with another id.
    let cancelled = about(&order, "OrderCancelled.v1");
    stage.publish(&[cancelled.clone(), cancelled, about(&order, "OrderCancelled.v1")]).await;
    let released = capture.wait_for(&order, "InventoryReleased.v1").await;
    assert_eq!(released["data"]["cause"], "CANCELLED");
    all_is_handled(&stage, &capture).await;
    assert_eq!(level(&stage, &mug).await, (4, 0, 4));
    assert_eq!(published(&capture, &order), ["InventoryReserved.v1", "InventoryReleased.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_reaches_inventory_before_order_created() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, order) = (sku("mug"), order());
    stocked(&stage, &mug, 4).await;
    stage.publish(&[about(&order, "OrderCancelled.v1")]).await;
    let released = capture.wait_for(&order, "InventoryReleased.v1").await;
    assert_eq!(released["data"]["cause"], "NEVER_RESERVED");

    stage.publish(&[created(&order, &[(&mug, 3)])]).await;
    all_is_handled(&stage, &capture).await;
    assert_eq!(level(&stage, &mug).await, (4, 0, 4));
    assert_eq!(published(&capture, &order), ["InventoryReleased.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_reserved_as_a_whole_or_rejected_with_what_is_missing() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, ghost, greedy, haunted) = (sku("mug"), sku("ghost"), order(), order());
    stocked(&stage, &mug, 2).await;

    stage.publish(&[created(&greedy, &[(&mug, 3)]), created(&haunted, &[(&mug, 1), (&ghost, 1)])]).await;
    let rejected = capture.wait_for(&greedy, "InventoryRejected.v1").await;
    assert_eq!(rejected["data"]["reason"], "INSUFFICIENT_STOCK");
    assert_eq!(rejected["data"]["lines"], json!([{ "sku": mug, "requested": 3, "available": 2 }]));
    let rejected = capture.wait_for(&haunted, "InventoryRejected.v1").await;
    assert_eq!(rejected["data"]["reason"], "UNKNOWN_SKU");
    assert_eq!(rejected["data"]["lines"], json!([{ "sku": ghost, "requested": 1, "available": 0 }]));
    let shown: Value = get(&stage, "olga", &format!("/v1/reservations/{haunted}")).await.json().await.unwrap();
    assert_eq!(shown["missing"], json!([{ "sku": ghost, "requested": 1, "available": 0, "unknown": true }]));
    assert_eq!(level(&stage, &mug).await, (2, 0, 2), "nothing is held for either");

    // Stock that comes later does not revive a rejected reservation, and its cancel releases nothing.
    stocked(&stage, &mug, 10).await;
    stage.publish(&[created(&greedy, &[(&mug, 3)]), about(&greedy, "OrderCancelled.v1")]).await;
    all_is_handled(&stage, &capture).await;
    assert_eq!(level(&stage, &mug).await, (12, 0, 12));
    assert_eq!(published(&capture, &greedy), ["InventoryRejected.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_two_orders_for_the_last_unit() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, orders) = (sku("mug"), [order(), order()]);
    stocked(&stage, &mug, 1).await;
    stage.publish(&orders.each_ref().map(|order| created(order, &[(&mug, 1)]))).await;
    eventually("both orders are decided", || async {
        orders.iter().all(|order| !published(&capture, order).is_empty())
    })
    .await;
    let types: BTreeSet<_> = orders.iter().flat_map(|order| published(&capture, order)).collect();
    assert_eq!(types, BTreeSet::from(["InventoryRejected.v1".into(), "InventoryReserved.v1".into()]));
    assert_eq!(level(&stage, &mug).await, (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_orders_at_once_never_hold_more_than_there_is() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let skus = [(sku("mug"), 20), (sku("tea"), 15), (sku("rare"), 1)];
    for (sku, pieces) in &skus {
        stocked(&stage, sku, *pieces).await;
    }
    let orders: Vec<String> = (0..50).map(|_| order()).collect();
    let creation = |(n, order): (usize, &String)| {
        // Every order asks for two of the three, in any order of the lines: locks taken in sequence would deadlock.
        let (first, second) = (&skus[n % 3].0, &skus[(n + 1) % 3].0);
        created(order, &[(first, 1 + u32::try_from(n % 2).unwrap()), (second, 1)])
    };
    let creations: Vec<Value> = orders.iter().enumerate().map(creation).collect();
    stage.publish(&creations).await;
    eventually("every order is decided", || async {
        orders.iter().all(|order| !published(&capture, order).is_empty())
    })
    .await;

    let mut held: BTreeMap<String, u64> = BTreeMap::new();
    for order in &orders {
        assert_eq!(published(&capture, order).len(), 1, "one decision for {order}");
        for event in capture.of_type(order, "InventoryReserved.v1") {
            for line in event["data"]["lines"].as_array().unwrap() {
                *held.entry(line["sku"].as_str().unwrap().to_owned()).or_default() +=
                    line["quantity"].as_u64().unwrap();
            }
        }
    }
    for (sku, pieces) in &skus {
        let (pieces, reserved) = (pieces.unsigned_abs(), held.get(sku).copied().unwrap_or_default());
        assert_eq!(level(&stage, sku).await, (pieces, reserved, pieces - reserved), "{sku}");
    }
    assert!(held.values().sum::<u64>() > 0, "no order got anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_a_hundred_lines_is_reserved_sold_and_released_as_a_whole() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let skus: Vec<String> = (0..100).map(|_| sku("many")).collect();
    for ten in skus.chunks(10) {
        let each = ten.iter().map(|sku| {
            let (stage, sku) = (stage.clone(), sku.clone());
            tokio::spawn(async move { stocked(&stage, &sku, 2).await })
        });
        for task in each.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    }
    let lines: Vec<(&str, u32)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let (sold, cancelled, short) = (order(), order(), order());
    stage.publish(&[created(&sold, &lines)]).await;
    let reserved = capture.wait_for(&sold, "InventoryReserved.v1").await;
    assert_eq!(reserved["data"]["lines"].as_array().unwrap().len(), 100);
    stage.publish(&[created(&cancelled, &lines)]).await;
    capture.wait_for(&cancelled, "InventoryReserved.v1").await;
    stage.publish(&[created(&short, &lines)]).await;
    let rejected = capture.wait_for(&short, "InventoryRejected.v1").await;
    assert_eq!(rejected["data"]["lines"].as_array().unwrap().len(), 100);

    stage.publish(&[about(&sold, "OrderConfirmed.v1"), about(&cancelled, "OrderCancelled.v1")]).await;
    capture.wait_for(&sold, "InventoryCommitted.v1").await;
    capture.wait_for(&cancelled, "InventoryReleased.v1").await;
    for sku in &skus {
        assert_eq!(level(&stage, sku).await, (1, 0, 1), "{sku}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_a_batch_of_ten() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, sold) = (sku("mug"), order());
    stocked(&stage, &mug, 10).await;
    stage.publish(&[created(&sold, &[(&mug, 1)])]).await;
    capture.wait_for(&sold, "InventoryReserved.v1").await;
    stage.publish(&[about(&sold, "OrderConfirmed.v1")]).await;
    capture.wait_for(&sold, "InventoryCommitted.v1").await;

    let good: Vec<String> = (0..4).map(|_| order()).collect();
    let mut untyped = created(&order(), &[(&mug, 1)]);
    untyped.as_object_mut().unwrap().remove("type");
    let mut next_major = created(&order(), &[(&mug, 1)]);
    next_major["type"] = json!("OrderCreated.v2");
    let mut broken = created(&order(), &[(&mug, 1)]);
    broken["data"]["lines"][0]["quantity"] = json!(-1);
    let poison = [
        (unique("this is not JSON"), "malformed"),
        (delivered(&untyped), "malformed"),
        (delivered(&next_major), "unknown_type"),
        (delivered(&broken), "contract"),
        (delivered(&about(&order(), "OrderConfirmed.v1")), "confirmed_without_hold"),
        (delivered(&about(&sold, "OrderCancelled.v1")), "cancelled_after_commit"),
    ];
    let mut batch: Vec<String> = good.iter().map(|order| delivered(&created(order, &[(&mug, 1)]))).collect();
    for (at, (body, _)) in poison.iter().enumerate() {
        batch.insert((at * 2).min(batch.len()), body.clone());
    }
    stage.enqueue("inventory", &batch).await;
    for order in &good {
        capture.wait_for(order, "InventoryReserved.v1").await;
    }
    // An earlier run, or an operator, may have left others in the queue.
    let mut letters = BTreeMap::new();
    while !poison.iter().all(|(body, _)| letters.contains_key(body)) {
        let letter = stage.dead_letter("inventory").await;
        letters.insert(letter.body, letter.cause);
    }
    for (body, class) in &poison {
        let cause = &letters[body];
        assert_eq!((cause["Consumer"].as_str(), cause["Receives"].as_str()), ("inventory/events", "1"));
        assert_eq!(cause["ErrorClass"], *class, "{body}");
        assert!(!cause["ErrorMessage"].is_empty());
    }
    let report = capture.wait_for(&sold, "EventProcessingFailed.v1").await;
    assert_eq!(
        (&report["source"], &report["data"]["errorClass"]),
        (&json!("oms.platform"), &json!("cancelled_after_commit"))
    );
    all_is_handled(&stage, &capture).await;
    letters.extend(stage.take_dead_letter("inventory").await.map(|letter| (letter.body, letter.cause)));
    let neighbour = |body: &String| good.iter().any(|order| body.contains(order));
    assert!(!letters.keys().any(neighbour), "its neighbours are not dead letters");
    assert_eq!(level(&stage, &mug).await, (9, 4, 5), "poison moved stock");
}
