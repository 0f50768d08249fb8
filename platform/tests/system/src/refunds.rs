//! Money is refunded once, and never more than was charged.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, eventually, unique};

use crate::invariants::Account;
use crate::world::World;

async fn refund(world: &World, user: &str, payment: &str, key: &str, amount: i64) -> Response {
    let path = format!("/v1/payments/{payment}/refunds");
    let request = world.client.request(user, Method::POST, "payments", &path).unwrap();
    request.header("Idempotency-Key", key).json(&json!({ "amount": amount })).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn race_a_refund_is_asked_for_twice() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("twice-back", 10).await;
    let order = world.place_order(&sku, "pm_card_visa").await;
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let (payment, key) = (done["payment"]["paymentId"].as_str().unwrap().to_owned(), unique("refund"));

    let (one, other) =
        tokio::join!(refund(&world, "sam", &payment, &key, 400), refund(&world, "sam", &payment, &key, 400));
    for answer in [&one, &other] {
        assert!(answer.status().is_success(), "{answer:?}");
    }
    let (one, other): (Value, Value) = (one.json().await.unwrap(), other.json().await.unwrap());
    assert_eq!(one["refundId"], other["refundId"], "one key is one refund");
    let again = refund(&world, "sam", &payment, &key, 400).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(refund(&world, "sam", &payment, &key, 300).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let beyond = refund(&world, "sam", &payment, &unique("beyond"), 501).await;
    assert_eq!(beyond.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(beyond.text().await.unwrap().contains("500"), "the answer names what is left");
    assert_eq!(refund(&world, "ada", &payment, &unique("own"), 1).await.status(), StatusCode::FORBIDDEN);

    eventually("orders knows the refund", || async {
        world.client.get_order("ada", &order).await.unwrap()["refunded"] == 400
    })
    .await;
    let ended = world.client.get_order("ada", &order).await.unwrap();
    assert_eq!(
        (&ended["status"], &ended["refund"]),
        (&json!("COMPLETED"), &json!("NONE")),
        "a part of the total is not a refunded order"
    );
    assert_eq!(world.ledger(&order).await["refunds"].as_array().unwrap().len(), 1);
    balances(&world, &capture, sku, ended).await;
}

/// Orders is behind, so the order is charged and not confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn race_a_full_refund_of_an_order_that_is_not_confirmed() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("not-confirmed", 10).await;
    let (order, reserved, paid) = world
        .while_disconnected(
            &["orders"],
            Box::pin(async {
                let order = world.place_order(&sku, "pm_card_visa").await;
                let reserved = capture.wait_for(&order, "InventoryReserved.v1").await;
                let paid = capture.wait_for(&order, "PaymentSucceeded.v1").await;
                (order, reserved, paid)
            }),
        )
        .await;
    world.until_payment_is(&order, &["SUCCEEDED"]).await;
    let payment = paid["data"]["paymentId"].as_str().unwrap();
    let refused = refund(&world, "sam", payment, &unique("all"), 900).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(refused.text().await.unwrap().contains("/cancellation"), "the answer names the way that works");
    assert_eq!(refund(&world, "sam", payment, &unique("part"), 899).await.status(), StatusCode::CREATED);
    assert_eq!(refund(&world, "sam", payment, &unique("rest"), 1).await.status(), StatusCode::CONFLICT);
    world.stage.publish(&[reserved, paid]).await;
    let ended = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!("COMPLETED"), &json!("NONE")), "something was paid");
    balances(&world, &capture, sku, ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_fails_at_the_gateway_is_retried_until_it_succeeds() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("back-late", 10).await;
    let order = paid_and_cancelled(&world, &capture, &sku, "pm_sandbox_refund_fail_2").await;
    world.until_refund(&order, |refund| refund["attempts"] == 1 && refund["nextTryAt"] != Value::Null).await;
    let hours = |hours| "2099-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours);
    // Each sweep comes after the wait that follows from the one before.
    world.sweep_at("payments", &order, hours(0)).await;
    assert_eq!(world.payment(&order).await["refunds"][0]["status"], "PENDING");
    world.sweep_at("payments", &order, hours(2)).await;
    assert_eq!(world.payment(&order).await["refunds"][0]["status"], "REFUNDED");
    let ended = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!((&ended["status"], &ended["refund"]), (&json!("CANCELLED"), &json!("REFUNDED")));
    assert_eq!(capture.of_type(&order, "PaymentRefunded.v1").len(), 1);
    balances(&world, &capture, sku, ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_gateway_refuses_needs_attention_and_stays_owed() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("never-back", 10).await;
    let order = paid_and_cancelled(&world, &capture, &sku, "pm_sandbox_refund_refused").await;
    capture.wait_for(&order, "RefundFailed.v1").await;
    eventually("the order shows it", || async {
        world.client.get_order("ada", &order).await.unwrap()["refund"] == "FAILED"
    })
    .await;
    world.sweep("payments", &order).await;
    assert_eq!(capture.of_type(&order, "RefundFailed.v1").len(), 1, "it is published once");
    let seen = world.order_for_support(&order).await;
    assert_eq!((&seen["settled"], &seen["attention"][0]["code"]), (&json!(false), &json!("REFUND_FAILED")));
}

/// An order that is charged, and cancelled before orders consumes the charge.
pub async fn paid_and_cancelled(world: &World, capture: &Capture, sku: &str, method: &str) -> String {
    let (order, paid) = world
        .while_disconnected(&["orders"], async {
            let order = world.place_order(sku, method).await;
            let paid = capture.wait_for(&order, "PaymentSucceeded.v1").await;
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
