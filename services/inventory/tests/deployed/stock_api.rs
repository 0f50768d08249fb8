//! What the API shows and changes of stock.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::{Capture, Stage, eventually, unique};

use super::{adjust, all_is_handled, created, get, level, order, published, sku, stocked};

#[tokio::test(flavor = "multi_thread")]
async fn race_the_same_idempotency_key_twice_at_once() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, tea, key, body) = (sku("mug"), sku("tea"), unique("key"), json!({ "delta": 7, "reason": "a delivery" }));
    let (one, other) =
        tokio::join!(adjust(&stage, "olga", &mug, &key, &body), adjust(&stage, "olga", &mug, &key, &body));
    assert_eq!((one.status().as_u16(), other.status().as_u16()), (201, 201));
    let replayed = |answer: &Response| answer.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
    assert_ne!(replayed(&one), replayed(&other), "exactly one of them was first");
    let (one, other): (Value, Value) = (one.json().await.unwrap(), other.json().await.unwrap());
    assert_eq!(one, other);
    assert_eq!((&one["sku"], &one["delta"], &one["onHand"]), (&json!(mug), &json!(7), &json!(7)));

    // What was taken need not be there a second time for the answer to be the same.
    let (all, take) = (unique("key"), json!({ "delta": -7 }));
    for replay in [false, true] {
        let answer = adjust(&stage, "olga", &mug, &all, &take).await;
        assert_eq!((answer.status().as_u16(), replayed(&answer)), (201, replay));
    }
    for (sku, body) in [(&mug, json!({ "delta": 8 })), (&tea, body), (&mug, json!({ "delta": 7, "reason": "theft" }))] {
        assert_eq!(adjust(&stage, "olga", sku, &key, &body).await.status(), 422, "{sku} {body}");
    }
    capture.wait_for(&mug, "StockAdjusted.v1").await;
    eventually("both changes are published", || async { published(&capture, &mug).len() == 2 }).await;
    let deltas: BTreeMap<_, _> =
        capture.about(&mug).into_iter().map(|e| (e["sequence"].to_string(), e["data"]["delta"].clone())).collect();
    assert_eq!(deltas.into_values().collect::<Vec<_>>(), [7, -7]);
    assert_eq!(level(&stage, &mug).await, (0, 0, 0));
    assert_eq!(get(&stage, "ada", &format!("/v1/stock/{tea}")).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_for_an_order_cannot_be_taken_by_an_operator() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, order) = (sku("mug"), order());
    stocked(&stage, &mug, 5).await;
    stage.publish(&[created(&order, &[(&mug, 3)])]).await;
    capture.wait_for(&order, "InventoryReserved.v1").await;
    assert_eq!(adjust(&stage, "olga", &mug, &unique("key"), &json!({ "delta": -3 })).await.status(), 409);
    assert_eq!(adjust(&stage, "olga", &mug, &unique("key"), &json!({ "delta": -2 })).await.status(), 201);
    assert_eq!(level(&stage, &mug).await, (3, 3, 0));
    let shown: Value = get(&stage, "ada", &format!("/v1/stock/{mug}")).await.json().await.unwrap();
    assert_eq!(shown, json!({ "sku": mug, "available": 0 }), "a customer sees what is available");
    assert_eq!(adjust(&stage, "olga", &sku("ghost"), &unique("key"), &json!({ "delta": -1 })).await.status(), 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_adjustments_against_holds_of_the_same_sku() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, orders) = (sku("mug"), (0..30).map(|_| order()).collect::<Vec<_>>());
    stocked(&stage, &mug, 20).await;
    let created: Vec<Value> = orders.iter().map(|order| created(order, &[(&mug, 1)])).collect();
    let staff = async |delta: i64| {
        let mut made = 0;
        for _ in 0..6 {
            let answer = adjust(&stage, "olga", &mug, &unique("key"), &json!({ "delta": delta })).await;
            assert!([201, 409, 503].contains(&answer.status().as_u16()), "{}", answer.status());
            made += if answer.status() == 201 { delta } else { 0 };
        }
        made
    };
    let ((), taken, added) = tokio::join!(stage.publish(&created), staff(-1), staff(1));
    eventually("every buyer is answered", || async {
        orders.iter().all(|order| !published(&capture, order).is_empty())
    })
    .await;
    all_is_handled(&stage, &capture).await;
    let answers = orders.iter().flat_map(|order| published(&capture, order));
    let reserved = answers.filter(|answer| answer == "InventoryReserved.v1").count() as u64;
    let on_hand = (20 + taken + added).cast_unsigned();
    eventually("the index has every hold", || async { level(&stage, &mug).await.1 == reserved }).await;
    assert_eq!(level(&stage, &mug).await, (on_hand, reserved, on_hand - reserved));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_api_refuses_changes_nothing_and_gets_a_problem() {
    let stage = Stage::from_env().await;
    let mug = sku("mug");
    let path = format!("/v1/stock/{mug}/adjustments");
    let post = |user: &str| {
        let request = stage.request(user, Method::POST, "inventory", &path).header("Content-Type", "application/json");
        request.header("Idempotency-Key", unique("key")).body(r#"{"delta":1}"#)
    };
    let keyed = |key: &str| {
        let request = stage.request("olga", Method::POST, "inventory", &path).json(&json!({ "delta": 1 }));
        request.header("Idempotency-Key", key)
    };
    let long = json!({ "delta": 1, "reason": "x".repeat(501) }).to_string();
    let refused: Vec<(&str, RequestBuilder, u16)> = vec![
        ("no token", post("nobody"), 401),
        ("a customer", post("ada"), 403),
        ("support", post("sam"), 403),
        ("no key", stage.request("olga", Method::POST, "inventory", &path).json(&json!({ "delta": 1 })), 400),
        ("a key with a space", keyed("a b"), 400),
        ("a key that is too long", keyed(&"k".repeat(256)), 400),
        ("an empty key", keyed(""), 400),
        (
            "no sku",
            stage
                .request("olga", Method::POST, "inventory", "/v1/stock/-x/adjustments")
                .header("Idempotency-Key", "k")
                .json(&json!({ "delta": 1 })),
            422,
        ),
        ("no JSON", post("olga").body("{"), 400),
        ("no object", post("olga").body("[]"), 400),
        ("no number", post("olga").body(r#"{"delta":"1"}"#), 400),
        ("a fraction", post("olga").body(r#"{"delta":1.5}"#), 400),
        ("an unknown field", post("olga").body(r#"{"delta":1,"gift":true}"#), 400),
        (
            "another media type",
            stage
                .request("olga", Method::POST, "inventory", &path)
                .header("Idempotency-Key", "k")
                .header("Content-Type", "text/plain")
                .body(r#"{"delta":1}"#),
            415,
        ),
        ("nothing", post("olga").body(r#"{"delta":0}"#), 422),
        ("too much", post("olga").body(r#"{"delta":1000001}"#), 422),
        ("the least number", post("olga").body(r#"{"delta":-9223372036854775808}"#), 422),
        ("a long reason", post("olga").body(long), 422),
        ("an empty reason", post("olga").body(r#"{"delta":1,"reason":""}"#), 422),
        ("a method that is not there", stage.request("olga", Method::DELETE, "inventory", &path), 405),
    ];
    for (what, request, status) in refused {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{what}");
        if status != 401 {
            assert_eq!(answer.headers()["content-type"], "application/problem+json", "{what}");
            let problem: Value = answer.json().await.unwrap();
            assert!(problem["correlationId"].is_string() && problem["status"] == status, "{what}: {problem}");
        }
    }
    assert_eq!(get(&stage, "ada", &format!("/v1/stock/{mug}")).await.status(), 404);
    assert_eq!(get(&stage, "nobody", "/v1/stock").await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_every_sku_once_page_by_page() {
    let stage = Stage::from_env().await;
    let skus: BTreeSet<String> = (0..3).map(|_| sku("listed")).collect();
    for sku in &skus {
        stocked(&stage, sku, 1).await;
    }
    let (mut path, mut seen) = ("/v1/stock?limit=2".to_owned(), Vec::new());
    loop {
        let answer = get(&stage, "ada", &path).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
        let page: Value = answer.json().await.unwrap();
        let stock = page["stock"].as_array().unwrap();
        assert!(stock.len() <= 2);
        seen.extend(stock.iter().map(|it| it["sku"].as_str().unwrap().to_owned()).filter(|sku| skus.contains(sku)));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/v1/stock?limit=2&cursor={cursor}");
    }
    seen.sort();
    assert_eq!(seen, skus.into_iter().collect::<Vec<_>>());
    for bad in ["limit=0", "limit=101", "limit=x", "cursor=!", "colour=red"] {
        assert_eq!(get(&stage, "ada", &format!("/v1/stock?{bad}")).await.status(), 400, "{bad}");
    }
}
