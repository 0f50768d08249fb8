//! How money goes back, on the emulator: by a cancel, by the sweep, by staff.

mod scene;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use scene::Scene;
use serde_json::{Value, json};
use testkit::eventually;

fn returned(event: &Value) -> Value {
    let data = &event["data"];
    json!([data["amount"], data["refundedTotal"], data["reason"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_after_the_charge_returns_it_once() {
    let scene = Scene::charged("pm_card_visa").await;
    let cancelled = scene.cancelled();
    scene.stage.publish(std::slice::from_ref(&cancelled)).await;
    let refunded = scene.capture.wait_for(&scene.order, "PaymentRefunded.v1").await;
    assert_eq!(returned(&refunded), json!([4_790, 4_790, "CANCELLED"]));
    assert_eq!((&refunded["causationid"], &refunded["correlationid"]), (&cancelled["id"], &cancelled["correlationid"]));
    scene.stage.publish(&[cancelled, scene.cancelled(), scene.reserved(), scene.created()]).await;
    let swept = scene.sweep(1).await;
    assert_eq!((&swept["looked"], &swept["changed"]), (&json!(1), &json!(0)));
    let payment = scene.payment().await;
    assert_eq!((&payment["status"], &payment["refundedTotal"]), (&json!("SUCCEEDED"), &json!(4_790)));
    assert_eq!(payment["refunds"][0]["status"], "REFUNDED");
    let refund = scene.order.replace("ord_", "rfd_");
    assert_eq!(scene.returned().await, (vec![json!([refund, 4_790])], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_goes_on_with_a_refund_that_fails_for_a_while() {
    for (method, published_failed) in [("pm_sandbox_refund_fail_2", false), ("pm_sandbox_refund_fail_3", true)] {
        let scene = Scene::charged(method).await;
        scene.stage.publish(&[scene.cancelled()]).await;
        eventually("it was tried", || async { scene.returned().await.1 >= 1 }).await;
        let mut hours = 0;
        while scene.published("PaymentRefunded.v1").is_empty() {
            hours += 2;
            scene.sweep(hours).await;
            assert!(hours < 40, "{}", scene.payment().await);
            let next = &scene.payment().await["refunds"][0]["nextTryAt"];
            let in_an_hour = chassis::clock::now() + SignedDuration::from_hours(1);
            let is_soon = next.as_str().is_none_or(|next| next.parse::<Timestamp>().unwrap() < in_an_hour);
            assert!(is_soon, "the next try waits from now on, not from the sweep's time: {next}");
        }
        let failed = scene.published("RefundFailed.v1");
        assert_eq!(failed.len(), usize::from(published_failed), "{failed:?}");
        if let Some(failed) = failed.first() {
            assert_eq!((&failed["data"]["attempts"], &failed["data"]["code"]), (&json!(3), &json!("http_503")));
            let succeeded = scene.published("PaymentSucceeded.v1").remove(0);
            assert_eq!(failed["causationid"], succeeded["id"], "the sweep goes on from the payment's own latest event");
            assert_eq!(scene.published("PaymentRefunded.v1")[0]["causationid"], failed["id"]);
        }
        let correlation = &scene.published("PaymentSucceeded.v1")[0]["correlationid"];
        assert!(scene.published("PaymentRefunded.v1").iter().all(|refunded| refunded["correlationid"] == *correlation));
        assert_eq!(scene.payment().await["refunds"][0]["status"], "REFUNDED");
        assert_eq!(scene.returned().await.0.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_refused_is_published_once_and_stays_owed() {
    let scene = Scene::charged("pm_sandbox_refund_refused").await;
    scene.stage.publish(&[scene.cancelled()]).await;
    let failed = scene.capture.wait_for(&scene.order, "RefundFailed.v1").await;
    assert_eq!((&failed["data"]["attempts"], &failed["data"]["code"]), (&json!(1), &json!("charge_disputed")));
    for hours in [2, 4] {
        assert_eq!(scene.sweep(hours).await["changed"], 1, "it is tried again all the same");
    }
    let payment = scene.payment().await;
    assert_eq!((&payment["refunds"][0]["status"], &payment["refundedTotal"]), (&json!("FAILED"), &json!(0)));
    assert!(payment["refunds"][0]["attempts"].as_u64().unwrap() >= 3);
    assert_eq!((scene.published("RefundFailed.v1").len(), scene.returned().await.0.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_gateway_timeout_then_refund() {
    let scene = Scene::charged("pm_sandbox_refund_timeout").await;
    let (status, refund, _) = scene.command("sam", "refunds", "a", &json!({ "amount": 1_600 })).await;
    assert_eq!((status, &refund["status"]), (202, &json!("PENDING")), "{refund}");
    scene.sweep(2).await;
    let refunded = scene.capture.wait_for(&scene.order, "PaymentRefunded.v1").await;
    assert_eq!(returned(&refunded), json!([1_600, 1_600, "STAFF"]));
    assert_eq!(scene.returned().await, (vec![json!([refund["refundId"], 1_600])], 1), "asked, not sent again");
    let (status, again, replayed) = scene.command("sam", "refunds", "a", &json!({ "amount": 1_600 })).await;
    assert_eq!((status, &again["status"], replayed), (201, &json!("REFUNDED"), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_return_parts_of_a_charge_and_never_more_than_it() {
    let scene = Scene::charged("pm_card_visa").await;
    let cup = json!({ "amount": 1_600, "note": "one cup came broken" });
    let (status, refund, replayed) = scene.command("sam", "refunds", "cup", &cup).await;
    assert_eq!((status, &refund["status"], &refund["left"], replayed), (201, &json!("REFUNDED"), &json!(3_190), false));
    assert_eq!((&refund["reason"], &refund["paymentId"]), (&json!("STAFF"), &json!(scene.payment_id())));
    let refunded = scene.capture.wait_for(&scene.order, "PaymentRefunded.v1").await;
    assert_eq!(returned(&refunded), json!([1_600, 1_600, "STAFF"]));
    assert_eq!(refunded["causationid"], scene.published("PaymentSucceeded.v1")[0]["id"]);
    assert!(!refunded.to_string().contains("broken"), "staff's notes stay with staff");

    let (status, again, replayed) = scene.command("sam", "refunds", "cup", &cup).await;
    assert_eq!((status, &again["refundId"], replayed), (201, &refund["refundId"], true));
    let (status, other, _) = scene.command("sam", "refunds", "cup", &json!({ "amount": 1_599 })).await;
    assert_eq!((status, &other["errors"][0]["pointer"]), (422, &json!("Idempotency-Key")));
    let (status, exceeding, _) = scene.command("sam", "refunds", "all", &json!({ "amount": 4_790 })).await;
    assert_eq!((status, &exceeding["errors"][0]["pointer"]), (422, &json!("/amount")));
    assert!(exceeding["errors"][0]["detail"].as_str().unwrap().contains("3190"), "{exceeding}");

    let many = (0..6).map(|n| {
        let scene = &scene;
        async move {
            scene
                .command("sam", "refunds", &format!("at once {n}").replace(' ', "-"), &json!({ "amount": 2_000 }))
                .await
                .0
        }
    });
    let mut answers = futures::future::join_all(many).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 422, 422, 422, 422, 422]);

    let as_customer = scene.ask("ada", &format!("?orderId={}", scene.order)).await.1;
    assert_eq!(as_customer["payments"][0]["refundedTotal"], 3_600);
    assert!(!as_customer.to_string().contains("broken") && scene.payment().await.to_string().contains("broken"));
    scene.stage.publish(&[scene.cancelled()]).await;
    eventually("the rest goes back", || async { scene.payment().await["refundedTotal"] == 4_790 }).await;
    assert_eq!(scene.returned().await.0.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_the_same_idempotency_key_twice_at_once() {
    let scene = Scene::charged("pm_card_visa").await;
    let body = json!({ "amount": 1_600 });
    let answers = futures::future::join_all((0..6).map(|_| scene.command("sam", "refunds", "same", &body))).await;
    assert!(answers.iter().all(|(status, _, _)| [201, 202].contains(status)), "{answers:?}");
    eventually("it went back", || async { scene.payment().await["refundedTotal"] == 1_600 }).await;
    assert_eq!(scene.returned().await.0.len(), 1);
    assert_eq!(scene.payment().await["refunds"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_cannot_be_granted_names_why() {
    let charged = Scene::charged("pm_card_visa").await;
    let open = Scene::begin("pm_card_visa").await;
    open.stage.publish(&[open.created()]).await;
    open.becomes("PENDING").await;
    let amount = |amount: i64| json!({ "amount": amount });
    let long = json!({ "amount": 1, "note": "x".repeat(501) });
    for (scene, user, body, status, pointer) in [
        (&charged, "ada", amount(1), 403, Value::Null),
        (&charged, "nobody", amount(1), 401, Value::Null),
        (&charged, "sam", amount(0), 422, json!("/amount")),
        (&charged, "sam", amount(-1), 422, json!("/amount")),
        (&charged, "sam", json!({ "amount": "1" }), 400, json!("/amount")),
        (&charged, "sam", json!({ "amount": 1, "to": "me" }), 400, json!("/to")),
        (&charged, "sam", long, 422, json!("/note")),
        (&charged, "sam", json!({ "amount": 1, "note": "" }), 422, json!("/note")),
        (&open, "sam", amount(1), 409, Value::Null),
    ] {
        let (answered, problem, _) = scene.command(user, "refunds", "k", &body).await;
        assert_eq!((answered, &problem["errors"][0]["pointer"]), (status, &pointer), "{user} {body} {problem}");
    }
    let path = "/v1/payments/pay_00000000-0000-4000-8000-000000000000/refunds";
    let request = charged.stage.request("sam", Method::POST, "payments", path).json(&amount(1));
    assert_eq!(request.try_clone().unwrap().send().await.unwrap().status(), 400, "no key");
    assert_eq!(request.header("Idempotency-Key", "k").send().await.unwrap().status(), 404);
    assert_eq!(charged.returned().await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_have_the_state_of_a_payment_published_again() {
    let scene = Scene::charged("pm_card_visa").await;
    scene.command("sam", "refunds", "cup", &json!({ "amount": 1_600 })).await;
    let refunded = scene.capture.wait_for(&scene.order, "PaymentRefunded.v1").await;
    assert_eq!(scene.command("sam", "announcement", "", &json!({})).await.0, 403);
    let (status, payment, _) = scene.command("olga", "announcement", "", &json!({})).await;
    assert_eq!((status, &payment["status"]), (202, &json!("SUCCEEDED")));
    eventually("published again", || async { scene.published("PaymentRefunded.v1").len() == 2 }).await;
    for event_type in ["PaymentSucceeded.v1", "PaymentRefunded.v1"] {
        let published = scene.published(event_type);
        assert_eq!((published.len(), &published[0]["data"]), (2, &published[1]["data"]), "{event_type}");
        let again = published.iter().max_by_key(|event| event["sequence"].to_string()).unwrap();
        assert_eq!(again["causationid"], refunded["id"], "{event_type}: what the payment published last");
        assert_eq!(again["correlationid"], refunded["correlationid"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_list_all_payments_in_pages() {
    let scenes = [Scene::charged("pm_card_visa").await, Scene::charged("pm_card_visa").await];
    for user in ["sam", "olga"] {
        let (mut found, mut query) = (Vec::new(), "?limit=1".to_owned());
        loop {
            let (status, page) = scenes[0].ask(user, &query).await;
            assert_eq!(status, 200, "{page}");
            found.extend(page["payments"].as_array().unwrap().iter().map(|payment| payment["orderId"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            query = format!("?limit=100&cursor={next}");
        }
        assert!(scenes.iter().all(|scene| found.contains(&json!(scene.order))), "{found:?}");
    }
    for (query, pointer) in [("?limit=0", "limit"), ("?limit=101", "limit"), ("?cursor=x", "cursor")] {
        let (status, problem) = scenes[0].ask("sam", query).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(pointer)));
    }
}
