//! `contracts validate`.

use std::io::Write;
use std::process::{Command, Stdio};

use contracts::catalogue::entry;
use contracts::orders::OrderCreated;
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
fn input_that_is_not_json() {
    validate("", &[]).prints(2, &["-: the input has no event"]);
    validate("[]", &[]).prints(2, &["-: the input has no event"]);
    validate("{ \"type\": ", &[]).prints(2, &["-: EOF while parsing a value at line 1 column 10"]);
    validate("{ \"body\": \"no json\" }", &[]).prints(2, &["-: ", "at line 1 column"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
    Ran::of(command.args(["validate", "gone.json"]).output().unwrap()).prints(2, &["gone.json: No such file"]);
}
