//! Every event that orders hears is understood, and every event that it says keeps its published contract.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::cause::Cause;
use chassis::store::Revision;
use contracts::catalogue;
use jiff::{SignedDuration, Timestamp};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId, PaymentId, ReservationId};
use orders::domain::order::{CancelReason, Event, Fact, Inventory, Order, Payment, apply};
use orders::domain::placement::{Wish, WishedLine, place};
use orders::inbound::events::{HANDLED, fact};
use orders::outbound::{OrderRecord, events};

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
    ];
    for fact in facts {
        let (order, _) = apply(&order(), fact, at);
        let item = serde_json::to_string(&OrderRecord::new(&order, String::new(), String::new())).unwrap();
        assert_eq!(serde_json::from_str::<OrderRecord>(&item).unwrap().order().unwrap(), order);
    }
}
