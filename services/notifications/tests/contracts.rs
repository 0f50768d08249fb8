//! Every event that notifications hears is understood, and every event that it says keeps its published contract.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use chassis::cause::Cause;
use chassis::store::Revision;
use contracts::catalogue;
use jiff::Timestamp;
use notifications::domain::delivery::{
    CancelReason, Content, Deliveries, Event, Failure, Fate, Message, State, Template,
};
use notifications::domain::ids::{CustomerId, EventId, NotificationId, OrderId};
use notifications::domain::money::Money;
use notifications::inbound::events::{HANDLED, fact};
use notifications::outbound::{DeliveriesRecord, events};
use serde_json::Value;

fn order() -> OrderId {
    OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap()
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    for event_type in HANDLED {
        let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
        for sample in entry.samples {
            let (order, _) = fact(event_type, &sample.to_string()).unwrap();
            assert_eq!(order.as_str(), sample["subject"], "{event_type}");
        }
    }
}

#[test]
fn an_unknown_major_and_a_broken_event_are_refused_with_their_cause() {
    let refused = |event_type: &str, text: &str| fact(event_type, text).unwrap_err().to_string();
    assert_eq!(refused("OrderCompleted.v2", "{}"), "notifications does not consume OrderCompleted.v2");
    assert_eq!(refused("OrderCompleted.v1", "{}"), "the event does not keep its contract");
}

#[test]
fn every_event_that_notifications_says_keeps_its_schema() {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt_created".to_owned());
    let cause = Cause { correlation_id, causation_id, traceparent: None, at: Timestamp::UNIX_EPOCH };
    let told = EventId::new("evt_completed").unwrap();
    let fates = [
        (Fate::Sent, "NotificationSent.v1", Value::Null),
        (Fate::Failed(Failure::NoAddress), "NotificationFailed.v1", "NO_ADDRESS".into()),
        (Fate::Failed(Failure::Refused), "NotificationFailed.v1", "REFUSED".into()),
        (Fate::Unknown, "NotificationFailed.v1", "OUTCOME_UNKNOWN".into()),
    ];
    for template in [Template::OrderCompleted, Template::OrderCancelled] {
        let notification = NotificationId::derive(&order(), template.as_str(), "EMAIL");
        let say = |fate| Event { notification: notification.clone(), cause: told.clone(), template, fate };
        let said: Vec<Event> = fates.iter().map(|(fate, ..)| say(*fate)).collect();
        let texts = events(&order(), &said, &cause, Revision { version: 2, emitted: 0 }).unwrap();
        for (index, (text, (_, event_type, reason))) in texts.iter().zip(&fates).enumerate() {
            let event: Value = serde_json::from_str(text).unwrap();
            let entry = catalogue::all().into_iter().find(|entry| event["type"] == entry.event_type).unwrap();
            let schema = jsonschema::options().should_validate_formats(true).build(&entry.schema).unwrap();
            assert!(schema.is_valid(&event), "{event}");
            assert_eq!((&event["type"], &event["data"]["reason"]), (&(*event_type).into(), reason));
            assert_eq!(event["sequence"], format!("{:010}", index + 1));
            // Caused by what the message is about, not by what set it going.
            assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt_completed".into()));
        }
    }
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
