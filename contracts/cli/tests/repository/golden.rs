//! Changes that no schema shows: golden events and samples against those of the last release.

use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];
const GOLDEN: &str = "contracts/golden/OrderCreated.v1.1.json";
const SCHEMA: &str = "contracts/schemas/OrderCreated.v1.json";
const ACCEPTED: &str = "contracts/accepted.toml";

/// What a test of the producer pins after its code has changed: one line.
fn pin(repository: &Repository, path: &str, change: impl FnOnce(&mut Value)) {
    let mut event = serde_json::from_str(&repository.read(path)).unwrap();
    change(&mut event);
    repository.write(path, &format!("{event}\n"));
}

fn hundredfold(event: &mut Value) {
    event["data"]["total"] = (event["data"]["total"].as_u64().unwrap() * 100).into();
}

#[test]
fn an_amount_a_hundred_times_as_large_is_breaking() {
    let repository = Repository::released();
    pin(&repository, GOLDEN, hundredfold);
    let said = [
        "  breaking    /data/total  a golden event has another value\n",
        "example: golden event 1: 4790 became 479000\n",
        "why: no change of the schema explains it: undo it, give it a new name, or record in contracts/accepted.toml why",
        "affects: mailing\n",
        "1 difference (1 breaking)",
    ];
    repository.run(&CHECK).prints(1, &said);
    repository
        .run(&["who-breaks"])
        .prints(1, &["mailing\n  OrderCreated.v1 /data/total: a golden event has another value"]);
}

#[test]
fn a_line_more_in_the_same_order_is_breaking() {
    let repository = Repository::released();
    pin(&repository, GOLDEN, |event| {
        let line = event["data"]["lines"][0].clone();
        event["data"]["lines"].as_array_mut().unwrap().push(line);
    });
    repository.run(&CHECK).prints(1, &["breaking    /data/lines/*  a golden event has another value", "shipping"]);
}

#[test]
fn another_subject_is_breaking() {
    let repository = Repository::released();
    pin(&repository, GOLDEN, |event| event["subject"] = event["data"]["customerId"].clone());
    repository
        .run(&CHECK)
        .prints(1, &["breaking    /subject  a golden event has another value", "golden event 1: \"ord_"]);
}

#[test]
fn another_namespace_of_event_ids_is_breaking_and_said_once() {
    let repository = Repository::released();
    for path in [GOLDEN, "contracts/golden/OrderCompleted.v1.1.json"] {
        pin(&repository, path, |event| event["id"] = "evt_00000000-0000-5000-8000-000000000000".into());
    }
    let said = [
        "the envelope, in 2 types\n  breaking    /id  a golden event has another value\n",
        "in: /id of OrderCompleted.v1, OrderCreated.v1\n",
        "affects: mailing, shipping\n",
        "1 difference (1 breaking)",
    ];
    repository.run(&CHECK).prints(1, &said);
}

#[test]
fn a_changed_sample_is_said_by_its_value() {
    let repository = Repository::released();
    repository.edit("contracts/samples/OrderCreated.v1.1.json", hundredfold);
    repository.edit(SCHEMA, |schema| hundredfold(&mut schema["examples"][0]));
    let said = [
        "  compatible  /data/total  a sample has another value\n",
        "example: sample 1: 4790 became 479000\n",
        "why: a sample is an example; the golden events show what is published\n",
        "1 difference (0 breaking)",
        "A patch release is due",
    ];
    repository.run(&CHECK).prints(0, &said);
}

#[test]
fn other_bytes_of_the_same_json_a_lost_and_a_new_golden_event() {
    let second = "contracts/golden/OrderCreated.v1.2.json";
    let repository = Repository::released();
    repository.write(second, &repository.read(GOLDEN));
    repository.run(&CHECK).prints(0, &["golden event 2 is new", "A patch release is due"]);
    repository.release("1.0.1", FIRST_DAY).unwrap();

    repository.remove(second);
    repository.run(&CHECK).prints(1, &["breaking    /  golden event 2 was removed", "affects: mailing, shipping"]);

    let repository = Repository::released();
    repository.edit(GOLDEN, |_| {});
    repository.run(&CHECK).prints(0, &["golden events have other bytes for the same JSON", "A patch release is due"]);
}

#[test]
fn a_new_optional_field_explains_itself() {
    let repository = Repository::released();
    let describe = |schema: &mut Value| {
        schema["$defs"]["OrderCreated"]["properties"]["giftWrap"] =
            json!({ "type": "boolean", "description": "If so." });
    };
    repository.edit(SCHEMA, describe);
    pin(&repository, GOLDEN, |event| event["data"]["giftWrap"] = true.into());
    repository.run(&CHECK).prints(0, &["/data/giftWrap  an optional field is new", "1 difference (0 breaking)"]);

    // the same field, filled one release later; then lost
    let repository = Repository::new();
    repository.edit(SCHEMA, describe);
    repository.release("1.0.0", FIRST_DAY).unwrap();
    pin(&repository, GOLDEN, |event| event["data"]["giftWrap"] = true.into());
    repository.run(&CHECK).prints(0, &["/data/giftWrap  a golden event has this optional field, which it lacked"]);
    repository.release("1.0.1", FIRST_DAY).unwrap();
    pin(&repository, GOLDEN, |event| drop(event["data"].as_object_mut().unwrap().remove("giftWrap")));
    repository
        .run(&CHECK)
        .prints(1, &["breaking    /data/giftWrap  a golden event has another", "true became nothing"]);
}

#[test]
fn a_recorded_reason_makes_it_a_minor_and_ends_with_the_release() {
    let repository = Repository::released();
    pin(&repository, GOLDEN, hundredfold);
    let entry =
        "[[accepted]]\ntype = \"OrderCreated.v1\"\nfield = \"/data/total\"\nreason = \"the shop moved to cents\"\n";
    repository.write(ACCEPTED, entry);
    let said = [
        "  compatible  /data/total  a golden event has another value\n",
        "why: accepted: the shop moved to cents\n",
        "readers to ask: mailing\n",
        "A minor release is due",
    ];
    repository.run(&CHECK).prints(0, &said);
    repository.release("1.1.0", FIRST_DAY).unwrap();
    assert!(!repository.read(ACCEPTED).contains("[[accepted]]"));
    assert!(repository.read("contracts/releases/1.1.0.json").contains("the shop moved to cents"));
    assert!(repository.check(FIRST_DAY).unwrap().differences.is_empty());

    repository.write(ACCEPTED, entry);
    let unused = "contracts/accepted.toml: OrderCreated.v1: no golden event differs from the last release at `field` \
                  \"/data/total\": remove the entry";
    repository.run(&CHECK).prints(1, &[unused]);
    repository.write(ACCEPTED, &entry.replace("the shop moved to cents", " "));
    repository.run(&CHECK).prints(1, &["`reason` of `field` \"/data/total\" must say why"]);
    repository.write(ACCEPTED, &entry.replace("reason", "because"));
    repository.run(&CHECK).prints(2, &["contracts/accepted.toml: ", "unknown field `because`"]);
}

#[test]
fn a_reason_accepts_no_change_of_a_schema() {
    let repository = Repository::released();
    repository.edit(SCHEMA, |schema| {
        schema["$defs"]["OrderCreated"]["properties"]["total"]["maximum"] = 1_000_000.into();
    });
    let entry = "[[accepted]]\ntype = \"OrderCreated.v1\"\nfield = \"/data/total\"\nreason = \"nobody pays more\"\n";
    repository.write(ACCEPTED, entry);
    repository.run(&CHECK).prints(1, &["breaking    /data/total", "no golden event differs"]);
}

#[test]
fn every_type_has_a_golden_event_of_its_schema() {
    let cases: [(Option<(&str, Value)>, &str); 4] = [
        (
            None,
            "contracts/golden/OrderCreated.v1.1.json: OrderCreated.v1: no golden event pins this type: let its producer's",
        ),
        (Some(("/data/total", json!("free"))), "the golden event breaks its schema: at /data/total: "),
        (Some(("/data", json!({}))), "the golden event breaks its schema: at /data/"),
        (
            Some(("/data/lines/0", json!({ "sku": "A", "colour": 1 }))),
            "has /data/lines/*/colour, which the schema does not name",
        ),
    ];
    for (change, error) in cases {
        let repository = Repository::new();
        match change {
            None => repository.remove(GOLDEN),
            Some((pointer, value)) => pin(&repository, GOLDEN, |event| *event.pointer_mut(pointer).unwrap() = value),
        }
        repository.run(&CHECK).prints(1, &[error]);
    }
    let repository = Repository::new();
    repository.write("contracts/golden/OrderShipped.v1.1.json", "{}");
    repository.run(&CHECK).prints(1, &["OrderShipped.v1: the golden event is of a type that is not published"]);
    repository.write("contracts/golden/OrderCreated.v1.json", "{}");
    repository
        .run(&CHECK)
        .prints(2, &["contracts/golden/OrderCreated.v1.json: the file name must be TYPE.NUMBER.json"]);
    let repository = Repository::new();
    repository.write(GOLDEN, "{");
    let next = "next: run `just pin-events SERVICE` for the service that publishes the type";
    repository.run(&CHECK).prints(2, &[&format!("{GOLDEN}: EOF while parsing"), next]);
}

#[test]
fn a_golden_event_that_the_rust_types_write_otherwise_is_outdated() {
    let repository = Repository::of_services();
    repository.run_on_rust_types(&["generate"]).prints(0, &[]);
    repository.run_on_rust_types(&CHECK).prints(0, &["0 errors"]);
    let cases: [(&str, Value, &str); 3] = [
        (
            "/id",
            json!("evt_00000000-0000-5000-8000-000000000000"),
            "the Rust types write /id of the golden event otherwise",
        ),
        ("/subject", json!("ada"), "the Rust types write /subject of the golden event otherwise"),
        ("/data/lines/0/quantity", json!(0), "the Rust types do not read the golden event ("),
    ];
    for (pointer, value, error) in cases {
        let repository = Repository::of_services();
        repository.run_on_rust_types(&["generate"]).prints(0, &[]);
        let text = repository.read(GOLDEN);
        let event: Value = serde_json::from_str(&text).unwrap();
        let was = event.pointer(pointer).unwrap().to_string();
        let key = pointer.rsplit('/').next().unwrap();
        repository.write(GOLDEN, &text.replacen(&format!("\"{key}\":{was}"), &format!("\"{key}\":{value}"), 1));
        repository.run_on_rust_types(&CHECK).prints(1, &[error]);
    }
    repository.edit(GOLDEN, |_| {});
    repository.run_on_rust_types(&CHECK).prints(1, &["the Rust types write the order of its fields"]);
}
