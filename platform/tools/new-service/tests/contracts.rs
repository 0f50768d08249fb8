//! Every event that newcomer hears is understood, and `events.toml` tells the truth about it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use chassis::cause::Cause;
use chassis::consumer::Delivery;
use chassis::verdict::{Classify, Verdict};
use contracts::catalogue::{self, Entry};
use contracts::declaration::{Declaration, unproven};
use jiff::Timestamp;
use newcomer::domain::ids::OrderId;
use newcomer::domain::order::{Fact, Order};
use newcomer::inbound::events::{HANDLED, fact};
use newcomer::outbound::OrderRecord;
use serde_json::Value;

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

/// What newcomer makes of an event that its queue brings.
fn heard(event: &str) -> Result<(String, String, Cause, OrderId, Fact), String> {
    let body = format!(r#"{{"detail-type":"the rule's business","detail":{event}}}"#);
    let delivery = Delivery::of(&body, 1, Timestamp::UNIX_EPOCH).map_err(|error| format!("{error:?}"))?;
    let (order, fact) = fact(&delivery.event_type, &delivery.text).map_err(|error| format!("{error:?}"))?;
    Ok((delivery.source, delivery.subject, delivery.cause, order, fact))
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
fn newcomer_reads_exactly_what_it_declares() {
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
            let (.., order, _) = heard(&sample.to_string()).unwrap();
            assert_eq!(order.as_str(), sample["subject"], "{}", entry.event_type);
        }
    }
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderConfirmed.v1", "unknown_type", "newcomer does not consume OrderConfirmed.v1"),
        ("OrderCompleted.v2", "unknown_type", "newcomer does not consume OrderCompleted.v2"),
        ("OrderCompleted.v1", "contract", "the event does not keep its contract"),
    ] {
        let error = fact(event_type, "{}").unwrap_err();
        assert_eq!((error.verdict(), error.class(), error.to_string().as_str()), (Verdict::Park, class, message));
    }
}

#[test]
fn an_order_survives_its_item() {
    let id = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
    for completed_at in [None, Some(Timestamp::UNIX_EPOCH)] {
        let order = Order { id: id.clone(), completed_at };
        let item = serde_json::to_string(&OrderRecord::from(&order)).unwrap();
        assert_eq!(serde_json::from_str::<OrderRecord>(&item).unwrap().order().unwrap(), order);
    }
}
