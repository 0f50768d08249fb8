//! `omsctl reconcile`: differences that no command repairs. Each test causes one, finds it, is advised, and undoes it.

use aws_sdk_dynamodb::types::AttributeValue;
use omsctl::reconcile::finding::Kind;
use omsctl::reconcile::report::Outcome;
use omsctl::reconcile::run;
use serde_json::json;
use testkit::PATIENCE;

use crate::drifts::{kinds, one};
use crate::tables::map;
use crate::world::World;

/// Finds this kind; a repair leaves it and gives the reason.
async fn left(world: &World, only: &str, planted: Kind) {
    let found = run(&world.staff, &one(only, false)).await.unwrap();
    assert_eq!(kinds(&found), [planted], "{found:#?}");
    let left = run(&world.staff, &one(only, true)).await.unwrap();
    assert_eq!(kinds(&left), [planted], "{left:#?}");
    let reported = &left.findings[0];
    assert_eq!((reported.outcome, left.is_clean()), (Outcome::Left, false));
    assert!(reported.left_because.as_ref().unwrap().starts_with("for people: "), "{reported:#?}");
}

async fn clean(world: &World, only: &str) {
    let found = run(&world.staff, &one(only, false)).await.unwrap();
    assert_eq!(found.findings, vec![], "the difference was undone");
}

/// A completed order, and its payment's intent at the gateway.
async fn completed(world: &World, name: &str) -> (String, String) {
    let sku = world.stock_sku(name, 10).await;
    let order = world.place_order(&sku, "pm_card_visa").await;
    assert_eq!(world.client.follow_order("ada", &order, PATIENCE).await.unwrap()["status"], "COMPLETED");
    world.until_drained().await;
    let intent = world.payment(&order).await["gatewayReference"].as_str().unwrap().to_owned();
    clean(world, &order).await;
    (order, intent)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_charged_twice_is_found() {
    let world = World::open().await;
    let (order, _) = completed(&world, "charged-twice").await;
    let second = world.charged_by_hand(&order, "900").await;
    left(&world, &order, Kind::ChargedTwice).await;
    world.delete("sandbox-charges", &second).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_for_an_order_whose_payment_was_voided_is_found() {
    let world = World::open().await;
    let sku = world.stock_sku("charged-late", 10).await;
    let order = world.place_order(&sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&order, &["RETRYING"]).await;
    world.cancel("ada", &order, "CUSTOMER").await;
    world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let by_hand = world.charged_by_hand(&order, "900").await;
    left(&world, &order, Kind::ChargeUnknown).await;
    world.delete("sandbox-charges", &by_hand).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_made_by_hand_is_found() {
    let world = World::open().await;
    let (order, intent) = completed(&world, "back-by-hand").await;
    let before = world.item("sandbox-charges", &intent).await;
    world.at_gateway("/v1/refunds", &[("payment_intent", &intent), ("amount", "100")]).await;
    left(&world, &order, Kind::RefundUnknown).await;
    world.put_back("sandbox-charges", before).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_the_ledger_lacks_or_has_in_another_amount_is_found() {
    let world = World::open().await;
    let (order, intent) = completed(&world, "no-charge").await;
    let before = world.overwrite("sandbox-charges", &intent, "amount", AttributeValue::N("901".into())).await;
    left(&world, &order, Kind::AmountDiffers).await;
    world.delete("sandbox-charges", &intent).await;
    left(&world, &order, Kind::ChargeMissing).await;
    world.put_back("sandbox-charges", before).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_ledger_lacks_is_found() {
    let world = World::open().await;
    let (order, intent) = completed(&world, "no-refund").await;
    let payment = world.payment(&order).await["paymentId"].as_str().unwrap().to_owned();
    let path = format!("/v1/payments/{payment}/refunds");
    let request = world.client.request("sam", reqwest::Method::POST, "payments", &path).unwrap();
    let request = request.header("Idempotency-Key", testkit::unique("no-refund"));
    assert_eq!(request.json(&json!({ "amount": 300 })).send().await.unwrap().status(), 201);
    clean(&world, &order).await;
    let before = world.overwrite("sandbox-charges", &intent, "refunds", AttributeValue::L(Vec::new())).await;
    left(&world, &order, Kind::RefundMissing).await;
    world.put_back("sandbox-charges", before).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_contradicts_its_completed_order_is_found() {
    let world = World::open().await;
    let (order, _) = completed(&world, "contradicted").await;
    let before = world.overwrite("reservations", &order, "reservation", map(&[("state", "RESERVED")])).await;
    left(&world, &order, Kind::Contradiction).await;
    world.put_back("reservations", before).await;
    clean(&world, &order).await;
}

/// What was sold looks like pieces that are missing; the repair must not add them.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reservation_of_a_completed_order_adds_no_stock() {
    let world = World::open().await;
    let (order, _) = completed(&world, "lost-sale").await;
    let reservation = world.item("reservations", &order).await;
    let sku = reservation["lines"].as_l().unwrap()[0].as_m().unwrap()["sku"].as_s().unwrap().clone();
    world.delete("reservations", &order).await;
    left(&world, &sku, Kind::OnHandDiffers).await;
    assert_eq!(world.client.stock(&sku).await.unwrap()["available"], 9);
    world.put_back("reservations", reservation).await;
    clean(&world, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_and_money_of_an_order_that_orders_does_not_know_are_found() {
    let world = World::open().await;
    let (order, _) = completed(&world, "forgotten").await;
    let item = world.item("orders", &order).await;
    world.delete("orders", &order).await;
    left(&world, &order, Kind::WithoutOrder).await;
    world.put_back("orders", item).await;
    clean(&world, &order).await;
}
