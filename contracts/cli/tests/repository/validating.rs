//! `contracts validate`.

use std::io::Write;
use std::process::{Command, Stdio};

use contracts::catalogue::entry;
use contracts::orders::{OrderCancelled, OrderCreated};
use serde_json::{Value, json};

use crate::repository::Ran;

fn event() -> Value {
    entry::<OrderCreated>().samples.remove(0)
}

fn on_the_bus(event: &Value) -> Value {
    json!({ "version": "0", "id": "1", "detail-type": event["type"], "source": event["source"], "detail": event })
}

fn validate(input: &str, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
    let piped = command.args(["validate", "-"]).args(args).stdin(Stdio::piped());
    let mut child = piped.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn a_valid_event_is_found_inside_messages_and_bus_events() {
    let (event, bus) = (event(), on_the_bus(&event()));
    let message = json!({ "messageId": "1", "body": bus.to_string() });
    for (input, count) in [
        (event.to_string(), 1),
        (serde_json::to_string_pretty(&event).unwrap(), 1),
        (bus.to_string(), 1),
        (message.to_string(), 1),
        (json!({ "Records": [message, message] }).to_string(), 2),
        (json!({ "Messages": [{ "Body": bus.to_string() }] }).to_string(), 1),
        (json!([event, bus, message]).to_string(), 3),
        (format!("{event}\n{bus}\n"), 2),
    ] {
        let ran = validate(&input, &[]);
        ran.prints(
            0,
            &[
                "-: 1: OrderCreated.v1: valid",
                &format!("{}, 0 invalid", if count == 1 { "1 event".into() } else { format!("{count} events") }),
            ],
        );
    }
}

#[test]
fn an_invalid_event_is_reported_with_place_and_rule_but_without_its_values() {
    let mut invalid = event();
    invalid["data"]["lines"][1]["quantity"] = json!(-424_242);
    invalid["data"]["customerId"] = json!("ada@example.org");
    invalid["data"].as_object_mut().unwrap().remove("total");
    let ran = validate(&on_the_bus(&invalid).to_string(), &[]);
    ran.prints(
        1,
        &[
            "-: 1: OrderCreated.v1: invalid",
            "at /data/lines/1/quantity: ",
            "(minimum)",
            "at /data/customerId: ",
            "(pattern)",
            "at /data/total: the field is missing (required)",
            "1 event, 1 invalid",
        ],
    );
    for value in ["424242", "424_242", "ada@"] {
        assert!(!ran.out.contains(value) && !ran.err.contains(value), "{ran:#?}");
    }
    let json: Value = serde_json::from_str(&validate(&format!("{invalid}\n{}", event()), &["--json"]).out).unwrap();
    assert_eq!(json["unfit"], 1);
    assert_eq!(json["events"][0]["violations"].as_array().unwrap().len(), 3);
    assert_eq!(json["events"][1], json!({ "event": 2, "type": "OrderCreated.v1", "fits": true, "violations": [] }));
}

/// Otherwise a bad event would pass for the good one that it carries.
#[test]
fn a_field_with_the_name_of_a_wrapping_is_a_field() {
    for wrapping in [json!({ "Messages": [event()] }), json!({ "body": "a note" }), json!({ "detail": {} })] {
        let mut whole = event();
        whole.as_object_mut().unwrap().extend(wrapping.as_object().unwrap().clone());
        validate(&whole.to_string(), &[]).prints(0, &["-: 1: OrderCreated.v1: valid"]);
        whole["id"] = "bad".into();
        validate(&whole.to_string(), &[]).prints(1, &["at /id: "]);
    }
}

#[test]
fn an_event_of_a_type_that_is_not_published() {
    let mut unknown = event();
    unknown["type"] = json!("OrderCraeted.v1");
    validate(&unknown.to_string(), &[]).prints(
        1,
        &[
            "-: 1: OrderCraeted.v1: invalid",
            "at /type: no schema is published for this type (did you mean OrderCreated.v1?) (const)",
        ],
    );
    unknown["type"] = json!("ada@example.org ordered a mug");
    let ran = validate(&unknown.to_string(), &[]);
    ran.prints(1, &["-: 1: no type: invalid"]);
    assert!(!ran.out.contains("ada@"), "{ran:#?}");
    validate("42 \"text\" {}", &[]).prints(1, &["3 events, 3 invalid", "the event needs a `type` that is a text"]);
}

#[test]
fn an_event_with_other_labels_on_the_bus() {
    let mut bus = on_the_bus(&event());
    bus["detail-type"] = json!("OrderCompleted.v1");
    bus["source"] = json!("oms.payments");
    validate(&bus.to_string(), &[])
        .prints(1, &["at /type: EventBridge's `detail-type` differs", "at /source: EventBridge's `source` differs"]);
}

#[test]
fn a_value_outside_an_enumeration_is_answered_with_the_allowed_ones() {
    let mut cancelled = entry::<OrderCancelled>().samples.remove(0);
    cancelled["data"]["reason"] = json!("tok_4242 ada@example.org");
    cancelled["specversion"] = json!("4242");
    let ran = validate(&cancelled.to_string(), &[]);
    ran.prints(
        1,
        &[
            "at /data/reason: the value must be one of \"CUSTOMER\", \"OUT_OF_STOCK\", ",
            "at /specversion: the value must be \"1.0\" (const)",
        ],
    );
    assert!(!ran.out.contains("4242") && !ran.out.contains("ada@"), "{ran:#?}");
}

#[test]
fn input_that_is_not_json_is_said_to_be_none_with_its_place() {
    validate("", &[]).prints(2, &["-: the file is empty"]);
    validate(" \n\n", &[]).prints(2, &["-: the file is empty"]);
    validate("[]", &[]).prints(2, &["-: the JSON has no event"]);
    validate("{ \"type\": ", &[]).prints(2, &["-: not JSON: the text ends while parsing a value at line 1, column 10"]);
    validate("{\n  type: OrderCreated.v1", &[]).prints(2, &["-: not JSON: key must be a string at line 2, column 3"]);
    let text = validate("OrderCreated.v1 ada@example.org", &[]);
    text.prints(2, &["-: not JSON: expected value at line 1, column 1"]);
    assert!(!text.err.contains("ada@"), "{text:#?}");
    validate("{ \"body\": \"no json\" }", &[])
        .prints(2, &["-: not JSON in the body of a message: expected ident at line 1, column 2"]);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("binary.json"), [0xff, 0xfe]).unwrap();
    for (file, reason) in [
        ("gone.json", "gone.json: there is no such file"),
        (".", ".: this is a directory, not a file"),
        ("binary.json", "binary.json: not JSON: the file is not UTF-8 text"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
        let ran = command.args(["validate", file]).current_dir(folder.path()).output().unwrap();
        Ran::of(ran).prints(2, &[reason, "next: pass a file with JSON events"]);
    }
}
