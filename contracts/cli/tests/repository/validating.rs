//! Events from anywhere.

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
fn an_event_fits_in_whatever_it_travelled() {
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
        ran.says(
            0,
            &[
                "-: 1: OrderCreated.v1: fits",
                &format!("{}, 0 not fitting", if count == 1 { "1 event".into() } else { format!("{count} events") }),
            ],
        );
    }
}

#[test]
fn an_event_that_does_not_fit_is_told_where_and_why_and_never_with_its_values() {
    let mut unfit = event();
    unfit["data"]["lines"][1]["quantity"] = json!(-424_242);
    unfit["data"]["customerId"] = json!("ada@example.org");
    unfit["data"].as_object_mut().unwrap().remove("total");
    let ran = validate(&on_the_bus(&unfit).to_string(), &[]);
    ran.says(
        1,
        &[
            "-: 1: OrderCreated.v1: does not fit",
            "at /data/lines/1/quantity: ",
            "(minimum)",
            "at /data/customerId: ",
            "(pattern)",
            "at /data/total: the field is missing (required)",
            "1 event, 1 not fitting",
        ],
    );
    for value in ["424242", "424_242", "ada@"] {
        assert!(!ran.out.contains(value) && !ran.err.contains(value), "{ran:#?}");
    }
    let json: Value = serde_json::from_str(&validate(&format!("{unfit}\n{}", event()), &["--json"]).out).unwrap();
    assert_eq!(json["unfit"], 1);
    assert_eq!(json["events"][0]["violations"].as_array().unwrap().len(), 3);
    assert_eq!(json["events"][1], json!({ "event": 2, "type": "OrderCreated.v1", "fits": true, "violations": [] }));
}

#[test]
fn an_event_of_a_type_that_nobody_published() {
    let mut unknown = event();
    unknown["type"] = json!("OrderCraeted.v1");
    validate(&unknown.to_string(), &[]).says(
        1,
        &[
            "-: 1: OrderCraeted.v1: does not fit",
            "at /type: nobody published a schema for the type that it claims \
           (is OrderCreated.v1 meant?) (const)",
        ],
    );
    unknown["type"] = json!("ada@example.org ordered a mug");
    let ran = validate(&unknown.to_string(), &[]);
    ran.says(1, &["-: 1: no type: does not fit"]);
    assert!(!ran.out.contains("ada@"), "{ran:#?}");
    validate("42 \"text\" {}", &[]).says(1, &["3 events, 3 not fitting", "the event has no `type` that is a text"]);
}

#[test]
fn an_event_that_the_bus_takes_for_another_one() {
    let mut bus = on_the_bus(&event());
    bus["detail-type"] = json!("OrderCompleted.v1");
    bus["source"] = json!("oms.payments");
    validate(&bus.to_string(), &[]).says(
        1,
        &["at /type: the bus's `detail-type` is another one", "at /source: the bus's `source` is another one"],
    );
}

#[test]
fn what_is_no_json_is_unreadable() {
    validate("", &[]).says(2, &["-: there is no event in it"]);
    validate("[]", &[]).says(2, &["-: there is no event in it"]);
    validate("{ \"type\": ", &[]).says(2, &["-: EOF while parsing a value at line 1 column 10"]);
    validate("{ \"body\": \"no json\" }", &[]).says(2, &["-: ", "at line 1 column"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
    Ran::of(command.args(["validate", "gone.json"]).output().unwrap()).says(2, &["gone.json: No such file"]);
}
