//! `omsctl reconcile`: drift that the services' own commands mend. Each is planted, found, mended, and gone.

use std::time::Duration;

use jiff::SignedDuration;
use omsctl::reconcile::finding::Kind;
use omsctl::reconcile::report::{Outcome, Report};
use omsctl::reconcile::{Options, run};
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually};

use crate::staging::fabricated;
use crate::stuck::omsctl;
use crate::tables::map;
use crate::world::{AT_REST, World};

/// One look at one order or sku, of which nothing is on its way.
pub fn look(only: &str, repair: bool) -> Options {
    let (only, within) = (vec![only.to_owned()], Duration::from_mins(2));
    Options { grace: SignedDuration::ZERO, only, repair, between: AT_REST, within }
}

pub fn kinds(report: &Report) -> Vec<Kind> {
    report.findings.iter().map(|told| told.finding.kind).collect()
}

/// Finds exactly these kinds, mends them, and finds nothing any more.
async fn mended(world: &World, only: &str, planted: &[Kind]) {
    world.quiet().await;
    let found = run(&world.desk, &look(only, false)).await.unwrap();
    assert_eq!(kinds(&found), planted, "{found:#?}");
    assert!(!found.is_clean());
    let mended = run(&world.desk, &look(only, true)).await.unwrap();
    assert!(mended.is_clean(), "{mended:#?}");
    assert!(mended.findings.iter().all(|told| told.outcome == Outcome::Mended));
    assert_eq!(mended.findings.len(), planted.len());
    let again = run(&world.desk, &look(only, false)).await.unwrap();
    assert_eq!(again.findings, vec![], "the second run is clean");
}

async fn ends(world: &World, order: &str, status: &str, refund: &str) {
    let ended = world.shop.follow("ada", order, PATIENCE).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!(status), &json!(refund)), "{ended}");
    assert_eq!(ended["settled"], true);
    eventually("the customer is told once", || async { world.shop.mails_about(order).await.unwrap().len() == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_missed_what_inventory_and_payments_said_is_told_again() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("missed", 10).await;
    let order = world
        .unheard(&["orders"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            capture.hears(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    mended(&world, &order, &[Kind::OrderMissedFact, Kind::OrderMissedFact]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_inventory_missed_is_carried_out() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("unsold", 10).await;
    let order = world.ordered(&sku, "pm_sandbox_fail_1").await;
    capture.hears(&order, "InventoryReserved.v1").await;
    world.unheard(&["inventory"], capture.hears(&order, "OrderConfirmed.v1")).await;
    mended(&world, &order, &[Kind::DecisionMissed]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
    assert_eq!(world.shop.stock(&sku).await.unwrap()["onHand"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_inventory_and_payments_missed_is_carried_out() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("uncancelled", 10).await;
    let order = world
        .unheard(&["inventory", "payments"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            world.cancel("ada", &order, "CUSTOMER").await;
            capture.hears(&order, "OrderCancelled.v1").await;
            order
        })
        .await;
    mended(&world, &order, &[Kind::DecisionMissed, Kind::DecisionMissed]).await;
    ends(&world, &order, "CANCELLED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_stands_still_goes_on() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("still", 10).await;
    let (order, created) = world
        .unheard(&["payments"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            capture.hears(&order, "InventoryReserved.v1").await;
            let created = capture.hears(&order, "OrderCreated.v1").await;
            (order, created)
        })
        .await;
    world.stage.publish(&[created]).await;
    world.until_payment_is(&order, &["PENDING"]).await;
    mended(&world, &order, &[Kind::PaymentStandsStill]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

/// Each repair shows what the next one has to mend.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_was_never_heard_of_is_brought_to_its_end_step_by_step() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("steps", 10).await;
    let order = world
        .unheard(&["payments"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            capture.hears(&order, "InventoryReserved.v1").await;
            order
        })
        .await;
    mended(&world, &order, &[Kind::DecisionMissed]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_can_never_go_on_is_cancelled_by_support() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("dead-end", 10).await;
    let order = world.ordered(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    let created = capture.hears(&order, "OrderCreated.v1").await;
    // Nobody has cancelled it, but inventory and payments believe so.
    world.stage.publish(&[fabricated("OrderCancelled.v1", 900, &created, &[])]).await;
    capture.hears(&order, "InventoryReleased.v1").await;
    capture.hears(&order, "PaymentVoided.v1").await;
    mended(&world, &order, &[Kind::DeadEnd, Kind::DeadEnd]).await;
    let ended = world.shop.look("ada", &order).await.unwrap();
    assert_eq!(ended["cancelReason"], "STAFF");
    ends(&world, &order, "CANCELLED", "NONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_its_payment_does_not_know_is_learnt() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("unlearnt", 10).await;
    let order = world
        .unheard(&["orders"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            capture.hears(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    world.quiet().await;
    let unknown = map(&[("state", "UNKNOWN"), ("askAt", "2026-01-01T00:00:00Z")]);
    world.overwrite("payments", &order, "stage", unknown).await;
    mended(&world, &order, &[Kind::OrderMissedFact, Kind::PaymentStandsStill, Kind::ChargeUnknown]).await;
    ends(&world, &order, "COMPLETED", "NONE").await;
    assert_eq!(world.shop.ledger(&order).await.unwrap()["charges"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_of_a_cancelled_order_that_is_kept_goes_back() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("kept", 10).await;
    let order = world
        .unheard(&["orders"], async {
            let order = world.ordered(&sku, "pm_card_visa").await;
            capture.hears(&order, "PaymentSucceeded.v1").await;
            order
        })
        .await;
    let cancel = async {
        world.cancel("ada", &order, "CUSTOMER").await;
        capture.hears(&order, "InventoryReleased.v1").await;
    };
    world.unheard(&["payments"], cancel).await;
    mended(&world, &order, &[Kind::ChargeKept]).await;
    ends(&world, &order, "CANCELLED", "REFUNDED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_no_adjustment_explains_is_corrected_and_the_command_says_so() {
    let world = World::open().await;
    let sku = world.stocked("shrunk", 10).await;
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
    assert_eq!(world.shop.stock(&sku).await.unwrap()["onHand"], 10);
    let output = omsctl(&world, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
