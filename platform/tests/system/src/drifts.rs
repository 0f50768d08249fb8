//! `omsctl reconcile`: differences that the services' own commands repair. Each test causes one, finds and repairs it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use omsctl::reconcile::finding::Kind;
use omsctl::reconcile::report::{Outcome, Report};
use omsctl::reconcile::{Options, run};
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually};

use crate::staging::fabricated;
use crate::stuck::omsctl;
use crate::world::{AT_REST, World};

/// Compares one order or sku, without a grace: the tests wait until nothing is on its way.
pub fn one(only: &str, repair: bool) -> Options {
    let (only, within) = (vec![only.to_owned()], Duration::from_mins(2));
    Options { grace: SignedDuration::ZERO, only, repair, pause: AT_REST, within }
}

pub fn kinds(report: &Report) -> Vec<Kind> {
    report.findings.iter().map(|it| it.finding.kind).collect()
}

/// Finds exactly these kinds, repairs them, then finds nothing.
async fn repaired(world: &World, only: &str, planted: &[Kind]) {
    world.until_drained().await;
    let found = run(&world.staff, &one(only, false)).await.unwrap();
    assert_eq!(kinds(&found), planted, "{found:#?}");
    assert!(!found.is_clean());
    let repaired = run(&world.staff, &one(only, true)).await.unwrap();
    assert!(repaired.is_clean(), "{repaired:#?}");
    assert!(repaired.findings.iter().all(|it| it.outcome == Outcome::Repaired));
    assert_eq!(repaired.findings.len(), planted.len());
    let again = run(&world.staff, &one(only, false)).await.unwrap();
    assert_eq!(again.findings, vec![], "a second run finds nothing");
}

async fn ends(world: &World, order: &str, status: &str, refund: &str) {
    let ended = world.client.follow_order("ada", order, PATIENCE).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!(status), &json!(refund)), "{ended}");
    assert_eq!(ended["settled"], true);
    eventually("the customer gets one mail", || async { world.client.mails_about(order).await.unwrap().len() == 1 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_orders_missed_are_announced_again() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("missed", 10).await;
    let order = world
        .while_disconnected(&["orders"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            capture.wait_for(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    repaired(&world, &order, &[Kind::OrderMissedFact, Kind::OrderMissedFact]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_inventory_missed_is_carried_out() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("unsold", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_1").await;
    capture.wait_for(&order, "InventoryReserved.v1").await;
    world.while_disconnected(&["inventory"], capture.wait_for(&order, "OrderConfirmed.v1")).await;
    repaired(&world, &order, &[Kind::DecisionMissed]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
    assert_eq!(world.client.stock(&sku).await.unwrap()["onHand"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_inventory_and_payments_missed_is_carried_out() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("uncancelled", 10).await;
    let order = world
        .while_disconnected(&["inventory", "payments"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            world.cancel("ada", &order, "CUSTOMER").await;
            capture.wait_for(&order, "OrderCancelled.v1").await;
            order
        })
        .await;
    repaired(&world, &order, &[Kind::DecisionMissed, Kind::DecisionMissed]).await;
    ends(&world, &order, "CANCELLED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_payment_continues() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("still", 10).await;
    let (order, created) = world
        .while_disconnected(&["payments"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            capture.wait_for(&order, "InventoryReserved.v1").await;
            let created = capture.wait_for(&order, "OrderCreated.v1").await;
            (order, created)
        })
        .await;
    world.stage.publish(&[created]).await;
    world.until_payment_is(&order, &["PENDING"]).await;
    repaired(&world, &order, &[Kind::PaymentStalled]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

/// Each repair reveals the next difference.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_missed_every_event_is_completed_step_by_step() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("steps", 10).await;
    let order = world
        .while_disconnected(&["payments"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            capture.wait_for(&order, "InventoryReserved.v1").await;
            order
        })
        .await;
    repaired(&world, &order, &[Kind::DecisionMissed]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_continue_is_cancelled_by_support() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("dead-end", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    let created = capture.wait_for(&order, "OrderCreated.v1").await;
    // The order is open, but inventory and payments consume a cancellation.
    world.stage.publish(&[fabricated("OrderCancelled.v1", 900, &created, &[])]).await;
    capture.wait_for(&order, "InventoryReleased.v1").await;
    capture.wait_for(&order, "PaymentVoided.v1").await;
    repaired(&world, &order, &[Kind::DeadEnd, Kind::DeadEnd]).await;
    let ended = world.client.get_order("ada", &order).await.unwrap();
    assert_eq!(ended["cancelReason"], "STAFF");
    ends(&world, &order, "CANCELLED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_its_payment_does_not_know_is_found_at_the_gateway() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("unlearnt", 10).await;
    let order = world
        .while_disconnected(&["orders"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            capture.wait_for(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    world.until_drained().await;
    let long_ago = AttributeValue::N("1767225600000".into());
    let unknown =
        AttributeValue::M([("state".into(), AttributeValue::S("UNKNOWN".into())), ("askAt".into(), long_ago)].into());
    world.overwrite("payments", &order, "stage", unknown).await;
    repaired(&world, &order, &[Kind::OrderMissedFact, Kind::PaymentStalled, Kind::ChargeUnknown]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
    assert_eq!(world.ledger(&order).await["charges"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_charge_of_a_cancelled_order_is_refunded() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("kept", 10).await;
    let order = world
        .while_disconnected(&["orders"], async {
            let order = world.place_order(&sku, "pm_card_visa").await;
            capture.wait_for(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    let cancel = async {
        world.cancel("ada", &order, "CUSTOMER").await;
        capture.wait_for(&order, "InventoryReleased.v1").await;
    };
    world.while_disconnected(&["payments"], cancel).await;
    repaired(&world, &order, &[Kind::ChargeKept]).await;
    ends(&world, &order, "CANCELLED", "REFUNDED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_no_adjustment_explains_is_corrected_and_the_command_reports_it() {
    let world = World::open().await;
    let sku = world.stock_sku("shrunk", 10).await;
    world.add("stock", &sku, "available", -3).await;
    let arguments = ["reconcile", "--grace", "0s", "--json", "--only", sku.as_str()];
    let output = omsctl(&world, &arguments);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["findings"][0]["kind"], output.status.code()),
        (&json!("ON_HAND_DIFFERS"), Some(1)),
        "{report}"
    );
    let repair = &report["findings"][0]["repair"];
    assert_eq!((&repair["command"], &repair["delta"]), (&json!("ADJUST_STOCK"), &json!(3)), "{report}");
    let output = omsctl(&world, &[&arguments[..], &["--repair"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["findings"][0]["outcome"], output.status.code()), (&json!("MENDED"), Some(0)), "{report}");
    assert_eq!(world.client.stock(&sku).await.unwrap()["onHand"], 10);
    let output = omsctl(&world, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
