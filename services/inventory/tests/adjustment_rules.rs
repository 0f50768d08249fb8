//! The adjustment's rules: what an operator may ask for, what the stock allows, and what a key's second use means.

use axum::http::{HeaderMap, HeaderValue, header};
use inventory::domain::adjustment::{
    Adjustment, AdjustmentRequest, MAX_DELTA, Refusal, Replay, adjust, same_idempotency_key,
};
use inventory::domain::ids::{AdjustmentId, Sku};
use inventory::domain::stock::{Level, MAX_PIECES};
use inventory::inbound::http::request;
use jiff::Timestamp;
use serde_json::{Value, json};

fn headers() -> HeaderMap {
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let key = (header::HeaderName::from_static("idempotency-key"), HeaderValue::from_static("key-1"));
    HeaderMap::from_iter([json, key])
}

/// What a body asks for, or the field that breaks a rule and the rule.
fn asked(body: &Value) -> Result<AdjustmentRequest, (Value, Value)> {
    request::adjustment("olga", "MUG-01", &headers(), body.to_string().as_bytes()).map_err(|problem| {
        let problem = json!(problem);
        assert_eq!(problem["status"], 422);
        (problem["errors"][0]["pointer"].clone(), problem["errors"][0]["detail"].clone())
    })
}

#[test]
fn a_reason_may_be_left_out_and_has_1_to_500_characters() {
    assert_eq!(asked(&json!({ "delta": 1 })).unwrap().reason, None);
    for good in ["x".to_owned(), "é".repeat(500)] {
        assert_eq!(asked(&json!({ "delta": 1, "reason": good })).unwrap().reason, Some(good));
    }
    for bad in [String::new(), "x".repeat(501), "two\nlines".to_owned()] {
        assert_eq!(asked(&json!({ "delta": 1, "reason": bad })).unwrap_err().0, "/reason", "{bad}");
    }
}

#[test]
fn a_delta_adds_or_takes_at_most_a_million_pieces_and_at_least_one() {
    for good in [1, -1, MAX_DELTA, -MAX_DELTA] {
        assert_eq!(asked(&json!({ "delta": good })).unwrap().delta, good);
    }
    for bad in [0, MAX_DELTA + 1, -MAX_DELTA - 1, i64::MIN, i64::MAX] {
        let rule = format!("delta must be between -1000000 and 1000000 and not 0 (was {bad})");
        assert_eq!(asked(&json!({ "delta": bad })).unwrap_err(), (json!("/delta"), json!(rule)));
    }
}

#[test]
fn an_operator_cannot_take_what_is_reserved_nor_add_without_end() {
    assert_eq!(adjust(3, -3), Ok(0));
    assert_eq!(adjust(3, -4), Err(Refusal::NotAvailable { available: 3 }));
    assert_eq!(adjust(3, i64::MAX), Err(Refusal::TooMany));
    assert_eq!(adjust(0, i64::try_from(MAX_PIECES).unwrap()), Ok(MAX_PIECES));
    assert_eq!(
        adjust(MAX_PIECES + 2, -1),
        Ok(MAX_PIECES + 1),
        "releases may exceed the limit; pieces can still be taken"
    );
}

#[test]
fn race_same_idempotency_key() {
    let request = |sku: &str, delta, reason: Option<&str>| AdjustmentRequest {
        id: AdjustmentId::derive("olga", "key-1"),
        operator: "olga".into(),
        sku: Sku::trusted(sku),
        delta,
        reason: reason.map(Into::into),
    };
    let first = request("MUG-01", 7, Some("a delivery"));
    let level = Level { available: 7, reserved: 0 };
    let earlier = Adjustment { request: first.clone(), level, at: Timestamp::UNIX_EPOCH };
    assert_eq!(same_idempotency_key(&first, earlier.clone()), Replay::Same(earlier.clone()));
    for other in
        [request("TEA", 7, Some("a delivery")), request("MUG-01", 8, Some("a delivery")), request("MUG-01", 7, None)]
    {
        assert_eq!(same_idempotency_key(&other, earlier.clone()), Replay::KeyReused);
    }
}
