//! What an outbox keeps of an event comes back as the event, byte for byte, whatever its item tells of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;

use contracts::catalogue;
use contracts::outbox::{complete, shorten};
use serde_json::Value;

/// What an item tells of an event: source, key, sequence, correlation id.
type Facts = (String, String, u64, Option<String>);

/// Every event that a producer has pinned, and every sample as its type writes it.
fn events() -> Vec<String> {
    let golden = fs::read_dir(catalogue::golden_folder()).unwrap();
    let golden = golden.map(|file| fs::read_to_string(file.unwrap().path()).unwrap().trim_end().to_owned());
    let samples = catalogue::all().into_iter().flat_map(|entry| {
        let written = entry.written_again;
        entry.samples.into_iter().map(move |sample| written(&sample.to_string()).unwrap())
    });
    golden.chain(samples).collect()
}

/// What the item of an event tells of it when all follows.
fn own(event: &str) -> Facts {
    let event: Value = serde_json::from_str(event).unwrap();
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    (text("source"), text("subject"), text("sequence").parse().unwrap(), Some(text("correlationid")))
}

fn entry(event: &str, (source, key, sequence, correlation_id): &Facts) -> String {
    shorten(event, source, key, *sequence, correlation_id.as_deref())
}

fn back(entry: &str, (source, key, sequence, correlation_id): &Facts) -> String {
    complete(entry, source, key, *sequence, correlation_id.as_deref()).unwrap()
}

#[test]
fn every_event_comes_back_byte_for_byte_from_every_item() {
    for event in events() {
        let (source, key, sequence, correlation_id) = own(&event);
        for source in [&source, "oms.other"] {
            for key in [&key, "adj_5a1e3c66-7b7e-5d0a-8f0e-0c9d1b2a3f44", "\"{"] {
                for sequence in [sequence, 4_711] {
                    for correlation_id in [correlation_id.clone(), None, Some("cor_other".to_owned())] {
                        let item = (source.to_owned(), key.to_owned(), sequence, correlation_id);
                        let entry = entry(&event, &item);
                        assert_eq!(back(&entry, &item), event, "{item:?}: {entry}");
                        assert!(entry.len() < event.len() && !entry.contains('\n'), "{entry}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_entry_keeps_nothing_that_follows_from_its_item() {
    let follows =
        ["specversion", "id", "source", "subject", "datacontenttype", "dataschema", "correlationid", "sequence"];
    // The platform's reports are about no item.
    for event in events().into_iter().filter(|event| !event.contains(r#""source":"oms.platform""#)) {
        let entry: Value = serde_json::from_str(&entry(&event, &own(&event))).unwrap();
        for name in follows {
            assert!(entry.get(name).is_none(), "{name} in {entry}");
        }
        assert!(entry.pointer("/rest/orderId").is_none(), "{entry}");
    }
}

/// Stored entries have this form: an earlier version's must be completed by a later one.
#[test]
fn the_form_of_an_entry_is_pinned() {
    let event = fs::read_to_string(catalogue::golden_folder().join("OrderConfirmed.v1.1.json")).unwrap();
    let event = event.trim_end().replace(r#","data":"#, r#","hops":3,"data":"#);
    let (event, pinned) = (
        event.as_str(),
        concat!(
            r#"{"type":"OrderConfirmed.v1","time":"2026-11-22T10:15:30.12Z","causationid":"evt-1","#,
            r#""traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","#,
            r#""rest":{"paymentId":"pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2","reservationId":"rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31"}}"#
        ),
    );
    assert_eq!(entry(event, &own(event)), pinned);
    assert_eq!((event.len(), pinned.len()), (641, 278));
}

/// An entry of the time before they were counted has none: its event gets the usual number. The relay of that time publishes
/// an entry of today without them.
#[test]
fn hops_are_kept_only_where_they_are_not_those_of_most_events() {
    let event = fs::read_to_string(catalogue::golden_folder().join("OrderConfirmed.v1.1.json")).unwrap();
    let counted = |hops: u32| match hops {
        0 => event.trim_end().to_owned(),
        hops => event.trim_end().replace(r#","data":"#, &format!(r#","hops":{hops},"data":"#)),
    };
    let (source, key, _, correlation_id) = own(&event);
    for (sequence, usual) in [(1, 0), (2, 3), (3, 5), (u64::MAX, u32::MAX)] {
        let item = (source.clone(), key.clone(), sequence, correlation_id.clone());
        for hops in [0, 1, 3, 5, 16, u32::MAX] {
            let entry = entry(&counted(hops), &item);
            assert_eq!(back(&entry, &item), counted(hops), "{entry}");
            assert_eq!(entry.contains("hops"), hops != usual, "{entry}");
        }
    }
}

#[test]
fn an_event_of_another_form_is_kept_whole() {
    let event = fs::read_to_string(catalogue::golden_folder().join("OrderCreated.v1.1.json")).unwrap();
    let event = event.trim_end().to_owned();
    let item = own(&event);
    let sorted = serde_json::from_str::<Value>(&event).unwrap().to_string();
    let extended = event.replacen('{', r#"{"x":1,"#, 1);
    let ambiguous = event.replace(r#""EUR""#, r#""=""#);
    assert_ne!(ambiguous, event);
    for other in [sorted.as_str(), extended.as_str(), ambiguous.as_str(), "not JSON", "{}"] {
        assert_eq!(entry(other, &item), other);
    }
    // also by a relay of the version before, which does not know the attribute
    for whole in [sorted, extended, ambiguous] {
        assert_eq!(back(&whole, &item), whole);
    }
}

#[test]
fn what_is_no_entry_is_refused() {
    for text in ["{}", "not JSON", r#"{"type":"OrderCompleted.v1"}"#] {
        assert!(complete(text, "oms.orders", "ord_1", 1, None).is_err(), "{text}");
    }
}
