//! Every event that orders hears is understood, and every event that it says keeps its published contract.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::cause::Cause;
use chassis::consumer::{Classify, Delivery, Verdict, processing_failed};
use chassis::store::Revision;
use contracts::catalogue;
use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::{Missed, Resolved};
use orders::domain::facets::{CancelReason, Inventory, Payment};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId, PaymentId, RefundId, ReservationId};
use orders::domain::order::{Event, Fact, Order, apply, cancel};
use orders::domain::placement::{Wish, WishedLine, place};
use orders::inbound::events::{HANDLED, fact};
use orders::outbound::{Beside, OrderRecord, events};

fn order() -> Order {
    let customer = CustomerId::new("ada").unwrap();
    let id = OrderId::derive(&customer, &IdempotencyKey::new("key").unwrap());
    let lines = vec![WishedLine { sku: "MUG-01".into(), quantity: 2, unit_price: 1_595 }];
    let wish = Wish { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() };
    place(&wish, id, customer, Timestamp::UNIX_EPOCH, SignedDuration::from_hours(1)).unwrap()
}

fn cause() -> Cause {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt-1".to_owned());
    Cause { correlation_id, causation_id, traceparent: None, at: Timestamp::UNIX_EPOCH }
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    for event_type in HANDLED {
        let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
        for sample in entry.samples {
            let (order, _) = fact(event_type, &sample.to_string()).unwrap();
            assert_eq!(order.as_str(), sample["subject"], "{event_type}");
            assert_eq!(OrderId::new(order.as_str()), Some(order), "the contract admits ids that the domain does not");
        }
    }
}

#[test]
fn an_unknown_major_and_a_broken_event_are_refused_with_their_cause() {
    let refused = |event_type: &str, text: &str| fact(event_type, text).unwrap_err().to_string();
    assert_eq!(refused("PaymentSucceeded.v2", "{}"), "orders does not consume PaymentSucceeded.v2");
    assert_eq!(refused("PaymentSucceeded.v1", "{}"), "the event does not keep its contract");
}

#[test]
fn race_a_new_producer_version_before_its_consumers() {
    let sample = |event_type: &str| -> serde_json::Value {
        catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap().samples[0].clone()
    };
    for event_type in HANDLED {
        let mut newer = sample(event_type);
        let known = fact(event_type, &newer.to_string()).unwrap();
        newer["data"]["addedLater"] = serde_json::json!({ "by": "a newer minor version" });
        newer["addedlater"] = serde_json::json!("an attribute");
        assert_eq!(fact(event_type, &newer.to_string()).unwrap(), known, "{event_type}: what is new is ignored");
    }
    // What cannot be understood is parked with its cause, and nothing is guessed.
    let mut unknown = sample("InventoryReleased.v1");
    unknown["data"]["cause"] = serde_json::json!("A_CAUSE_OF_TOMORROW");
    assert_eq!(fact("InventoryReleased.v1", &unknown.to_string()).unwrap_err().verdict(), Verdict::Park);
    let refused = fact("InventoryReserved.v2", &sample("InventoryReserved.v1").to_string()).unwrap_err();
    assert_eq!((refused.verdict(), refused.class()), (Verdict::Park, "unknown_type"));
}

#[test]
fn every_event_that_orders_says_keeps_its_schema() {
    let (payment, reservation) = (
        PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2"),
        ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31"),
    );
    let said = [
        Event::Created,
        Event::Confirmed { payment, reservation },
        Event::Completed,
        Event::Cancelled { reason: CancelReason::OutOfStock },
        Event::Cancelled { reason: CancelReason::PaymentFailed },
        Event::Cancelled { reason: CancelReason::ReservationExpired },
        Event::Cancelled { reason: CancelReason::TimedOut },
        Event::Cancelled { reason: CancelReason::Customer },
        Event::Cancelled { reason: CancelReason::Staff },
    ];
    let published = events(&order(), &said, &cause(), Revision { version: 1, emitted: 3 }).unwrap();
    for (sequence, text) in (4..).zip(published) {
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        let entry = catalogue::all().into_iter().find(|entry| event["type"] == entry.event_type).unwrap();
        let schema = jsonschema::options().should_validate_formats(true).build(&entry.schema).unwrap();
        assert!(schema.is_valid(&event), "{event}");
        assert_eq!(event["sequence"], format!("{sequence:010}"));
        assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt-1".into()));
    }
}

#[test]
fn an_order_survives_its_item() {
    let reservation = ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31");
    let payment = PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2");
    let at = Timestamp::UNIX_EPOCH;
    let facts = [
        Fact::Inventory(Inventory::Reserved { reservation: reservation.clone(), expires_at: at }),
        Fact::Inventory(Inventory::Rejected),
        Fact::Inventory(Inventory::Released { expired: true }),
        Fact::Inventory(Inventory::Committed { reservation }),
        Fact::Payment(Payment::Failed { payment: payment.clone(), attempts: 4 }),
        Fact::Payment(Payment::Voided { payment: payment.clone() }),
        Fact::Payment(Payment::Succeeded { payment, attempts: 1 }),
        Fact::Refunded { refund: RefundId::trusted("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f"), total: 7 },
        Fact::RefundFailed { refund: RefundId::trusted("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f") },
        Fact::NotProcessed(Missed {
            consumer: "inventory/events".into(),
            event_id: "evt_1".into(),
            event_type: "OrderConfirmed.v1".into(),
            error_class: "contract".into(),
        }),
    ];
    for fact in facts {
        let (mut order, _) = apply(&order(), fact, at);
        survives(&order);
        order.attention.resolve(1, Resolved { at, by: "sam".into(), note: "seen".into() });
        survives(&order);
    }
    for reason in [CancelReason::TimedOut, CancelReason::Customer, CancelReason::Staff] {
        survives(&cancel(&order(), reason, at).unwrap().0);
    }
}

fn survives(order: &Order) {
    let beside = Beside {
        fingerprint: "f".into(),
        correlation_id: "cor-1".into(),
        cancel_note: Some("changed my mind".into()),
        history: vec![],
    };
    let item = serde_json::to_string(&OrderRecord::new(order, beside.clone())).unwrap();
    let record = serde_json::from_str::<OrderRecord>(&item).unwrap();
    assert_eq!((&record.order().unwrap(), &record.beside), (order, &beside));
    assert_eq!(item.contains("attentionState"), order.attention.is_open(), "the index is sparse: {item}");
}

#[test]
fn what_any_consumer_reports_is_understood_and_keeps_its_schema() {
    let delivery = Delivery {
        event_id: "evt_1".into(),
        event_type: "OrderCreated.v1".into(),
        source: "oms.orders".into(),
        subject: "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10".into(),
        cause: cause(),
        text: String::new(),
        receives: 1,
    };
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
    let report = processing_failed("inventory/events", &delivery, "contract", "no lines", 1, at).unwrap();
    let (order, fact) = fact("EventProcessingFailed.v1", &report).unwrap();
    assert_eq!(order.as_str(), delivery.subject);
    assert!(matches!(fact, Fact::NotProcessed(missed) if missed.consumer == "inventory/events"));
    let entry = catalogue::all().into_iter().find(|entry| entry.event_type == "EventProcessingFailed.v1").unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&entry.schema).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(&report).unwrap()), "{report}");
}
