//! The requests to the gateway over HTTP, and what its answers, and its silence, mean.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use std::time::{Duration, Instant};

use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::outbound::{Gateway, GatewayKey, HttpGateway, Misconfigured, intent_answer};
use serde_json::{Value, json};
use support::server::gateway;
use support::{AT, Story, declined, doubtful, held, intent, not_charged, ordered, silent, soft_declined};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn create() -> Call {
    Call::Create { attempt: 1, begun_at: AT, fact: None }
}

fn confirm() -> Call {
    Call::Confirm { attempt: 1 }
}

fn ask() -> Call {
    Call::Ask { attempt: 1, code: "timeout".into() }
}

fn shown(status: &str) -> Value {
    json!({ "id": "pi_1", "object": "payment_intent", "status": status, "latest_charge": null })
}

fn refused(error: &Value) -> Value {
    json!({ "error": error })
}

fn meant(call: &Call, status: u16, body: &Value) -> Option<Answer> {
    intent_answer(call, status, body.to_string().as_bytes()).unwrap()
}

#[test]
fn an_intent_that_is_shown_means_what_its_status_says() {
    for (status, answer) in [
        ("succeeded", Answer::Charged),
        ("canceled", Answer::Canceled),
        ("requires_confirmation", Answer::Open(intent())),
        ("requires_payment_method", declined("requires_payment_method")),
        ("requires_action", declined("requires_action")),
        ("processing", silent("processing")),
        ("anything_new", silent("anything_new")),
    ] {
        for call in [confirm(), ask(), Call::Cancel] {
            assert_eq!(meant(&call, 200, &shown(status)), Some(answer.clone()), "{call:?} {status}");
        }
        assert_eq!(meant(&create(), 200, &shown(status)), Some(Answer::Open(intent())), "create {status}");
    }
    let mut after_decline = shown("requires_payment_method");
    after_decline["last_payment_error"] =
        json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds" });
    assert_eq!(meant(&ask(), 200, &after_decline), Some(declined("insufficient_funds")));
    after_decline["last_payment_error"]["advice_code"] = json!("try_again_later");
    assert_eq!(meant(&ask(), 200, &after_decline), Some(soft_declined("insufficient_funds")));
    after_decline["last_payment_error"] = json!({ "type": "card_error", "code": "processing_error" });
    assert_eq!(meant(&ask(), 200, &after_decline), Some(soft_declined("processing_error")));
}

/// The whole table is tested beside it.
#[test]
fn a_refusal_means_what_its_status_and_type_say() {
    let used = json!({ "type": "invalid_request_error", "message": "The provided PaymentMethod was used before." });
    let card = json!({ "type": "card_error", "code": "card_declined", "decline_code": "lost_card" });
    let no_method = json!({ "type": "invalid_request_error", "code": "resource_missing", "param": "payment_method" });
    let too_small = json!({ "type": "invalid_request_error", "code": "amount_too_small" });
    let unexpected = json!({ "type": "invalid_request_error", "code": "payment_intent_unexpected_state" });
    let in_use = json!({ "type": "idempotency_error", "code": "idempotency_key_in_use" });
    let limit = json!({ "type": "invalid_request_error", "code": "lock_timeout" });
    for (status, error, answer) in [
        (402, &card, Some(declined("lost_card"))),
        (
            402,
            &json!({ "type": "card_error", "code": "authentication_required" }),
            Some(declined("authentication_required")),
        ),
        (400, &no_method, Some(declined("resource_missing"))),
        (404, &no_method, Some(declined("resource_missing"))),
        (400, &used, Some(declined("http_400"))),
        (402, &json!({ "type": "card_error", "code": "processing_error" }), Some(soft_declined("processing_error"))),
        (400, &too_small, Some(declined("amount_too_small"))),
        (400, &unexpected, None),
        (400, &json!({ "type": "idempotency_error" }), Some(doubtful("http_400"))),
        (409, &in_use, Some(Answer::Busy)),
        (429, &limit, Some(not_charged("lock_timeout"))),
        (400, &json!({ "type": "rate_limit_error" }), Some(not_charged("http_400"))),
        (500, &json!({ "type": "api_error" }), Some(doubtful("http_500"))),
    ] {
        assert_eq!(meant(&confirm(), status, &refused(error)), answer, "{status} {error}");
    }
    for (status, body) in [(503, "<html>"), (400, "<html>"), (402, ""), (400, r#"{"error":"invalid"}"#)] {
        for call in [create(), confirm()] {
            let answer = Ok(Some(doubtful(&format!("http_{status}"))));
            assert_eq!(intent_answer(&call, status, body.as_bytes()), answer, "{status} {body}");
        }
    }
    assert_eq!(intent_answer(&confirm(), 200, b"<html>"), Ok(Some(doubtful("garbled"))));
}

#[test]
fn what_operators_can_help_fails_no_order() {
    for (status, error) in [
        (401, json!({ "type": "invalid_request_error" })),
        (403, json!({ "type": "invalid_request_error", "code": "more_permissions_required" })),
        (400, json!({ "type": "invalid_request_error", "code": "parameter_unknown", "param": "confirm" })),
        (404, json!({ "type": "invalid_request_error", "code": "resource_missing", "param": "intent" })),
        (404, json!({ "type": "invalid_request_error" })),
        (400, json!({ "type": "invalid_request_error", "message": "Invalid Stripe API version: 1999-01-01" })),
        (400, json!({ "type": "authentication_error" })),
        (400, json!({ "type": "invalid_request_error", "code": "livemode_mismatch" })),
        (400, json!({ "type": "invalid_request_error", "param": "off_session" })),
        (301, json!({})),
    ] {
        let Misconfigured { code } =
            intent_answer(&create(), status, refused(&error).to_string().as_bytes()).unwrap_err();
        assert!(code.starts_with(&format!("http_{status}")), "{code}");
    }
}

#[tokio::test]
async fn a_charge_is_a_create_under_the_key_of_its_moment_and_a_confirm_under_the_attempts() {
    let (gateway, mut asked) = gateway(vec![(200, shown("requires_confirmation")), (200, shown("succeeded"))]).await;
    let payment = Story::charging().payment;
    assert_eq!(gateway.call(&create(), &payment).await, Ok(Answer::Open(intent())));
    let request = asked.recv().await.unwrap();
    assert!(request.starts_with("POST /v1/payment_intents HTTP/1.1\r\n"), "{request}");
    for part in [
        &format!("idempotency-key: {}-create-1-0\r\n", payment.id),
        "authorization: Bearer sk_test_canary\r\n",
        "amount=4790&currency=eur&payment_method=pm_card_visa&payment_method_types%5B%5D=card&confirm=false",
        &format!("metadata%5BorderId%5D={}&metadata%5BpaymentId%5D={}", payment.order, payment.id),
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
    assert_eq!(gateway.call(&Call::Confirm { attempt: 2 }, &payment).await, Ok(Answer::Charged));
    let request = asked.recv().await.unwrap();
    assert!(request.starts_with("POST /v1/payment_intents/pi_1/confirm HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("idempotency-key: {}-2\r\n", payment.id)), "{request}");
    assert!(
        request.ends_with("payment_method=pm_card_visa&error_on_requires_action=true&off_session=true"),
        "{request}"
    );
}

#[tokio::test]
async fn an_intent_in_an_unexpected_state_is_retrieved() {
    let unexpected = refused(&json!({ "code": "payment_intent_unexpected_state" }));
    for (call, path, status, answer) in [
        (Call::Confirm { attempt: 1 }, "confirm", "canceled", Answer::Canceled),
        (Call::Confirm { attempt: 1 }, "confirm", "succeeded", Answer::Charged),
        (Call::Cancel, "cancel", "succeeded", Answer::Charged),
        (Call::Cancel, "cancel", "canceled", Answer::Canceled),
        (Call::Cancel, "cancel", "processing", silent("processing")),
    ] {
        let (gateway, mut asked) = gateway(vec![(400, unexpected.clone()), (200, shown(status))]).await;
        assert_eq!(gateway.call(&call, &Story::charging().payment).await, Ok(answer), "{path} {status}");
        assert!(asked.recv().await.unwrap().starts_with(&format!("POST /v1/payment_intents/pi_1/{path} ")));
        assert!(asked.recv().await.unwrap().starts_with("GET /v1/payment_intents/pi_1 "));
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_is_waited_for_no_longer_than_said() {
    let (gateway, mut asked) = gateway(Vec::new()).await;
    let since = Instant::now();
    let answer = gateway.call(&Call::Confirm { attempt: 1 }, &Story::charging().payment).await;
    assert_eq!(answer, Ok(silent("timeout")));
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    assert!(asked.recv().await.is_some(), "it was asked");
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_has_surely_done_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gateway = HttpGateway::new(&url, GatewayKey::new("sk".into()), Duration::from_millis(300));
    let answer = gateway.call(&Call::Confirm { attempt: 1 }, &Story::charging().payment).await;
    assert_eq!(answer, Ok(not_charged("connect")));
}

#[tokio::test]
async fn a_request_that_cannot_be_written_was_not_sent() {
    let gateway = HttpGateway::new("http://localhost:1", GatewayKey::new("s\nk".into()), Duration::from_millis(300));
    let answer = gateway.call(&Call::Confirm { attempt: 1 }, &Story::charging().payment).await;
    assert_eq!(answer, Ok(not_charged("request")));
}

#[tokio::test]
async fn an_answer_that_breaks_off_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4_096];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":").await.unwrap();
    });
    let gateway = HttpGateway::new(&url, GatewayKey::new("sk".into()), Duration::from_millis(500));
    let answer = gateway.call(&Call::Confirm { attempt: 1 }, &Story::charging().payment).await;
    assert_eq!(answer, Ok(silent("connection_lost")));
}

#[tokio::test]
async fn the_key_is_shown_by_no_debug_text() {
    let (gateway, _) = gateway(Vec::new()).await;
    assert!(!format!("{gateway:?}").contains("canary"));
    let unpaid = Story::begin().on(ordered()).on(held()).payment;
    assert!(gateway.call(&Call::Cancel, &unpaid).await.is_err(), "no intent, nothing to cancel");
}
