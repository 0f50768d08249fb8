//! Payments understands every event that it consumes, every event that it publishes keeps its contract, and
//! `events.toml` is true of both.

mod support;

use chassis::cause::Cause;
use chassis::store::{Revision, Stored};
use contracts::event_id;
use payments::application::{SagaPayment, in_its_saga};
use payments::domain::gateway::GatewayAnswer as Answer;
use payments::domain::ids::OrderId;
use payments::domain::payment::{Event, Fact, Failure, Payment};
use payments::domain::refund::Reason;
use payments::domain::request::RefundRequest;
use payments::inbound::events::{EventError, HANDLED, fact};
use payments::outbound::{PaymentRecord, events};
use support::{
    AT, Story, cause, declined, held, intent, order, ordered, owed, refund_failed, refunded, request, silent,
    soft_declined,
};
use testkit::contract::{self, Contract};

fn contract() -> Contract<'static> {
    Contract::of(env!("CARGO_MANIFEST_DIR"), &HANDLED)
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    contract().names_what_is_handled();
}

#[test]
fn nothing_is_believed_that_the_bus_does_not_vouch_for() {
    contract().believes_what_the_bus_vouches_for();
}

/// Also against a producer that is a minor version ahead: it adds fields, and values to enumerations.
#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn payments_reads_exactly_what_it_declares() {
    contract().reads_what_it_declares(|delivery| fact(&delivery.event_type, &delivery.text));
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    contract().understands_every_sample(|event_type, text| {
        let (order, _) = fact(event_type, text)?;
        assert_eq!(
            OrderId::new(order.as_str()).as_ref(),
            Some(&order),
            "the contract admits ids that the domain does not"
        );
        Ok::<_, EventError>(order.to_string())
    });
}

#[test]
fn what_was_released_by_itself_ran_out_and_the_rest_was_cancelled() {
    let samples = contract::entry("InventoryReleased.v1").samples;
    let facts = samples.iter().map(|sample| {
        let (_, fact) = fact("InventoryReleased.v1", &sample.to_string()).unwrap();
        (sample["data"]["cause"].as_str().unwrap(), fact == Fact::Expired)
    });
    let facts: Vec<_> = facts.collect();
    assert_eq!(facts, [("CANCELLED", false), ("EXPIRED", true), ("NEVER_RESERVED", false)]);
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderConfirmed.v1", "unknown_type", "payments does not consume OrderConfirmed.v1"),
        ("OrderCreated.v2", "unknown_type", "payments does not consume OrderCreated.v2"),
        ("OrderCreated.v1", "contract", "the event does not keep its contract"),
    ] {
        contract::parks(fact(event_type, "{}"), class, message);
    }
}

#[test]
fn only_a_strict_build_refuses_what_only_the_schema_forbids() {
    let forbidden = [
        ("/sequence", "1", "(pattern)"),
        ("/time", "yesterday", "(format)"),
        ("/datacontenttype", "text/plain", "(const)"),
        ("/data/placedAt", "yesterday", "(format)"),
    ];
    let strict = cfg!(feature = "strict");
    contract::is_strict(strict, "OrderCreated.v1", &forbidden, |text| fact("OrderCreated.v1", text));
}

#[test]
fn every_event_that_payments_publishes_keeps_its_schema_and_is_declared() {
    let next_attempt_at = Some(AT);
    let failed = |category| Event::Failed { category, code: "card_declined".into() };
    let decided = [
        Event::AttemptFailed { attempt: 1, unknown: false, code: "http_503".into(), next_attempt_at },
        Event::AttemptFailed { attempt: 4, unknown: true, code: "timeout".into(), next_attempt_at: None },
        Event::Succeeded { reference: intent(), attempt: 1 },
        failed(Failure::Declined),
        failed(Failure::Exhausted),
        failed(Failure::ReservationGone),
        Event::Voided,
        refunded(owed(), 1_600, 3_200, Reason::Cancelled),
        refunded(owed(), 1_600, 3_200, Reason::LateSuccess),
        refunded(request("a", 1).refund, 1, 1, Reason::Staff),
        refund_failed(1, "charge_disputed", Reason::Cancelled),
        refund_failed(3, "http_503", Reason::LateSuccess),
        refund_failed(3, "timeout", Reason::Staff),
    ];
    let payment = Story::charging().payment;
    let published =
        events(&payment, &decided, &cause(), &Revision { version: 1, emitted: 3, ..Revision::default() }).unwrap();
    assert_eq!(published.len(), decided.len());
    for (sequence, event) in (4..).zip(contract().publishes(&published)) {
        assert_eq!(event["sequence"], format!("{sequence:010}"));
        assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt-1".into()));
        assert_eq!(event["hops"], 3, "as many as its cause says");
    }
}

/// From the facts and answers of which the rules make events, to the bytes on the bus.
#[test]
fn every_event_that_payments_publishes_is_pinned() {
    let at = "2026-11-22T10:15:30.120Z".parse().expect("a time");
    let traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let caused = Cause { at, traceparent, hops: 0, ..cause() };
    let (charging, charged) = (Story::charging(), Story::charged());
    let stories = [
        charging.clone().answered(soft_declined("http_503")),
        charging.clone().answered(silent("timeout")),
        charged.clone(),
        charging.clone().answered(declined("card_declined")).answered(Answer::Canceled),
        Story::begin().on(ordered()).on(Fact::Expired),
        charging.clone().on(Fact::Cancelled).answered(Answer::Canceled),
        charging.clone().on(Fact::Cancelled).answered(Answer::Charged).answered(Answer::Refunded),
        Story::repaying().answered(Answer::Refunded),
        charged.clone().requests(request("a", 1_600)).answered(Answer::Refunded),
        Story::repaying().answered(declined("charge_disputed")),
        charged.requests(request("a", 1_600)).answered(declined("charge_disputed")),
        charging.clone().answered(Answer::Canceled),
        charging.on(Fact::Cancelled).answered(Answer::Charged).answered(declined("charge_disputed")),
    ];
    let published = stories.iter().flat_map(|story| {
        let read = Revision { version: 1, emitted: 0, ..Revision::default() };
        events(&story.payment, &story.last.events, &caused, &read).expect("what was decided can be published")
    });
    contract().pins(&published.collect::<Vec<_>>());
}

#[test]
fn what_no_message_caused_is_caused_by_the_payments_own_latest_event() {
    let stored = |emitted| Stored {
        value: SagaPayment { payment: Story::charged().payment, correlation_id: Some("cor-1".into()) },
        revision: Revision { version: 3, emitted, ..Revision::default() },
    };
    let caused = |emitted| in_its_saga(&stored(emitted), &cause());
    assert_eq!(caused(2).causation_id, event_id("oms.payments", order().as_str(), 2));
    assert_eq!(caused(0).causation_id, event_id("oms.orders", order().as_str(), 1), "OrderCreated");
    assert_eq!((caused(2).correlation_id.as_str(), caused(2).at), ("cor-1", AT));
}

#[test]
fn a_payment_survives_its_item() {
    let noted = RefundRequest { note: Some("broken cup".into()), ..request("a", 1_600) };
    let stories = [
        Story::begin(),
        Story::begin().on(held()),
        Story::begin().on(Fact::Expired),
        Story::begin().on(Fact::Cancelled),
        Story::charging(),
        Story::charging().answered(soft_declined("http_429")),
        Story::charging().answered(silent("timeout")),
        Story::charging().answered(declined("card_declined")),
        Story::charging().answered(declined("card_declined")).answered(Answer::Canceled),
        Story::charging().answered(Answer::Charged).on(Fact::Cancelled),
        Story::charging().on(Fact::Cancelled).answered(Answer::Canceled),
        Story::charging().on(Fact::Cancelled).answered(Answer::Charged).answered(Answer::Refunded),
        Story::repaying(),
        Story::repaying().answered(declined("charge_disputed")),
        Story::charged().requests(noted).answered(silent("timeout")),
        Story::repaying().answered(silent("timeout")).at(10).requests(request("refused", 1)),
    ];
    for Story { payment, .. } in stories {
        let item = serde_json::to_string(&PaymentRecord::new(&payment, "cor-1".into())).unwrap();
        assert_eq!(Payment::from(serde_json::from_str::<PaymentRecord>(&item).unwrap()), payment);
    }
}

#[test]
fn the_way_to_pay_is_shown_by_no_debug_text() {
    let payment = Story::begin().on(ordered()).payment;
    let record = PaymentRecord::new(&payment, "cor-1".into());
    let item = serde_json::to_string(&record).unwrap();
    assert!(item.contains("pm_card_visa"), "the item holds it, for the gateway");
    assert!(!format!("{payment:?} {record:?}").contains("pm_card"));
}
