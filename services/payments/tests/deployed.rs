//! Payments and the sandbox gateway on the emulator, through their deployed templates: queue, gateway, stream, API.

mod scene;

use scene::Scene;
use serde_json::{Value, json};
use testkit::{delivered, eventually, unique};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_charged_once_when_both_facts_are_known_and_only_its_customer_and_support_see_it() {
    let scene = Scene::begin("pm_card_visa").await;
    let reserved = scene.reserved();
    scene.stage.publish(std::slice::from_ref(&reserved)).await;
    assert_eq!(scene.becomes("PENDING").await["attempts"], json!([]));
    let created = scene.created();
    scene.stage.publish(std::slice::from_ref(&created)).await;
    let succeeded = scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
    assert_eq!((&succeeded["data"]["amount"], &succeeded["data"]["attempt"]), (&json!(4_790), &json!(1)));
    assert_eq!((&succeeded["causationid"], &succeeded["correlationid"]), (&created["id"], &created["correlationid"]));

    scene.stage.publish(&[created, reserved]).await;
    let query = format!("?orderId={}", scene.order);
    let (status, answer) = scene.ask("ada", &query).await;
    assert_eq!((status, &answer["payments"][0]["status"]), (200, &json!("SUCCEEDED")));
    assert_eq!(answer["payments"][0]["attempts"][0]["outcome"], "CHARGED");
    assert!(!answer.to_string().contains("pm_card"), "{answer}");
    assert_eq!(scene.ask("bob", &query).await.0, 404);
    assert_eq!(scene.ask("ada", "").await.0, 400, "only staff list everything");
    assert_eq!(scene.ask("ada", "?orderId=1").await.1["errors"][0]["pointer"], "orderId");
    assert_eq!(scene.ask("ada", "?order=1").await.0, 400);
    assert_eq!(scene.ask("nobody", &query).await.0, 401);
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, &intents[0]["confirms"]), (1, &json!(1)));
    let key = intents[0]["idempotencyKey"].as_str().unwrap();
    assert!(key.starts_with(answer["payments"][0]["paymentId"].as_str().unwrap()), "{key}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_is_final() {
    let scene = Scene::begin("pm_card_chargeDeclinedInsufficientFunds").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    let failed = scene.capture.wait_for(&scene.order, "PaymentFailed.v1").await;
    assert_eq!((&failed["data"]["category"], &failed["data"]["attempts"]), (&json!("DECLINED"), &json!(1)));
    assert_eq!(failed["data"]["code"], "insufficient_funds");
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, &intents[0]["status"], &intents[0]["confirms"]), (0, &json!("canceled"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_for_a_while_is_tried_again_with_the_same_intent() {
    let scene = Scene::begin("pm_sandbox_fail_2").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    let succeeded = scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
    assert_eq!(succeeded["data"]["attempt"], 3);
    assert_eq!(scene.failed_attempts(), [json!([1, "TRANSIENT"]), json!([2, "TRANSIENT"])]);
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, intents.len(), &intents[0]["confirms"]), (1, 1, &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_gateway_timeout_then_success() {
    let scene = Scene::begin("pm_sandbox_timeout").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    let succeeded = scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
    assert_eq!(succeeded["data"]["attempt"], 1, "the one without an answer");
    assert_eq!(scene.failed_attempts(), [json!([1, "TIMEOUT_UNKNOWN"])]);
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, &intents[0]["confirms"]), (1, &json!(1)), "asked, not charged again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exhausted_is_settled_by_the_dead_letters_consumer() {
    let scene = Scene::begin("pm_sandbox_down").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    let failed = scene.capture.wait_for(&scene.order, "PaymentFailed.v1").await;
    assert_eq!((&failed["data"]["category"], &failed["data"]["attempts"]), (&json!("EXHAUSTED"), &json!(4)));
    let (created, reserved) = (scene.published_id("OrderCreated.v1"), scene.published_id("InventoryReserved.v1"));
    assert!([created, reserved].contains(&failed["causationid"]), "the event that was a dead letter is the cause");
    assert_eq!(scene.failed_attempts().len(), 4);
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, &intents[0]["status"], &intents[0]["confirms"]), (0, &json!("canceled"), &json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_reaches_payments_before_order_created_and_inventory_reserved_after_cancel() {
    let scene = Scene::begin("pm_card_visa").await;
    scene.stage.publish(&[scene.cancelled()]).await;
    scene.capture.wait_for(&scene.order, "PaymentVoided.v1").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    eventually("the terms are known", || async { scene.payment().await["amount"] == 4_790 }).await;
    assert_eq!(scene.payment().await["status"], "VOIDED");
    assert_eq!(scene.ledger().await, (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_while_the_charge_is_in_flight_and_the_cancel_wins() {
    let scene = Scene::begin("pm_sandbox_timeout_before").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    scene.becomes("CHARGING").await;
    scene.stage.publish(&[scene.cancelled()]).await;
    scene.capture.wait_for(&scene.order, "PaymentVoided.v1").await;
    let (charges, intents) = scene.ledger().await;
    assert_eq!((charges, &intents[0]["status"]), (0, &json!("canceled")));
    assert!(scene.capture.of_type(&scene.order, "PaymentSucceeded.v1").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn race_cancel_while_the_charge_is_in_flight_and_the_charge_wins() {
    let scene = Scene::begin("pm_sandbox_timeout").await;
    scene.stage.publish(&[scene.created(), scene.reserved()]).await;
    eventually("the gateway has charged", || async { scene.ledger().await.0 == 1 }).await;
    scene.stage.publish(&[scene.cancelled()]).await;
    scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
    let refunded = scene.capture.wait_for(&scene.order, "PaymentRefunded.v1").await;
    assert_eq!((&refunded["data"]["reason"], &refunded["data"]["amount"]), (&json!("LATE_SUCCESS"), &json!(4_790)));
    let payment = scene.becomes("SUCCEEDED").await;
    assert_eq!((payment["cancelledAt"].is_string(), &payment["refundedTotal"]), (true, &json!(4_790)), "{payment}");
    assert!(scene.capture.of_type(&scene.order, "PaymentVoided.v1").is_empty());
    assert_eq!((scene.ledger().await.0, scene.returned().await.0.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_charge_once() {
    let scene = Scene::begin("pm_card_visa").await;
    scene.stage.publish(&[scene.created()]).await;
    scene.becomes("PENDING").await;
    let reserved: Vec<Value> = (0..10).map(|_| scene.reserved()).collect();
    scene.stage.publish(&reserved).await;
    scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
    let payment = scene.becomes("SUCCEEDED").await;
    assert_eq!((scene.ledger().await.0, payment["attempts"].as_array().unwrap().len()), (1, 1));
    assert_eq!(scene.capture.of_type(&scene.order, "PaymentSucceeded.v1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_a_batch_of_ten() {
    let mut scenes = Vec::new();
    for _ in 0..3 {
        scenes.push(Scene::begin("pm_card_visa").await);
    }
    let mut next_major = scenes[0].created();
    next_major["type"] = json!("OrderCreated.v2");
    let mut broken = scenes[0].created();
    broken["data"].as_object_mut().unwrap().remove("paymentMethod");
    let mark = unique("poison");
    let poison =
        [(mark.clone(), "malformed"), (delivered(&next_major), "unknown_type"), (delivered(&broken), "contract")];
    let mut batch: Vec<String> = poison.iter().map(|(body, _)| body.clone()).collect();
    batch.extend(scenes.iter().flat_map(|scene| [delivered(&scene.created()), delivered(&scene.reserved())]));
    scenes[0].stage.enqueue("payments", &batch).await;
    for scene in &scenes {
        scene.becomes("SUCCEEDED").await;
    }
    let mut classes = std::collections::BTreeMap::new();
    for _ in &poison {
        let letter = scenes[0].stage.dead_letter("payments-unsettled").await;
        assert_eq!(letter.cause["Consumer"], "payments/dead-letters");
        classes.insert(letter.body, letter.cause["ErrorClass"].clone());
    }
    // What people have to look at is reported once, when even the last consumer gives it up.
    let reports = || scenes[0].published("EventProcessingFailed.v1");
    eventually("both poisoned events are reported", || async { reports().len() == 2 }).await;
    for report in reports() {
        assert_eq!(report["data"]["consumer"], "payments/dead-letters", "{report}");
    }
    for (body, class) in poison {
        assert_eq!(classes.get(&body).map(String::as_str), Some(class), "{body}");
    }
}
