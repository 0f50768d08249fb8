//! The requests to the gateway about refunds, and what its answers mean.

mod support;

use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::outbound::{Gateway, refund_answer, refund_list_answer};
use serde_json::{Value, json};
use support::server::gateway;
use support::{Story, TOTAL, declined, doubtful, not_charged, owed, silent};

fn refund() -> Call {
    Call::Refund { refund: owed(), amount: TOTAL, attempt: 2 }
}

fn ask() -> Call {
    Call::AskRefund { refund: owed(), attempt: 2 }
}

fn shown(status: &str) -> Value {
    json!({ "id": "re_1", "object": "refund", "status": status, "metadata": { "refundId": owed().as_str() } })
}

fn listed(refunds: &[Value], has_more: bool) -> Value {
    json!({ "object": "list", "data": refunds, "has_more": has_more })
}

fn refused(error: &Value) -> Value {
    json!({ "error": error })
}

fn meanings() -> [(&'static str, Answer); 6] {
    [
        ("succeeded", Answer::Refunded),
        ("pending", silent("pending")),
        ("requires_action", silent("requires_action")),
        ("failed", declined("failed")),
        ("canceled", declined("canceled")),
        ("anything_new", silent("anything_new")),
    ]
}

#[test]
fn a_refund_that_is_shown_means_what_its_status_says() {
    for (status, answer) in meanings() {
        let sent = refund_answer(200, shown(status).to_string().as_bytes());
        assert_eq!(sent, Ok(Some(answer.clone())), "{status}");
        let list = listed(&[shown(status)], false).to_string();
        assert_eq!(refund_list_answer(&owed(), 200, list.as_bytes()), Ok(answer), "{status}");
    }
    let mut failed = shown("failed");
    failed["failure_reason"] = json!("expired_or_canceled_card");
    assert_eq!(refund_answer(200, failed.to_string().as_bytes()), Ok(Some(declined("expired_or_canceled_card"))));
    assert_eq!(refund_answer(200, b"<html>"), Ok(Some(doubtful("garbled"))));
}

#[test]
fn of_a_list_only_the_refund_itself_counts_and_its_success_above_all() {
    let mut other = shown("succeeded");
    other["metadata"]["refundId"] = json!("rfd_other");
    let by_hand = json!({ "id": "re_2", "status": "succeeded" });
    let table = [
        (listed(&[], false), Answer::NotRefunded),
        (listed(&[other.clone(), by_hand], false), Answer::NotRefunded),
        (listed(&[other], true), silent("list_too_long")),
        (listed(&[shown("failed"), shown("succeeded")], false), Answer::Refunded),
        (json!("garbled"), doubtful("garbled")),
    ];
    for (list, answer) in table {
        assert_eq!(refund_list_answer(&owed(), 200, list.to_string().as_bytes()), Ok(answer), "{list}");
    }
    assert_eq!(refund_list_answer(&owed(), 503, b"<html>"), Ok(doubtful("http_503")));
    assert!(refund_list_answer(&owed(), 401, b"{}").is_err());
}

#[test]
fn a_list_is_read_whatever_the_refunds_of_others_look_like() {
    let others = [
        json!({ "id": "re_2", "status": null, "metadata": null }),
        json!({ "id": "re_3", "status": 7, "metadata": { "refundId": 7 }, "failure_reason": {} }),
        json!({ "id": "re_4", "status": "succeeded", "metadata": [] }),
        json!("re_5"),
    ];
    for other in others {
        for (list, answer) in [
            (listed(&[other.clone(), shown("succeeded")], false), Answer::Refunded),
            (listed(std::slice::from_ref(&other), false), Answer::NotRefunded),
        ] {
            assert_eq!(refund_list_answer(&owed(), 200, list.to_string().as_bytes()), Ok(answer), "{list}");
        }
    }
}

#[test]
fn a_refund_of_ours_without_a_status_may_have_gone_through() {
    let mut ours = shown("succeeded");
    for (status, meant) in [(json!(null), silent("no_status")), (json!(7), doubtful("garbled"))] {
        ours["status"] = status;
        let list = listed(std::slice::from_ref(&ours), false).to_string();
        assert_eq!(refund_list_answer(&owed(), 200, list.as_bytes()), Ok(meant.clone()), "{list}");
        assert_eq!(refund_answer(200, ours.to_string().as_bytes()), Ok(Some(meant)), "{ours}");
    }
}

#[test]
fn a_refusal_means_what_its_status_and_code_say() {
    let invalid = |code: &str| json!({ "type": "invalid_request_error", "code": code });
    let too_much = json!({ "type": "invalid_request_error", "param": "amount" });
    for (status, error, answer) in [
        (400, invalid("charge_disputed"), Some(declined("charge_disputed"))),
        (402, invalid("balance_insufficient"), Some(declined("balance_insufficient"))),
        (400, invalid("charge_already_refunded"), None),
        (400, too_much, None),
        (400, json!({ "type": "idempotency_error" }), Some(doubtful("http_400"))),
        (409, invalid("idempotency_key_in_use"), Some(Answer::Busy)),
        (429, invalid("lock_timeout"), Some(not_charged("lock_timeout"))),
        (503, json!({ "type": "api_error" }), Some(doubtful("http_503"))),
    ] {
        assert_eq!(refund_answer(status, refused(&error).to_string().as_bytes()), Ok(answer), "{status} {error}");
    }
    for (status, error) in [
        (401, json!({ "type": "invalid_request_error" })),
        (404, json!({ "code": "resource_missing" })),
        (400, invalid("parameter_unknown")),
    ] {
        assert!(refund_answer(status, refused(&error).to_string().as_bytes()).is_err(), "operators can help: {error}");
    }
}

#[tokio::test]
async fn a_refund_is_asked_for_under_its_own_key_each_time() {
    let (gateway, mut asked) = gateway(vec![(200, shown("succeeded"))]).await;
    let payment = Story::repaying().payment;
    assert_eq!(gateway.call(&refund(), &payment).await, Ok(Answer::Refunded));
    let request = asked.recv().await.unwrap();
    assert!(request.starts_with("POST /v1/refunds HTTP/1.1\r\n"), "{request}");
    for part in [
        &format!("idempotency-key: {}\r\n", owed()),
        "payment_intent=pi_1&amount=4790&",
        &format!("metadata%5BorderId%5D={}&metadata%5BpaymentId%5D={}", payment.order, payment.id),
        &format!("metadata%5BrefundId%5D={}", owed()),
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn a_refund_is_looked_up_among_those_of_its_intent() {
    let (gateway, mut asked) = gateway(vec![(200, listed(&[shown("succeeded")], false))]).await;
    assert_eq!(gateway.call(&ask(), &Story::repaying().payment).await, Ok(Answer::Refunded));
    let request = asked.recv().await.unwrap();
    assert!(request.starts_with("GET /v1/refunds?payment_intent=pi_1&limit=100 HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn where_nothing_is_left_of_the_charge_the_refund_may_have_been_carried_out_before() {
    let nothing_left = refused(&json!({ "type": "invalid_request_error", "code": "charge_already_refunded" }));
    for (list, answer) in [
        (listed(&[shown("succeeded")], false), Answer::Refunded),
        (listed(&[], false), declined("charge_already_refunded")),
    ] {
        let (gateway, mut asked) = gateway(vec![(400, nothing_left.clone()), (200, list)]).await;
        assert_eq!(gateway.call(&refund(), &Story::repaying().payment).await, Ok(answer));
        assert!(asked.recv().await.unwrap().starts_with("POST /v1/refunds "));
        assert!(asked.recv().await.unwrap().starts_with("GET /v1/refunds?"));
    }
}

#[tokio::test]
async fn a_refund_without_an_answer_may_have_gone_through() {
    let (gateway, mut asked) = gateway(Vec::new()).await;
    assert_eq!(gateway.call(&refund(), &Story::repaying().payment).await, Ok(silent("timeout")));
    assert!(asked.recv().await.is_some(), "it was asked");
}
