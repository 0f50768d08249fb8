//! Money goes back once, and never more than was taken.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually, unique};

use crate::invariants::Account;
use crate::world::World;

async fn refund(world: &World, user: &str, payment: &str, key: &str, amount: i64) -> Response {
    let path = format!("/v1/payments/{payment}/refunds");
    let request = world.shop.request(user, Method::POST, "payments", &path).unwrap();
    request.header("Idempotency-Key", key).json(&json!({ "amount": amount })).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn race_a_refund_is_asked_for_twice() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("twice-back", 10).await;
    let order = world.ordered(&sku, "pm_card_visa").await;
    let done = world.shop.follow("ada", &order, PATIENCE).await.unwrap();
    let (payment, key) = (done["payment"]["paymentId"].as_str().unwrap().to_owned(), unique("refund"));

    let (one, other) =
        tokio::join!(refund(&world, "sam", &payment, &key, 400), refund(&world, "sam", &payment, &key, 400));
    for answer in [&one, &other] {
        assert!(answer.status().is_success(), "{answer:?}");
    }
    let (one, other): (Value, Value) = (one.json().await.unwrap(), other.json().await.unwrap());
    assert_eq!(one["refundId"], other["refundId"], "one wish is one refund");
    let again = refund(&world, "sam", &payment, &key, 400).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(refund(&world, "sam", &payment, &key, 300).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let beyond = refund(&world, "sam", &payment, &unique("beyond"), 501).await;
    assert_eq!(beyond.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(beyond.text().await.unwrap().contains("500"), "it says what is left");
    assert_eq!(refund(&world, "ada", &payment, &unique("own"), 1).await.status(), StatusCode::FORBIDDEN);

    eventually("orders knows what went back", || async {
        world.shop.look("ada", &order).await.unwrap()["refunded"] == 400
    })
    .await;
    let ended = world.shop.look("ada", &order).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!("COMPLETED"), &json!("NONE")), "a part is not all");
    assert_eq!(world.shop.ledger(&order).await.unwrap()["refunds"].as_array().unwrap().len(), 1);
    balances(&world, &capture, sku, ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_gateway_fails_is_tried_until_it_goes_through() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("back-late", 10).await;
    let order = paid_and_cancelled(&world, &capture, &sku, "pm_sandbox_refund_fail_2").await;
    world.until_refund(&order, |refund| refund["attempts"] == 1 && refund["nextTryAt"] != Value::Null).await;
    let hours = |hours| "2099-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours);
    // Each look comes after the wait that follows from the one before.
    world.sweep_at("payments", &order, hours(0)).await;
    assert_eq!(world.payment(&order).await["refunds"][0]["status"], "PENDING");
    world.sweep_at("payments", &order, hours(2)).await;
    assert_eq!(world.payment(&order).await["refunds"][0]["status"], "REFUNDED");
    let ended = world.shop.follow("ada", &order, PATIENCE).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!("CANCELLED"), &json!("REFUNDED")));
    assert_eq!(capture.heard(&order, "PaymentRefunded.v1").len(), 1);
    balances(&world, &capture, sku, ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_gateway_refuses_is_flagged_and_stays_owed() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("never-back", 10).await;
    let order = paid_and_cancelled(&world, &capture, &sku, "pm_sandbox_refund_refused").await;
    capture.hears(&order, "RefundFailed.v1").await;
    eventually("the order says so", || async { world.shop.look("ada", &order).await.unwrap()["refund"] == "FAILED" })
        .await;
    world.sweep("payments", &order).await;
    assert_eq!(capture.heard(&order, "RefundFailed.v1").len(), 1, "it is said once");
    let seen = world.seen_by_staff(&order).await;
    assert_eq!((&seen["settled"], &seen["attention"][0]["code"]), (&json!(false), &json!("REFUND_FAILED")));
}

/// An order that is charged and cancelled before orders has heard of the charge.
pub async fn paid_and_cancelled(world: &World, capture: &Capture, sku: &str, method: &str) -> String {
    let (order, paid) = world
        .unheard(&["orders"], async {
            let order = world.ordered(sku, method).await;
            let paid = capture.hears(&order, "PaymentSucceeded.v1").await;
            (order, paid)
        })
        .await;
    assert_eq!(world.cancel("ada", &order, "CUSTOMER").await.status(), StatusCode::ACCEPTED);
    world.stage.publish(&[paid]).await;
    order
}

async fn balances(world: &World, capture: &Capture, sku: String, order: Value) {
    let (stocked, orders) = (BTreeMap::from([(sku, 10)]), vec![order]);
    Account { world, capture, orders, stocked }.balances().await;
}
