//! Every event that payments hears is understood, and every event that it says keeps its published contract.

mod support;

use chassis::consumer::{Classify, Verdict};
use chassis::store::Revision;
use contracts::{catalogue, event_id};
use payments::domain::gateway::Word;
use payments::domain::ids::OrderId;
use payments::domain::payment::{Event, Fact, Failure, Payment};
use payments::domain::refund::{Reason, RefundWish};
use payments::inbound::events::{HANDLED, fact};
use payments::inbound::own_cause;
use payments::outbound::{PaymentRecord, events};
use payments::settle::Stored;
use support::{
    AT, Story, cause, declined, held, intent, not_charged, order, ordered, owed, refund_failed, refunded, silent, wish,
};

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
fn what_was_released_by_itself_ran_out_and_the_rest_was_cancelled() {
    let entry = catalogue::all().into_iter().find(|entry| entry.event_type == "InventoryReleased.v1").unwrap();
    let facts = entry.samples.iter().map(|sample| {
        let (_, fact) = fact("InventoryReleased.v1", &sample.to_string()).unwrap();
        (sample["data"]["cause"].as_str().unwrap(), fact == Fact::Expired)
    });
    let facts: Vec<_> = facts.collect();
    assert_eq!(facts, [("CANCELLED", false), ("EXPIRED", true), ("NEVER_RESERVED", false)]);
}

#[test]
fn an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderCreated.v2", "unknown_type", "payments does not consume OrderCreated.v2"),
        ("OrderCreated.v1", "contract", "the event does not keep its contract"),
    ] {
        let error = fact(event_type, "{}").unwrap_err();
        assert_eq!((error.verdict(), error.class(), error.to_string().as_str()), (Verdict::Park, class, message));
    }
}

#[test]
fn every_event_that_payments_says_keeps_its_schema() {
    let next_attempt_at = Some(AT);
    let failed = |category| Event::Failed { category, code: "card_declined".into() };
    let said = [
        Event::AttemptFailed { attempt: 1, unknown: false, code: "http_503".into(), next_attempt_at },
        Event::AttemptFailed { attempt: 4, unknown: true, code: "timeout".into(), next_attempt_at: None },
        Event::Succeeded { reference: intent(), attempt: 1 },
        failed(Failure::Declined),
        failed(Failure::Exhausted),
        failed(Failure::ReservationGone),
        Event::Voided,
        refunded(owed(), 1_600, 3_200, Reason::Cancelled),
        refunded(owed(), 1_600, 3_200, Reason::LateSuccess),
        refunded(wish("a", 1).refund, 1, 1, Reason::Staff),
        refund_failed(1, "charge_disputed", Reason::Cancelled),
        refund_failed(3, "http_503", Reason::LateSuccess),
        refund_failed(3, "timeout", Reason::Staff),
    ];
    let payment = Story::charging().payment;
    let published = events(&payment, &said, &cause(), Revision { version: 1, emitted: 3 }).unwrap();
    assert_eq!(published.len(), said.len());
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
fn what_nobodys_message_caused_is_caused_by_the_payments_own_latest_event() {
    let stored = |emitted| Stored {
        payment: Story::charged().payment,
        correlation_id: Some("cor-1".into()),
        revision: Revision { version: 3, emitted },
    };
    let caused = |emitted| own_cause(&stored(emitted), None, AT);
    assert_eq!(caused(2).causation_id, event_id("oms.payments", order().as_str(), 2));
    assert_eq!(caused(0).causation_id, event_id("oms.orders", order().as_str(), 1), "OrderCreated");
    assert_eq!((caused(2).correlation_id.as_str(), caused(2).at), ("cor-1", AT));
}

#[test]
fn a_payment_survives_its_item() {
    let noted = RefundWish { note: Some("broken cup".into()), ..wish("a", 1_600) };
    let stories = [
        Story::begin(),
        Story::begin().hears(held()),
        Story::begin().hears(Fact::Expired),
        Story::begin().hears(Fact::Cancelled),
        Story::charging(),
        Story::charging().answered(not_charged("http_429")),
        Story::charging().answered(silent("timeout")),
        Story::charging().answered(declined("card_declined")),
        Story::charging().answered(declined("card_declined")).answered(Word::Canceled),
        Story::charging().answered(Word::Charged).hears(Fact::Cancelled),
        Story::charging().hears(Fact::Cancelled).answered(Word::Canceled),
        Story::charging().hears(Fact::Cancelled).answered(Word::Charged).answered(Word::Refunded),
        Story::repaying(),
        Story::repaying().answered(declined("charge_disputed")),
        Story::charged().wants(noted).answered(silent("timeout")),
        Story::repaying().answered(silent("timeout")).at(10).wants(wish("refused", 1)),
    ];
    for Story { payment, .. } in stories {
        let item = serde_json::to_string(&PaymentRecord::new(&payment, "cor-1".into())).unwrap();
        assert_eq!(Payment::from(serde_json::from_str::<PaymentRecord>(&item).unwrap()), payment);
    }
}

#[test]
fn the_way_to_pay_is_shown_by_no_debug_text() {
    let payment = Story::begin().hears(ordered()).payment;
    let record = PaymentRecord::new(&payment, "cor-1".into());
    let item = serde_json::to_string(&record).unwrap();
    assert!(item.contains("pm_card_visa"), "the item holds it, for the gateway");
    assert!(!format!("{payment:?} {record:?}").contains("pm_card"));
}
