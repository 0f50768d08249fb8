//! What is committed is what the types say, and every sample is an event of its schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contracts::{Envelope, EventData, Reads, Received, Samples, catalogue, orders::OrderCreated};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(schema: &serde_json::Value) -> jsonschema::Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

#[test]
fn the_committed_files_are_what_the_types_say() {
    for (path, content) in catalogue::files() {
        let committed = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert_eq!(committed, content, "{} is stale: run `contracts generate`", path.display());
    }
}

#[test]
fn no_committed_file_is_left_over() {
    let generated: BTreeSet<PathBuf> = catalogue::files().into_keys().collect();
    for folder in ["schemas", "samples"] {
        for file in fs::read_dir(root().join(folder)).unwrap() {
            let path = Path::new(folder).join(file.unwrap().file_name());
            assert!(generated.contains(&path), "{} belongs to no type: run `contracts generate`", path.display());
        }
    }
}

#[test]
fn every_sample_fits_its_schema_and_no_other() {
    let entries = catalogue::all();
    for entry in &entries {
        let validator = validator(&entry.schema);
        for other in &entries {
            for sample in &other.samples {
                assert_eq!(
                    validator.is_valid(sample),
                    entry.event_type == other.event_type,
                    "{} against {}: {:?}",
                    other.event_type,
                    entry.event_type,
                    validator.iter_errors(sample).map(|e| e.to_string()).collect::<Vec<_>>()
                );
            }
        }
    }
}

#[test]
fn a_schema_refuses_an_event_without_any_one_of_its_required_fields() {
    for entry in catalogue::all() {
        let validator = validator(&entry.schema);
        let required: Vec<String> = serde_json::from_value(entry.schema["required"].clone()).unwrap();
        assert!(required.contains(&"correlationid".to_owned()));
        for field in required {
            let mut sample = entry.samples[0].clone();
            sample.as_object_mut().unwrap().remove(&field);
            assert!(!validator.is_valid(&sample), "{} without {field}", entry.event_type);
        }
    }
}

#[test]
fn a_reader_ignores_what_it_does_not_know_and_refuses_another_type() {
    let mut event = catalogue::all()[0].samples[0].clone();
    event["data"]["giftWrap"] = true.into();
    assert!(Envelope::<OrderCreated>::parse(&event.to_string()).is_ok());

    event["type"] = "OrderCreated.v2".into();
    let error = Envelope::<OrderCreated>::parse(&event.to_string()).unwrap_err().to_string();
    assert_eq!(error, "expected OrderCreated.v1 from oms.orders, found `OrderCreated.v2 from oms.orders`");
}

#[test]
fn the_same_event_made_twice_has_the_same_id_and_another_has_another() {
    let header = |sequence| contracts::Header {
        time: "2026-11-22T10:15:30Z".parse().unwrap(),
        correlation_id: "c".into(),
        causation_id: "x".into(),
        traceparent: None,
        hops: 0,
        sequence,
    };
    let made = |sequence| Envelope::new(OrderCreated::samples().remove(0), header(sequence)).id;
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
}

#[test]
fn no_schema_admits_null() {
    fn nullable(schema: &serde_json::Value) -> bool {
        match schema {
            serde_json::Value::Object(keywords) => keywords.values().any(nullable),
            serde_json::Value::Array(all) => all.iter().any(nullable),
            serde_json::Value::String(text) => text == "null",
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
        }
    }
    for entry in catalogue::all() {
        let why = "an optional field needs `skip_serializing_if = \"Option::is_none\"`";
        assert!(!nullable(&entry.schema), "{}: {why}", entry.event_type);
    }
}

/// Parsed from text, because JSON writes one number in several ways.
#[test]
fn a_number_has_one_verdict_from_the_schema_and_from_both_readers() {
    #[derive(serde::Deserialize)]
    struct View {
        lines: Vec<Line>,
        total: u64,
    }
    #[derive(serde::Deserialize)]
    struct Line {
        quantity: u32,
    }
    impl Reads for View {
        type Event = OrderCreated;

        fn check(&self) -> Result<(), &'static str> {
            if self.lines.iter().all(|line| line.quantity > 0) { Ok(()) } else { Err("`quantity`") }
        }
    }
    let created = catalogue::all().into_iter().find(|entry| entry.event_type == OrderCreated::TYPE).unwrap();
    let (sample, validator) = (created.samples[0].to_string(), validator(&created.schema));
    for (from, to, valid) in [
        (r#""quantity":2"#, r#""quantity":2.0"#, true),
        (r#""quantity":2"#, r#""quantity":2e0"#, true),
        (r#""quantity":2"#, r#""quantity":4294967295"#, true),
        (r#""quantity":2"#, r#""quantity":4294967296"#, false),
        (r#""quantity":2"#, r#""quantity":5000000000"#, false),
        (r#""quantity":2"#, r#""quantity":2.5"#, false),
        (r#""quantity":2"#, r#""quantity":-2"#, false),
        (r#""quantity":2"#, r#""quantity":0.0"#, false),
        (r#""quantity":2"#, r#""quantity":null"#, false),
        (r#""total":4790"#, r#""total":4790.0"#, true),
        (r#""total":4790"#, r#""total":9007199254740991"#, true),
        (r#""total":4790"#, r#""total":9007199254740992"#, false),
        (r#""total":4790"#, r#""total":1e300"#, false),
    ] {
        let text = sample.replace(from, to);
        assert_ne!(text, sample, "{from}");
        assert_eq!(validator.is_valid(&serde_json::from_str(&text).unwrap()), valid, "the schema: {to}");
        assert_eq!(Envelope::<OrderCreated>::parse(&text).is_ok(), valid, "the whole event: {to}");
        assert_eq!(Received::<View>::parse(&text).map(|read| read.data.total).is_ok(), valid, "a view: {to}");
    }
}

#[test]
fn an_optional_field_is_absent_and_not_null() {
    let created = catalogue::all().into_iter().find(|entry| entry.event_type == OrderCreated::TYPE).unwrap();
    for attribute in ["traceparent", "hops"] {
        let mut event = created.samples[0].clone();
        event[attribute] = serde_json::Value::Null;
        assert!(!validator(&created.schema).is_valid(&event), "{attribute}");
        assert!(Envelope::<OrderCreated>::parse(&event.to_string()).is_err(), "{attribute}");
        event.as_object_mut().unwrap().remove(attribute);
        assert!(validator(&created.schema).is_valid(&event), "{attribute}");
        assert!(Envelope::<OrderCreated>::parse(&event.to_string()).is_ok(), "{attribute}");
    }
}

/// The error goes into a dead letter and a log.
#[test]
fn an_error_names_the_field_and_never_its_value() {
    let created = catalogue::all().into_iter().find(|entry| entry.event_type == OrderCreated::TYPE).unwrap();
    let secret = "ada@example.org, expected 4242424242424242";
    for (pointer, value, wanted) in [
        ("/data/lines/0/quantity", secret.into(), "at data.lines[0].quantity: expected u32"),
        ("/data/lines/1/lineId", 5_000_000_000_u64.into(), "at data.lines[1].lineId: expected u32"),
        ("/data/orderId", secret.into(), "at data.orderId: the text is not an order id"),
        ("/data/lines", secret.into(), "at data.lines: expected a sequence"),
        ("/data/placedAt", secret.into(), "at data.placedAt: "),
        ("/traceparent", serde_json::Value::Null, "at traceparent: expected a string"),
    ] {
        let mut event = created.samples[0].clone();
        *event.pointer_mut(pointer).unwrap() = value;
        let error = Envelope::<OrderCreated>::parse(&event.to_string()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{pointer}: {error}");
        assert!(!error.contains("4242") && !error.contains("ada") && !error.contains("50000"), "{error}");
    }
    let mut event = created.samples[0].clone();
    event["data"].as_object_mut().unwrap().remove("total");
    let error = Envelope::<OrderCreated>::parse(&event.to_string()).unwrap_err().to_string();
    assert!(error.ends_with("OrderCreated.v1: at data: missing field `total`"), "{error}");
    let error = Envelope::<OrderCreated>::parse("{").unwrap_err().to_string();
    assert_eq!(error, "the event is not JSON: line 1, column 1");
}

#[test]
fn a_reader_refuses_counts_and_numbers_that_the_schema_refuses() {
    let created = catalogue::all().into_iter().find(|entry| entry.event_type == OrderCreated::TYPE).unwrap();
    for (pointer, value) in [
        ("/data/lines", serde_json::json!([])),
        ("/data/lines/0/quantity", 0.into()),
        ("/data/lines/1/lineId", 0.into()),
    ] {
        let mut event = created.samples[0].clone();
        *event.pointer_mut(pointer).unwrap() = value;
        assert!(!validator(&created.schema).is_valid(&event), "{pointer}");
        let error = Envelope::<OrderCreated>::parse(&event.to_string()).unwrap_err().to_string();
        assert!(error.starts_with("the event breaks a rule of OrderCreated.v1: `"), "{error}");
    }
}
