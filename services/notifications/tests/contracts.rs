//! Every event that notifications hears is understood, every event that it says keeps its published contract, and
//! `events.toml` tells the truth about both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use chassis::cause::Cause;
use chassis::consumer::Delivery;
use chassis::store::Revision;
use chassis::verdict::{Classify, Verdict};
use contracts::catalogue::{self, Entry};
use contracts::declaration::{Declaration, unproven};
use contracts::platform::EventProcessingFailed;
use contracts::{EventData, validate};
use jiff::Timestamp;
use notifications::domain::delivery::{Deliveries, Fact};
use notifications::domain::ids::{CustomerId, EventId, NotificationId, OrderId};
use notifications::domain::message::{CancelReason, Content, Event, Failure, Fate, Message, State, Template};
use notifications::domain::money::Money;
use notifications::inbound::events::{HANDLED, fact};
use notifications::outbound::{DeliveriesRecord, events};
use serde_json::{Value, json};

fn declaration() -> Declaration {
    Declaration::parse(include_str!("../events.toml")).unwrap()
}

fn entry(event_type: &str) -> Entry {
    catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap()
}

/// Every sample of a type, those of its earlier minor versions too.
fn samples(entry: &Entry) -> Vec<Value> {
    let released = catalogue::released_samples(entry.event_type).unwrap();
    entry.samples.iter().cloned().chain(released.into_values()).collect()
}

/// What notifications makes of an event that its queue brings.
fn heard(event: &str) -> Result<(String, String, Cause, OrderId, Fact), String> {
    let body = format!(r#"{{"detail-type":"the rule's business","detail":{event}}}"#);
    let delivery = Delivery::of(&body, 1, Timestamp::UNIX_EPOCH).map_err(|error| format!("{error:?}"))?;
    let (order, fact) = fact(&delivery.event_type, &delivery.text).map_err(|error| format!("{error:?}"))?;
    Ok((delivery.source, delivery.subject, delivery.cause, order, fact))
}

fn order() -> OrderId {
    OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap()
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    let schemas = catalogue::all().into_iter().map(|entry| (entry.event_type.to_owned(), entry.schema)).collect();
    assert_eq!(declaration().wrong(&schemas), []);
    assert!(declaration().consumes.keys().map(String::as_str).eq(BTreeSet::from(HANDLED)));
}

/// Also against a producer that is a minor version ahead: it adds fields, and values to enumerations.
#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn notifications_reads_exactly_what_it_declares() {
    for entry in HANDLED.map(entry) {
        for sample in samples(&entry) {
            let unproven = unproven(&declaration(), entry.event_type, &entry.schema, &sample, heard);
            assert!(unproven.is_empty(), "{}", unproven.join("\n"));
        }
    }
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    for entry in HANDLED.map(entry) {
        for sample in samples(&entry) {
            let (order, _) = fact(entry.event_type, &sample.to_string()).unwrap();
            assert_eq!(order.as_str(), sample["subject"], "{}", entry.event_type);
        }
    }
}

#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for values that are published")]
fn the_end_of_an_order_is_told_also_if_its_reason_is_unknown() {
    let mut event = entry("OrderCancelled.v1").samples.remove(0);
    event["data"]["reason"] = "A_REASON_OF_TOMORROW".into();
    let (_, told) = fact("OrderCancelled.v1", &event.to_string()).unwrap();
    assert!(matches!(told, Fact::Ended { content: Content::Cancelled(CancelReason::Other), .. }));
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderConfirmed.v1", "unknown_type", "notifications does not consume OrderConfirmed.v1"),
        ("OrderCompleted.v2", "unknown_type", "notifications does not consume OrderCompleted.v2"),
        ("OrderCompleted.v1", "contract", "the event does not keep its contract"),
    ] {
        let error = fact(event_type, "{}").unwrap_err();
        assert_eq!((error.verdict(), error.class(), error.to_string().as_str()), (Verdict::Park, class, message));
    }
}

#[test]
fn only_a_strict_build_refuses_what_only_the_schema_forbids() {
    for (pointer, value, rule) in [
        ("/sequence", "1", "(pattern)"),
        ("/time", "yesterday", "(format)"),
        ("/datacontenttype", "text/plain", "(const)"),
        ("/data/completedAt", "yesterday", "(format)"),
    ] {
        let mut event = entry("OrderCompleted.v1").samples.remove(0);
        *event.pointer_mut(pointer).unwrap() = json!(value);
        let read = fact("OrderCompleted.v1", &event.to_string());
        if !cfg!(feature = "strict") {
            assert!(read.is_ok(), "{pointer}");
            continue;
        }
        let refused = read.unwrap_err();
        assert_eq!((refused.verdict(), refused.class()), (Verdict::Park, "contract"));
        let cause = refused.source().unwrap().to_string();
        assert!(cause.contains(&format!("at {pointer}: ")) && cause.ends_with(rule), "{cause}");
    }
}

#[test]
fn every_event_that_notifications_says_keeps_its_schema_and_is_declared() {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt_created".to_owned());
    let cause = Cause { correlation_id, causation_id, traceparent: None, at: Timestamp::UNIX_EPOCH };
    let told = EventId::new("evt_completed").unwrap();
    let fates = [
        (Fate::Sent, "NotificationSent.v1", Value::Null),
        (Fate::Failed(Failure::NoAddress), "NotificationFailed.v1", "NO_ADDRESS".into()),
        (Fate::Failed(Failure::Refused), "NotificationFailed.v1", "REFUSED".into()),
        (Fate::Unknown, "NotificationFailed.v1", "OUTCOME_UNKNOWN".into()),
    ];
    let mut produced = BTreeSet::from([EventProcessingFailed::TYPE.to_owned()]);
    for template in [Template::OrderCompleted, Template::OrderCancelled] {
        let notification = NotificationId::derive(&order(), template.as_str(), "EMAIL");
        let say = |fate| Event { notification: notification.clone(), cause: told.clone(), template, fate };
        let said: Vec<Event> = fates.iter().map(|(fate, ..)| say(*fate)).collect();
        let texts = events(&order(), &said, &cause, Revision { version: 2, emitted: 0 }).unwrap();
        for (index, (text, (_, event_type, reason))) in texts.iter().zip(&fates).enumerate() {
            let event: Value = serde_json::from_str(text).unwrap();
            produced.insert(validate::event(&event).unwrap().to_owned());
            assert_eq!((&event["type"], &event["data"]["reason"]), (&(*event_type).into(), reason));
            assert_eq!(event["sequence"], format!("{:010}", index + 1));
            // Caused by what the message is about, not by what set it going.
            assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt_completed".into()));
        }
    }
    assert_eq!(produced, declaration().produces);
}

#[test]
fn deliveries_survive_their_item() {
    let states = [
        State::Waiting,
        State::Claimed { until: Timestamp::UNIX_EPOCH },
        State::Sent,
        State::Failed(Failure::NoAddress),
        State::Failed(Failure::Refused),
        State::Unknown,
    ];
    let reasons = [
        CancelReason::Customer,
        CancelReason::OutOfStock,
        CancelReason::PaymentFailed,
        CancelReason::ReservationExpired,
        CancelReason::TimedOut,
        CancelReason::Staff,
        CancelReason::Other,
    ];
    let completed = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    let contents = reasons.map(Content::Cancelled).into_iter().chain([completed]);
    for (index, (content, state)) in
        contents.flat_map(|content| states.map(|state| (content.clone(), state))).enumerate()
    {
        let cause = EventId::new(&format!("evt_{index}")).unwrap();
        let id = NotificationId::derive(&order(), content.template().as_str(), "EMAIL");
        let messages = BTreeMap::from([(id, Message { cause, content, state })]);
        let customer = (index % 2 == 0).then(|| CustomerId::new("ada").unwrap());
        let deliveries = Deliveries { order: order(), customer, messages };
        let item = serde_json::to_string(&DeliveriesRecord::from(&deliveries)).unwrap();
        assert_eq!(serde_json::from_str::<DeliveriesRecord>(&item).unwrap().deliveries().unwrap(), deliveries);
    }
}
