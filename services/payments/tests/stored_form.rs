//! The item of a payment: its form, which items of earlier versions have as well, and its size, of which each 1,024 bytes
//! cost a unit at every write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use payments::domain::gateway::GatewayAnswer as Answer;
use payments::domain::ids::{Currency, CustomerId, IntentId, PaymentMethod, ReservationId};
use payments::domain::payment::{Fact, Payment, Terms};
use payments::domain::request::RefundRequest;
use payments::outbound::PaymentRecord;
use serde_json::{Value, json};
use support::{Story, declined, held, later, order, ordered, request, silent, soft_declined};

fn stored(payment: &Payment) -> Value {
    serde_json::to_value(PaymentRecord::new(payment, "cor-1".into())).unwrap()
}

/// What an item of a payment that waits for its hold has.
fn with_terms(more: Value) -> Value {
    let mut item = json!({
        "pk": order().as_str(),
        "terms": { "customerId": "ada", "amount": 4_790, "currency": "EUR", "paymentMethod": "pm_card_visa", "payBy": 3_600_000 },
        "stage": { "state": "READY" },
        "correlationId": "cor-1",
    });
    let Value::Object(more) = more else { panic!("an object") };
    item.as_object_mut().unwrap().extend(more);
    item
}

fn hold() -> Value {
    json!({ "state": "HELD", "reservationId": "rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31", "expiresAt": 900_000 })
}

/// What an item of a payment whose only attempt has come to this has.
fn attempted(attempt: &Value, stage: &Value) -> Value {
    with_terms(json!({ "hold": hold(), "intentId": "pi_1", "attempts": [attempt], "stage": stage }))
}

fn pins(story: &Story, item: &Value) {
    assert_eq!(stored(&story.payment), *item);
    let read: PaymentRecord = serde_json::from_value(item.clone()).unwrap();
    assert_eq!(Payment::from(read), story.payment);
}

#[test]
fn the_stored_form_of_a_charge_is_pinned() {
    pins(&Story::begin().on(ordered()), &with_terms(json!({})));
    let pending = json!({ "startedAt": 0, "outcome": "PENDING" });
    pins(&Story::charging(), &attempted(&pending, &json!({ "state": "CHARGING", "leaseEndsAt": 15_000 })));
    let ended = |outcome: &str| json!({ "startedAt": 0, "endedAt": 0, "outcome": outcome });
    pins(&Story::charged(), &attempted(&ended("CHARGED"), &json!({ "state": "SUCCEEDED", "attempt": 1 })));
    let failed = |outcome: &str, code: &str| json!({ "startedAt": 0, "endedAt": 0, "outcome": outcome, "code": code });
    pins(
        &Story::charging().answered(soft_declined("processing_error")),
        &attempted(&failed("NOT_CHARGED", "processing_error"), &json!({ "state": "READY", "nextAttemptAt": 10_000 })),
    );
    pins(
        &Story::charging().answered(silent("timeout")),
        &attempted(&failed("UNKNOWN", "timeout"), &json!({ "state": "UNKNOWN", "askAt": 10_000 })),
    );
    let refused = Story::charging().answered(declined("card_declined"));
    let attempt = failed("DECLINED", "card_declined");
    pins(&refused, &attempted(&attempt, &json!({ "state": "REFUSED", "code": "card_declined" })));
    let stage = json!({ "state": "FAILED", "category": "DECLINED", "code": "card_declined" });
    pins(&refused.answered(Answer::Canceled), &attempted(&attempt, &stage));
    let mut voided = attempted(&ended("STOPPED"), &json!({ "state": "VOIDED" }));
    voided["cancelledAt"] = json!(0);
    pins(&Story::charging().on(Fact::Cancelled).answered(Answer::Canceled), &voided);
    let expired = json!({
        "pk": order().as_str(),
        "hold": { "state": "GONE" },
        "stage": { "state": "FAILED", "category": "RESERVATION_GONE", "code": "reservation_gone" },
        "correlationId": "cor-1",
    });
    pins(&Story::begin().on(Fact::Expired), &expired);
    pins(
        &Story::begin().on(held()),
        &json!({ "pk": order().as_str(), "hold": hold(), "stage": { "state": "READY" }, "correlationId": "cor-1" }),
    );
}

#[test]
fn the_stored_form_of_a_refund_is_pinned() {
    let noted = RefundRequest { note: Some("broken cup".into()), ..request("a", 1_600) };
    let asked = Story::charged().requests(noted);
    let refund = |progress: Value| {
        let id = request("a", 1).refund;
        json!({
            "refundId": id.as_str(), "amount": 1_600, "reason": "STAFF", "note": "broken cup", "wantedAt": 0,
            "attempts": 1, "progress": progress,
        })
    };
    for (story, stored_refund) in [
        (asked.clone(), refund(json!({ "state": "SENT", "leaseEndsAt": 15_000 }))),
        (asked.clone().answered(Answer::Refunded), refund(json!({ "state": "DONE", "at": 0 }))),
        (asked.answered(silent("timeout")), {
            let mut off = refund(json!({ "state": "PUT_OFF", "askAt": 10_000 }));
            off["lastCode"] = json!("timeout");
            off
        }),
    ] {
        assert_eq!(stored(&story.payment)["refunds"], json!([stored_refund]));
    }
    let refused = stored(&Story::repaying().answered(declined("charge_disputed")).payment);
    assert_eq!(
        (&refused["refunds"][0]["failedAt"], &refused["refunds"][0]["reason"]),
        (&json!(0), &json!("CANCELLED"))
    );
    assert_eq!(refused["refunds"][0]["lastCode"], "charge_disputed");
}

/// What DynamoDB counts of a value that is not an item.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => number.to_string().len().div_ceil(2) + 1,
        Value::String(text) => text.len(),
        Value::Array(all) => 3 + all.iter().map(|one| 1 + size(one)).sum::<usize>(),
        Value::Object(all) => 3 + all.iter().map(|(name, one)| 1 + name.len() + size(one)).sum::<usize>(),
    }
}

fn item_size(payment: &Payment) -> usize {
    let record = PaymentRecord::new(payment, "cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e".into());
    let Value::Object(item) = serde_json::to_value(record).unwrap() else { panic!("an item is an object") };
    let counts = "version".len() + "emitted".len() + 4;
    counts + item.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
}

/// The first attempt, with texts as long as they are in production.
fn story() -> Story {
    let terms = Terms {
        customer: CustomerId::trusted("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90"),
        amount: 1_234_567,
        currency: Currency::trusted("EUR"),
        method: PaymentMethod::trusted("pm_1MqLiJLkdIwHu7ixUEgbFdYF"),
        pay_by: Some(later(1_795_346_130)),
    };
    let hold = Fact::Held {
        reservation: ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31"),
        expires_at: later(1_795_343_430),
    };
    let intent = IntentId::trusted("pi_3MtwBwLkdIwHu7ix28a3tqPa");
    Story::begin().at(1_795_342_530).on(Fact::Ordered(terms)).on(hold).answered(Answer::Open(intent))
}

#[test]
fn an_item_leaves_half_a_unit_to_its_events_on_the_paid_path() {
    let charging = story();
    let charged = charging.clone().answered(Answer::Charged);
    for story in [charging, charged] {
        assert!(item_size(&story.payment) <= 512, "{} bytes", item_size(&story.payment));
    }
}

#[test]
fn an_item_of_four_failed_attempts_leaves_room_to_its_events() {
    let mut payment = story().answered(soft_declined("http_503")).payment;
    payment.attempts = vec![payment.attempts[0].clone(); 4];
    assert!(item_size(&payment) <= 704, "{} bytes", item_size(&payment));
}
