//! `contracts who-breaks`.

use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const SCHEMA: &str = "contracts/schemas/OrderCreated.v1.json";

fn without_currency(schema: &mut Value) {
    let data = &mut schema["$defs"]["OrderCreated"];
    data["properties"].as_object_mut().unwrap().remove("currency");
    data["required"].as_array_mut().unwrap().retain(|name| name != "currency");
}

#[test]
fn the_differences_break_services_by_name() {
    let repository = Repository::released();
    repository.run(&["who-breaks"]).prints(0, &["the differences break 0 services"]);
    repository.edit(SCHEMA, without_currency);
    repository.run(&["who-breaks"]).prints(
        1,
        &["mailing\n  OrderCreated.v1 /data/currency: the field was removed\n", "the differences break 1 service"],
    );
    let json: Value = serde_json::from_str(&repository.run(&["who-breaks", "--json"]).out).unwrap();
    assert_eq!(
        json,
        json!({
            "passes": false,
            "services": [{ "service": "mailing", "by": ["OrderCreated.v1 /data/currency: the field was removed"] }],
            "undeclared": [],
            "errors": [
                "contracts/golden/OrderCreated.v1.1.json: OrderCreated.v1: the golden event has /data/currency, which the \
                 schema does not name",
                "services/mailing/events.toml: OrderCreated.v1 has no field /data/currency (did you mean /data?)",
            ],
        })
    );
}

#[test]
fn it_is_not_green_where_the_check_is_not() {
    let unread = Repository::released();
    unread.edit(SCHEMA, |schema| {
        schema["$defs"]["OrderCreated"]["properties"]["payBy"]["format"] = "date".into();
    });
    unread.remove("contracts/samples/OrderCreated.v1.1.json");
    let changed = Repository::released();
    changed.write("contracts/releases/schemas/OrderCreated.v1.0.json", "{}");
    let undeclared = Repository::released();
    undeclared
        .declare("mailing", "service = \"mailing\"\nsource = \"oms.mailing\"\n[consumes.\"Gone.v1\"]\nreads = []");
    let cases = [
        (
            unread,
            "read by no declaration; consumers outside this repository may break\n  OrderCreated.v1 /data/payBy: ",
        ),
        (changed, "error: contracts/releases/schemas/OrderCreated.v1.0.json: OrderCreated.v1: a released file never"),
        (undeclared, "error: services/mailing/events.toml: `consumes` names Gone.v1"),
    ];
    for (repository, text) in cases {
        assert_eq!(repository.run(&["check", "--today", FIRST_DAY]).code, 1);
        repository.run(&["who-breaks", "--today", FIRST_DAY]).prints(1, &[text, "the differences break 0 services"]);
    }
}

#[test]
fn the_check_is_readable_for_programs() {
    let repository = Repository::released();
    repository.edit(SCHEMA, without_currency);
    let ran = repository.run(&["check", "--json", "--today", FIRST_DAY]);
    ran.prints(1, &[]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        json["differences"],
        json!([{ "type": "OrderCreated.v1", "field": "/data/currency", "what": "the field was removed",
            "verdict": "breaking", "release": "major", "why": "a service that reads it finds nothing", "victims": ["mailing"],
            "within": { "definition": "OrderCreated", "field": "/currency" } }])
    );
    assert_eq!(json["problems"][1]["file"], "services/mailing/events.toml");
    assert_eq!(json["compared_with"], "1.0.0");
    assert!(!ran.out.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn a_type_has_consumers_and_a_field_has_readers() {
    let repository = Repository::new();
    let asked = |args: &[&str]| repository.run(&[&["who-breaks"], args].concat());
    asked(&["OrderCreated.v1"]).prints(0, &["mailing\n", "shipping\n", "2 services consuming OrderCreated.v1"]);
    asked(&["OrderCreated.v1", "/data/lines/*/sku"]).prints(0, &["shipping\n", "1 service reading /data/lines/*/sku"]);
    asked(&["OrderCreated.v1", "/data/lines"]).prints(0, &["shipping\n  /data/lines/*/sku\n1 service"]);
    asked(&["OrderCreated.v1", "/data/payBy"]).prints(0, &["0 services reading /data/payBy of OrderCreated.v1"]);
    asked(&["OrderCreated.v1", "/data"]).prints(0, &["2 services reading /data"]);
}

#[test]
fn a_mistyped_name_is_answered_with_a_suggestion() {
    let repository = Repository::new();
    let error = "contracts/schemas has no type OrderCreate.v1 (did you mean OrderCreated.v1?)";
    repository.run(&["who-breaks", "OrderCreate.v1"]).prints(2, &[error]);
    let error = "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1 has no field /data/orderID \
                 (did you mean /data/orderId?)";
    repository.run(&["who-breaks", "OrderCreated.v1", "/data/orderID"]).prints(2, &[error]);
}

#[test]
fn what_several_types_share_is_said_once() {
    let repository = Repository::released();
    for event_type in ["OrderCreated.v1", "OrderCompleted.v1"] {
        repository.edit(&format!("contracts/schemas/{event_type}.json"), |schema| {
            schema["$defs"]["OrderId"]["pattern"] = json!("^ord_");
            schema["properties"]["tracestate"] = json!({ "type": "string" });
        });
    }
    let ran = repository.run(&["check", "--today", FIRST_DAY]);
    let said = [
        "OrderId, in 2 types\n  breaking    /  pattern ",
        "in: /data/orderId of OrderCompleted.v1, OrderCreated.v1\n",
        "affects: mailing, shipping\n",
        "the envelope, in 2 types\n  compatible  /tracestate  an optional field is new\n",
        "2 differences (1 breaking)",
    ];
    ran.prints(1, &said);
    assert_eq!(ran.out.matches("pattern").count(), 1, "{ran:#?}");
    let json: Value = serde_json::from_str(&repository.run(&["check", "--json"]).out).unwrap();
    assert_eq!(json["differences"].as_array().unwrap().len(), 4);

    let each =
        ["OrderCompleted.v1\n  compatible  /  the type is new\n", "OrderCreated.v1\n  compatible  /  the type is"];
    Repository::new().run(&["check", "--today", FIRST_DAY]).prints(0, &each);
}

#[test]
fn changed_words_name_the_readers_to_ask() {
    let repository = Repository::released();
    repository.edit(SCHEMA, |schema| {
        schema["$defs"]["OrderCreated"]["properties"]["total"]["description"] = json!("In thousandths of a euro.");
    });
    repository.run(&["check", "--today", FIRST_DAY]).prints(
        0,
        &[
            "  compatible  /data/total  the description changed: ",
            "thousandths of a euro.\"\n",
            "readers to ask: mailing\n",
            "A patch release is due",
        ],
    );
}
