//! `omsctl stuck`: an order that waits too long is listed with the missing fact, since when, and the service that owes it.

use std::process::{Command, Output};

use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually};

use crate::world::World;

/// Runs the command as an operator does.
pub fn omsctl(world: &World, arguments: &[&str]) -> Output {
    let stage = ["--stage", world.client.system.stage.as_str()];
    Command::new(crate::world::binaries().join("omsctl")).args(arguments).args(stage).output().unwrap()
}

fn listed(world: &World, order: &str) -> (Vec<Value>, Option<i32>) {
    let output = omsctl(world, &["stuck", "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (all.into_iter().filter(|line| line["orderId"] == order).collect(), output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_order_is_listed_with_fact_since_and_owner_until_it_continues() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("stuck", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_1").await;
    capture.wait_for(&order, "InventoryReserved.v1").await;
    world.while_disconnected(&["inventory"], capture.wait_for(&order, "OrderConfirmed.v1")).await;
    world.until_drained().await;
    assert!(listed(&world, &order).0.is_empty(), "the order does not wait for long yet");

    world.sweep("orders", &order).await;
    let (lines, status) = listed(&world, &order);
    assert_eq!((lines.len(), status), (1, Some(1)), "{lines:?}");
    let line = &lines[0];
    assert_eq!((&line["status"], &line["code"]), (&json!("CONFIRMED"), &json!("COMMIT_OVERDUE")));
    assert_eq!((&line["missing"], &line["owedBy"]), (&json!("InventoryCommitted"), &json!("inventory")));
    let confirmed = world.client.get_order("ada", &order).await.unwrap();
    assert_eq!(line["since"], confirmed["decidedAt"], "since the decision");
    let text = String::from_utf8(omsctl(&world, &["stuck"]).stdout).unwrap();
    assert!(text.contains(&order) && !text.contains('\u{1b}'), "no colours in a pipe: {text}");

    assert_eq!(omsctl(&world, &["reconcile", "--repair", "--grace", "0s", "--only", &order]).status.code(), Some(0));
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!(done["status"], "COMPLETED");
    eventually("the order is no longer listed", || async { listed(&world, &order).0.is_empty() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_order_past_its_pay_by_is_listed_until_the_sweep_cancels_it() {
    let world = World::open().await;
    let sku = world.stock_sku("unpaid", 10).await;
    let order = world.while_disconnected(&["orders"], world.place_order(&sku, "pm_sandbox_fail_9")).await;
    assert!(listed(&world, &order).0.is_empty());
    let output = omsctl(&world, &["sweep", "orders", "--at", "2099-01-01T00:00:00Z", "--key", &order, "--json"]);
    let swept: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&swept[0]["service"], &swept[0]["changed"]), (&json!("orders"), &json!(1)), "{swept}");
    let ended = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!(ended["cancelReason"], "TIMED_OUT");
    assert_eq!(omsctl(&world, &["sweep", "notifications"]).status.code(), Some(1), "notifications has no sweep");
}
