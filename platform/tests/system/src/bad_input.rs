//! A bad request gets its status and a problem that names the field and the rule; it writes nothing.

use omsctl::client::Client;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::world::World;
use testkit::unique;

/// A request body, the expected status, and the expected pointer or header of the first error.
struct Case {
    what: &'static str,
    body: String,
    status: u16,
    pointer: &'static str,
}

fn case(what: &'static str, body: &Value, status: u16, pointer: &'static str) -> Case {
    Case { what, body: body.to_string(), status, pointer }
}

fn with(pointer: &str, value: Value) -> Value {
    let mut request = Client::order_request(&[("MUG", 1, 100), ("TEA", 1, 100)], "pm_card_visa");
    match request.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => request[pointer.trim_start_matches('/')] = value,
    }
    request
}

fn bodies() -> Vec<Case> {
    let lines = |count: usize| -> Value {
        (0..count).map(|n| json!({ "sku": format!("SKU-{n}"), "quantity": 1, "unitPrice": 1 })).collect()
    };
    vec![
        Case { what: "malformed JSON", body: "{\"lines\":".into(), status: 400, pointer: "" },
        Case { what: "not an object", body: "[]".into(), status: 400, pointer: "" },
        Case { what: "over 64 KiB", body: format!("{}{}", " ".repeat(65_536), json!({})), status: 413, pointer: "" },
        case("unknown field", &with("/coupon", json!("FREE")), 400, "/coupon"),
        case("text for a number", &with("/lines/0/quantity", json!("2")), 400, "/lines/0/quantity"),
        case("fraction", &with("/lines/0/quantity", json!(1.5)), 400, "/lines/0/quantity"),
        case("beyond 64 bits", &with("/lines/0/unitPrice", json!(1e30)), 400, "/lines/0/unitPrice"),
        case("quantity 0", &with("/lines/0/quantity", json!(0)), 422, "/lines/0/quantity"),
        case("quantity 10⁹", &with("/lines/1/quantity", json!(1_000_000_000)), 422, "/lines/1/quantity"),
        case("no lines", &with("/lines", json!([])), 422, "/lines"),
        case("101 lines", &with("/lines", lines(101)), 422, "/lines"),
        case("a sku twice", &with("/lines/1/sku", json!("MUG")), 422, "/lines/1/sku"),
        case("negative price", &with("/lines/0/unitPrice", json!(-1)), 422, "/lines/0/unitPrice"),
        case(
            "price beyond the largest charge",
            &with("/lines/0/unitPrice", json!(i64::MAX)),
            422,
            "/lines/0/unitPrice",
        ),
        case(
            "total that overflows",
            &with("/lines/0", json!({ "sku": "A", "quantity": 1000, "unitPrice": 99_999_999 })),
            422,
            "/lines",
        ),
        case("unsupported currency", &with("/currency", json!("XAU")), 422, "/currency"),
        case("a card number", &with("/paymentMethod", json!("4242424242424242")), 422, "/paymentMethod"),
        case("control characters", &with("/lines/0/sku", json!("A\u{0}\n")), 422, "/lines/0/sku"),
        case("a customer in the body", &with("/customerId", json!("bob")), 400, "/customerId"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_body_is_refused_with_the_field_and_the_rule_and_writes_nothing() {
    let world = World::open().await;
    let all = || async {
        let request = world.client.request("bob", Method::GET, "orders", "/v1/orders").unwrap();
        request.send().await.unwrap().json::<Value>().await.unwrap()["orders"].clone()
    };
    let before = all().await;
    for case in bodies() {
        let key = unique("bad");
        let send = |body: String| {
            let request = world.client.request("bob", Method::POST, "orders", "/v1/orders").unwrap();
            request.header("Idempotency-Key", &key).header("Content-Type", "application/json").body(body)
        };
        refused(send(case.body), case.what, case.status, case.pointer).await;
    }
    assert_eq!(all().await, before, "a refused order was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_refused_with_its_status() {
    let world = World::open().await;
    let client = &world.client;
    let good = with("/currency", json!("EUR"));
    let post = || client.request("bob", Method::POST, "orders", "/v1/orders").unwrap();
    let get = |user: &str, path: &str| client.request(user, Method::GET, "orders", path).unwrap();
    let nobody = "/v1/orders/ord_00000000-0000-5000-8000-000000000000";

    refused(post().json(&good), "no key", 400, "Idempotency-Key").await;
    let long = post().json(&good).header("Idempotency-Key", "k".repeat(300));
    refused(long, "a key of 300 characters", 400, "Idempotency-Key").await;
    let plain = post().header("Idempotency-Key", "k").header("Content-Type", "text/plain").body(good.to_string());
    refused(plain, "text/plain", 415, "Content-Type").await;
    refused(get("bob", nobody), "unknown id", 404, "").await;
    refused(get("bob", "/v1/orders/42"), "no id", 404, "").await;
    refused(get("bob", "/v1/elsewhere"), "unknown path", 404, "").await;
    refused(client.request("bob", Method::DELETE, "orders", nobody).unwrap(), "wrong method", 405, "").await;
    refused(get("bob", "/v1/orders?limit=0"), "limit 0", 400, "limit").await;
    refused(get("bob", "/v1/orders?cursor=x"), "a cursor that the service did not make", 400, "cursor").await;
    refused(get("bob", "/v1/orders?status=DONE"), "unknown status", 400, "status").await;
    refused(get("bob", "/v1/orders?customerId=ada"), "another customer", 403, "customerId").await;

    let no_token = get("nobody", nobody).send().await.unwrap();
    assert_eq!(no_token.status(), 401, "no token");
    let forged = get("nobody", nobody).bearer_auth("ey.ey.x").send().await.unwrap();
    assert_eq!(forged.status(), 401, "a forged token");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_customer_and_support_can_see_an_order() {
    let world = World::open().await;
    let sku = world.stock_sku("seen", 5).await;
    let request = Client::order_request(&[(&sku, 1, 900)], "pm_card_visa");
    let order = world.client.place_order("ada", &unique("seen"), &request).await.unwrap();
    let path = format!("/v1/orders/{}", order["orderId"].as_str().unwrap());
    for (user, status) in [("ada", 200), ("sam", 200), ("bob", 404), ("olga", 404)] {
        let seen = world.client.request(user, Method::GET, "orders", &path).unwrap().send().await.unwrap();
        assert_eq!(seen.status(), status, "{user}");
    }
    let adjust =
        world.client.request("ada", Method::POST, "inventory", &format!("/v1/stock/{sku}/adjustments")).unwrap();
    let adjust = adjust.header("Idempotency-Key", unique("own")).json(&json!({ "delta": 1 }));
    refused(adjust, "a customer at the stock", 403, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_continues_at_its_cursor_and_an_unchanged_order_is_not_sent_again() {
    let world = World::open().await;
    let sku = world.stock_sku("list", 50).await;
    let request = Client::order_request(&[(&sku, 1, 900)], "pm_card_visa");
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.push(world.client.place_order("ada", &unique("list"), &request).await.unwrap()["orderId"].clone());
    }
    let page = |query: String| {
        let request = world.client.request("ada", Method::GET, "orders", &format!("/v1/orders?{query}")).unwrap();
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let first = page("limit=2".into()).await;
    let second = page(format!("limit=1&cursor={}", first["nextCursor"].as_str().unwrap())).await;
    let listed = [&first["orders"][0], &first["orders"][1], &second["orders"][0]].map(|order| order["orderId"].clone());
    placed.reverse();
    assert_eq!(listed.to_vec(), placed, "newest first");

    let id = placed[0].as_str().unwrap();
    world.client.follow_order("ada", id, testkit::PATIENCE).await.unwrap();
    let path = format!("/v1/orders/{id}");
    let look = || world.client.request("ada", Method::GET, "orders", &path).unwrap();
    let tag = look().send().await.unwrap().headers()["etag"].clone();
    assert_eq!(look().header("If-None-Match", tag).send().await.unwrap().status(), 304);
}

async fn refused(request: RequestBuilder, what: &str, status: u16, pointer: &str) {
    let correlation = unique("cor");
    let answer = request.header("X-Correlation-Id", &correlation).send().await.unwrap();
    let (seen, kind) = (answer.status().as_u16(), answer.headers()["content-type"].clone());
    let body = answer.text().await.unwrap();
    assert_eq!((seen, kind.to_str().unwrap()), (status, "application/problem+json"), "{what}: {body}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["correlationId"], correlation, "{what}: {body}");
    if !pointer.is_empty() {
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], pointer, "{what}: {body}");
        assert!(!error["detail"].as_str().unwrap().is_empty(), "{what}: {body}");
    }
}
