//! What an order's report says, from the answers of the services.

use serde_json::{Value, json};

use super::text::why;
use super::*;
use crate::terminal::Paint;

const ID: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";

fn at(text: &str) -> Timestamp {
    format!("2026-11-22T{text}Z").parse().unwrap()
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An order as support sees it, with these fields instead.
fn order(change: &Value) -> Order {
    let mut all = json!({ "status": "INVENTORY_RESERVED", "refund": "NONE", "settled": false, "total": 900, "currency": "EUR",
        "lines": [{ "sku": "MUG", "quantity": 2, "unitPrice": 450 }], "placedAt": at("10:00:00"), "payBy": at("11:00:00"),
        "correlationId": "cor_1", "later": "a field of a later version" });
    for (name, value) in change.as_object().unwrap() {
        all[name] = value.clone();
    }
    read(all)
}

/// What is reported if each service answers, and payments answers this.
fn reported(order: Order, reservation: Value, payment: Result<Value, &str>) -> OrderReport {
    let payment = match payment {
        Ok(answer) => Part::Known(read(answer)),
        Err(error) => Part::NotAnswered(error.to_owned()),
    };
    let facts: Vec<Fact> = read(json!([
        { "at": at("10:00:00"), "eventType": "OrderCreated.v1", "source": "oms.orders", "outcome": "APPLIED" },
        { "at": at("10:00:03"), "eventType": "PaymentFailed.v1", "source": "oms.payments", "outcome": "IGNORED", "why": "decided" },
    ]));
    let mail = MailLine {
        at: at("10:00:02"),
        notification_id: "ntf_1".into(),
        template: "ORDER_CANCELLED".into(),
        outcome: "sent".into(),
    };
    let (reservation, none) = (Part::Known(read(reservation)), Part::Known(AboutOrder::default()));
    report(ID, Part::Known(order), &facts, None, (reservation, payment), Part::Known(vec![mail]), none)
}

fn shown(report: &OrderReport) -> String {
    report.text(Paint::none(), at("10:05:00"))
}

/// The values of the lines with this name.
fn lines<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim).collect()
}

#[test]
fn an_open_order_tells_what_it_waits_for_and_until_when() {
    let waiting = json!([{ "fact": "PaymentSucceeded", "owedBy": "payments", "since": at("10:00:05") }]);
    let held = json!({ "state": "RESERVED", "expiresAt": at("10:15:00") });
    let paid = json!({ "paymentId": "pay_1", "status": "RETRYING", "nextAttemptAt": at("10:06:00"), "attempts": [
        { "attempt": 1, "startedAt": at("10:00:01"), "outcome": "NOT_CHARGED", "code": "http_503" }] });
    let text = shown(&reported(order(&json!({ "waitingFor": waiting })), held, Ok(paid)));
    assert_eq!(
        lines(&text, "waits for"),
        ["PaymentSucceeded of payments, for 4m 55s; the next attempt is at 2026-11-22T10:06:00Z, \
          the hold ends at 2026-11-22T10:15:00Z, at 2026-11-22T11:00:00Z the sweep cancels the order"]
    );
    assert_eq!(lines(&text, "payment"), ["RETRYING, attempts: 1, the next attempt is at 2026-11-22T10:06:00Z"]);
    assert_eq!(lines(&text, "mails"), ["ORDER_CANCELLED sent, 2026-11-22T10:00:02Z (ntf_1)"]);
    assert!(lines(&text, "ended").is_empty(), "{text}");
}

#[test]
fn an_order_that_ended_tells_why() {
    let ended = |reason: &str, reservation: Value, payment: Value| {
        let order = order(&json!({ "cancelReason": reason, "decidedAt": at("10:00:04"), "settled": true }));
        reported(order, reservation, Ok(payment)).why.unwrap()
    };
    let short = |available: u64, unknown: bool| json!({ "state": "REJECTED", "missing": [{ "sku": "MUG", "requested": 2, "available": available, "unknown": unknown }] });
    let failed = json!({ "paymentId": "pay_1", "status": "FAILED", "failure": { "category": "DECLINED", "code": "expired_card" } });
    assert_eq!(ended("OUT_OF_STOCK", short(1, false), Value::Null), "OUT_OF_STOCK: MUG: 2 wanted, 1 available");
    assert_eq!(ended("OUT_OF_STOCK", short(0, true), Value::Null), "OUT_OF_STOCK: MUG is an unknown sku");
    let rejected = json!({ "cancelReason": "OUT_OF_STOCK", "rejectReason": "UNKNOWN_SKU", "settled": true });
    assert_eq!(why(&order(&rejected), None, None).unwrap(), "OUT_OF_STOCK: UNKNOWN_SKU", "inventory did not answer");
    assert_eq!(ended("PAYMENT_FAILED", Value::Null, failed), "PAYMENT_FAILED: DECLINED expired_card");
    assert_eq!(ended("TIMED_OUT", Value::Null, Value::Null), "TIMED_OUT: not paid by 2026-11-22T11:00:00Z");
    assert_eq!(ended("CUSTOMER", Value::Null, Value::Null), "CUSTOMER");
}

#[test]
fn the_steps_of_all_services_are_in_order_of_time() {
    let paid = json!({ "paymentId": "pay_1", "status": "SUCCEEDED",
        "attempts": [{ "attempt": 1, "startedAt": at("10:00:01"), "outcome": "CHARGED" }],
        "refunds": [{ "refundId": "rfd_1", "amount": 900, "reason": "CANCELLED", "status": "REFUNDED", "attempts": 2,
            "wantedAt": at("10:00:04"), "refundedAt": at("10:00:05") }] });
    let report = reported(order(&json!({})), Value::Null, Ok(paid));
    let steps: Vec<String> = report.steps.iter().map(|it| format!("{} {} {}", it.service, it.what, it.how)).collect();
    assert_eq!(
        steps,
        [
            "orders OrderCreated.v1 ",
            "payments charge, attempt 1 CHARGED",
            "notifications mail ORDER_CANCELLED sent",
            "payments PaymentFailed.v1 IGNORED: decided",
            "payments refund of 900 wanted: CANCELLED",
            "payments refund of 900 REFUNDED",
        ]
    );
    assert_eq!(lines(&shown(&report), "payment")[1], "refund of 900 (CANCELLED): REFUNDED, tries: 2");
}

#[test]
fn a_service_that_does_not_answer_leaves_its_part_saying_so() {
    let report =
        reported(order(&json!({})), Value::Null, Err("payments did not answer; run `just logs --service payments`"));
    let text = shown(&report);
    assert_eq!(lines(&text, "payment"), ["not answered: payments did not answer; run `just logs --service payments`"]);
    assert_eq!((lines(&text, "stock"), lines(&text, "dead letters")), (vec!["nothing yet"], vec!["none"]));
    assert!(text.contains("OrderCreated.v1"), "{text}");
    assert!(!report.is_complete());
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["payment"]["notAnswered"].as_str().unwrap().starts_with("payments did not answer"), "{json}");
    assert_eq!(json["order"]["known"]["status"], "INVENTORY_RESERVED");
}

#[test]
fn dead_letters_are_listed_and_so_are_queues_that_were_not_looked_at() {
    let about = AboutOrder { not_seen: [("payments".to_owned(), 3)].into(), ..AboutOrder::default() };
    assert_eq!(about.lines(), ["payments: 3 messages were not looked at, of any order; `just dlq show payments`"]);
}
