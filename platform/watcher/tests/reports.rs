//! What is wrong with an event is found and reported, without anything of the event.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use contracts::catalogue;
use serde_json::{Value, json};
use testkit::contract::sample;
use watcher::inspection::{Inspection, MAX_VIOLATIONS, Violation};
use watcher::report::metrics;

/// What EventBridge makes of an event.
fn delivered(event: &Value) -> Value {
    json!({ "detail-type": event["type"], "source": event["source"], "detail": event })
}

fn inspected(event: &Value) -> Inspection {
    Inspection::of(&delivered(event).to_string())
}

/// The violations of `OrderCreated.v1` with another value in one place.
fn violations(pointer: &str, value: Value) -> Vec<String> {
    let mut event = sample("OrderCreated.v1");
    *event.pointer_mut(pointer).unwrap() = value;
    inspected(&event).violations.iter().map(ToString::to_string).collect()
}

#[test]
fn every_published_sample_breaks_no_rule() {
    for entry in catalogue::all() {
        for sample in &entry.samples {
            let inspected = inspected(sample);
            assert_eq!(
                (inspected.event_type.as_str(), inspected.violations.as_slice()),
                (entry.event_type, [].as_slice())
            );
            assert_eq!(
                (&json!(inspected.event_id), &json!(inspected.correlation_id)),
                (&sample["id"], &sample["correlationid"])
            );
        }
    }
}

#[test]
fn each_kind_of_violation_has_its_word() {
    assert_eq!(violations("/data/total", json!("4790")), ["/data/total type"]);
    assert_eq!(violations("/data/lines/1/quantity", json!(0)), ["/data/lines/1/quantity minimum"]);
    assert_eq!(violations("/sequence", json!("1")), ["/sequence pattern"]);
    assert_eq!(violations("/data", json!(null)), ["/data type"]);
    assert_eq!(
        violations("/data/lines/0", json!({ "lineId": 1, "sku": "A", "quantity": 1 })),
        ["/data/lines/0/unitPrice required"]
    );
    assert_eq!(violations("/type", json!("OrderCreated.v9")), ["unpublished"]);
    assert_eq!(violations("/type", json!(7)), ["untyped"]);
    for body in ["", "no json", "[]", r#"{"detail":"a text"}"#, "{}"] {
        assert_eq!(Inspection::of(body).violations, [Violation::NotJson], "{body}");
    }
}

#[test]
fn an_event_with_another_label_is_reported() {
    for (label, value) in [("detail-type", "OrderCompleted.v1"), ("source", "oms.payments")] {
        let mut delivered = delivered(&sample("OrderCreated.v1"));
        delivered[label] = value.into();
        assert_eq!(Inspection::of(&delivered.to_string()).violations, [Violation::Mislabelled(label)]);
    }
}

/// Puts a canary into every text of an event.
fn canaries(value: &mut Value) {
    match value {
        Value::String(text) => *text = "canary@example.com 4242".into(),
        Value::Number(_) => *value = json!("canary@example.com 4242"),
        Value::Array(items) => items.iter_mut().for_each(canaries),
        Value::Object(fields) => fields.values_mut().for_each(canaries),
        Value::Null | Value::Bool(_) => {}
    }
}

#[test]
fn nothing_of_a_broken_event_reaches_the_report() {
    for entry in catalogue::all() {
        for field in ["/", "/data", "/type", "/source", "/id", "/correlationid"] {
            let mut event = entry.samples[0].clone();
            canaries(if field == "/" { &mut event } else { event.pointer_mut(field).unwrap() });
            let inspected = inspected(&event);
            let written = format!("{inspected:?} {:?}", metrics(std::slice::from_ref(&inspected), "local", 0));
            // the schema leaves the form of a correlation id open
            assert_eq!(inspected.violations.is_empty(), field == "/correlationid", "{field} of {}", entry.event_type);
            assert!(!written.contains("canary") && !written.contains("4242"), "{written}");
        }
    }
}

#[test]
fn a_text_without_its_shape_is_unreadable() {
    let (uuid, long) = ("a5c95409-99b6-5529-94d6-5228350eeb1f", "a".repeat(129));
    let rest = long[..36].to_owned();
    let read = |attribute: &str, text: &str| {
        let inspected = inspected(&json!({ attribute: text }));
        let Inspection { event_type, source, event_id, correlation_id, .. } = inspected;
        [("type", event_type), ("source", source), ("id", event_id), ("correlationid", correlation_id)]
            .into_iter()
            .find_map(|(name, text)| (name == attribute).then_some(text))
            .unwrap()
    };
    for (attribute, text) in [
        ("type", "OrderCreated.v1".to_owned()),
        ("source", "oms.orders".to_owned()),
        ("id", format!("evt_{uuid}")),
        ("correlationid", "cor-1_A".to_owned()),
    ] {
        assert_eq!(read(attribute, &text), text, "{attribute}");
    }
    for (attribute, text) in [
        ("type", "jane@example.com".to_owned()),
        ("type", ".v1".to_owned()),
        ("type", "OrderCreated.v0171".to_owned()),
        ("type", format!("{}.v1", &long[..65])),
        ("source", "oms.".to_owned()),
        ("source", "oms.jane_doe".to_owned()),
        ("source", format!("oms.{}", &long[..33])),
        ("id", uuid.to_owned()),
        ("id", "evt_jane_doe-0171234567".to_owned()),
        ("id", format!("evt_{}", uuid.to_uppercase())),
        ("id", format!("evt_{rest}")),
        ("correlationid", "jane doe".to_owned()),
        ("correlationid", long.clone()),
    ] {
        assert_eq!(read(attribute, &text), "unreadable", "{attribute}: {text}");
    }
}

#[test]
fn an_event_that_breaks_ten_thousand_rules_fits_in_a_line() {
    let mut event = sample("OrderCreated.v1");
    event["data"]["lines"] = vec![json!({}); 10_000].into();
    let inspected = inspected(&event);
    assert_eq!(inspected.violations.len(), MAX_VIOLATIONS);
    assert!(inspected.count > 10_000, "{}", inspected.count);
    let length: usize = inspected.violations.iter().map(|violation| violation.to_string().len()).sum();
    assert!(length < 4096, "{length}");
}

#[test]
fn a_batch_is_counted_by_type() {
    let mut broken = sample("OrderCreated.v1");
    broken["data"]["lines"] = json!([]);
    let mut batch = vec![inspected(&sample("OrderCreated.v1")); 8];
    batch.extend([inspected(&broken), inspected(&sample("OrderCompleted.v1"))]);
    let counted: Vec<_> = metrics(&batch, "local", 1_700_000_000_000)
        .iter()
        .map(|m| (m["EventType"].clone(), m["EventsWatched"].clone(), m["ContractViolations"].clone()))
        .collect();
    assert_eq!(
        counted,
        [(json!("OrderCompleted.v1"), json!(1), json!(0)), (json!("OrderCreated.v1"), json!(9), json!(1))]
    );
    let directive = metrics(&batch, "local", 1_700_000_000_000)[0]["_aws"].clone();
    assert_eq!(
        (&directive["Timestamp"], &directive["CloudWatchMetrics"][0]["Namespace"]),
        (&json!(1_700_000_000_000_u64), &json!("oms/local"))
    );
    assert_eq!(directive["CloudWatchMetrics"][0]["Dimensions"], json!([[], ["EventType"]]), "in sum, and by type");
}
