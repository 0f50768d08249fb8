//! Each message names the file, the event and the rule, and the exit code is not zero.

use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];

#[test]
fn a_released_type_without_a_working_schema() {
    let repository = Repository::released();
    repository.remove("contracts/schemas/OrderCompleted.v1.json");
    repository.run(&CHECK).says(
        1,
        &[
            "OrderCompleted.v1\n  breaking    /  the type is gone",
            "why: no release has announced its end",
            "hurts: mailing",
            "contracts/samples/OrderCompleted.v1.1.json: OrderCompleted.v1: the sample belongs to no schema",
            "services/mailing/events.toml: `consumes` names OrderCompleted.v1, which nobody has published",
        ],
    );
}

#[test]
fn a_release_that_names_a_file_that_is_gone() {
    let repository = Repository::released();
    repository.remove("contracts/releases/schemas/OrderCreated.v1.0.json");
    let said = "contracts/releases/schemas/OrderCreated.v1.0.json: OrderCreated.v1: release 1.0.0 names this file, \
                and it is gone";
    repository.run(&CHECK).says(1, &[said, "1 wrong"]);
}

#[test]
fn a_released_file_that_was_changed() {
    let repository = Repository::released();
    for path in ["schemas/OrderCreated.v1.0.json", "samples/OrderCreated.v1.0.1.json"] {
        repository.write(&format!("contracts/releases/{path}"), "{}");
        repository.run(&CHECK).says(1, &[path, "OrderCreated.v1: a released file never changes", "release 1.0.0"]);
    }
}

#[test]
fn a_file_among_the_releases_that_was_never_released() {
    let repository = Repository::released();
    repository.write("contracts/releases/schemas/OrderCreated.v1.7.json", "{}");
    repository.run(&CHECK).says(1, &["contracts/releases/schemas/OrderCreated.v1.7.json: no release names this file"]);
}

#[test]
fn a_declaration_of_a_type_that_nobody_published() {
    let repository = Repository::new();
    let text = repository.read("services/mailing/events.toml").replace("OrderCompleted.v1", "OrderCompletd.v1");
    repository.declare("mailing", &text);
    let said = "services/mailing/events.toml: `consumes` names OrderCompletd.v1, which nobody has published \
                (is OrderCompleted.v1 meant?)";
    repository.run(&CHECK).says(1, &[said]);
}

#[test]
fn a_declaration_of_a_field_that_the_type_does_not_have() {
    let repository = Repository::new();
    let text = repository.read("services/shipping/events.toml").replace("/data/lines/*/sku", "/data/line/*/sku");
    repository.declare("shipping", &text);
    let said = "services/shipping/events.toml: OrderCreated.v1 has no field /data/line/*/sku \
                (is /data/lines/*/sku meant?)";
    repository.run(&CHECK).says(1, &[said]);
}

#[test]
fn a_declaration_that_is_none() {
    let repository = Repository::new();
    repository.declare("mailing", "service = \"mailing\"\nconsume = []");
    repository.run(&CHECK).says(2, &["services/mailing/events.toml: ", "unknown field `consume`"]);
    repository.declare("mailing", "service = \"shipping\"\nsource = \"oms.shipping\"");
    repository
        .run(&CHECK)
        .says(2, &["services/mailing/events.toml: ", "declares the service shipping, whose folder is another one"]);
}

#[test]
fn a_type_that_its_own_source_does_not_say() {
    let repository = Repository::new();
    let produced = "produces = [\"OrderCreated.v1\", \"OrderCompleted.v1\"]";
    let moved = "produces = [\"OrderCompleted.v1\"]";
    let (orders, mailing) =
        (repository.read("services/orders/events.toml"), repository.read("services/mailing/events.toml"));
    repository.declare("orders", &orders.replace(produced, "produces = [\"OrderCreated.v1\"]"));
    repository.declare("mailing", &mailing.replace("envelope", &format!("{moved}\nenvelope")));
    repository.run(&CHECK).says(
        1,
        &[
            "contracts/schemas/OrderCompleted.v1.json: OrderCompleted.v1: no service with source oms.orders declares",
            "services/mailing/events.toml: OrderCompleted.v1 is said by oms.orders, not by oms.mailing",
        ],
    );
}

#[test]
fn two_services_that_speak_in_one_name() {
    let repository = Repository::new();
    repository
        .declare("shipping", &repository.read("services/shipping/events.toml").replace("oms.shipping", "oms.orders"));
    let said = "services/shipping/events.toml: its source oms.orders is that of orders as well";
    repository.run(&CHECK).says(1, &[said]);
}

#[test]
fn a_schema_that_refers_into_itself() {
    let repository = Repository::new();
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| {
        schema["$defs"]["OrderCreated"] = json!({ "$ref": "#/$defs/OrderCreated" });
    });
    let said = "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: `$ref` at /data: #/$defs/OrderCreated leads \
                nowhere or into itself";
    repository.run(&CHECK).says(1, &[said]);
    repository.run(&["who-breaks", "OrderCreated.v1"]).says(2, &[said]);
}

#[test]
fn a_sample_that_no_longer_fits() {
    let repository = Repository::new();
    repository.edit("contracts/samples/OrderCreated.v1.1.json", |sample| sample["data"]["total"] = json!("free"));
    repository.run(&CHECK).says(
        1,
        &[
            "contracts/samples/OrderCreated.v1.1.json: OrderCreated.v1: the sample does not fit its schema: \
           at /data/total: ",
            "(type)",
        ],
    );
    repository.remove("contracts/samples/OrderCreated.v1.1.json");
    repository
        .run(&CHECK)
        .says(1, &["contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: the type has no sample"]);
}

#[test]
fn a_schema_that_is_none_of_ours() {
    let schema = "contracts/schemas/OrderCreated.v1.json";
    let cases: [(&str, Value, &str); 5] = [
        ("/$id", json!("https://elsewhere.example/OrderCreated"), "$id must be https://schemas.oms.example/events/"),
        ("/title", json!("Order created"), "title must be OrderCreated.v1"),
        ("/properties/type/const", json!("OrderMade.v1"), "the constant of `type` must be OrderCreated.v1"),
        ("/properties/source", json!({ "type": "string" }), "the constant of `source` must be who says it"),
        ("/type", json!("thing"), "no schema that a validator takes"),
    ];
    for (pointer, value, said) in cases {
        let repository = Repository::new();
        repository.edit(schema, |schema| *schema.pointer_mut(pointer).unwrap() = value);
        repository.run(&CHECK).says(1, &[&format!("{schema}: OrderCreated.v1: "), said]);
    }
    let repository = Repository::new();
    repository.edit(schema, |schema| schema["unevaluatedProperties"] = json!(false));
    repository.run(&CHECK).says(1, &[schema, "keyword `unevaluatedProperties` at / has no rule of comparison"]);
    repository.write("contracts/schemas/created.json", "{}");
    repository.run(&CHECK).says(1, &["contracts/schemas/created.json: created: the name is not of the form Name.vN"]);
}

#[test]
fn an_announced_end_that_is_not_complete() {
    let cases = [
        (json!({ "deprecated": true, "x-sunset": "2027-03-31" }), "`x-superseded-by` is missing"),
        (json!({ "deprecated": true, "x-superseded-by": "OrderCompleted.v1" }), "`x-sunset` is missing"),
        (json!({ "x-superseded-by": "OrderCompleted.v1", "x-sunset": "2027-03-31" }), "`deprecated` is missing"),
        (
            json!({ "deprecated": true, "x-superseded-by": "OrderCreated.v2", "x-sunset": "2027-03-31" }),
            "`x-superseded-by` names OrderCreated.v2, which is not among the schemas",
        ),
        (
            json!({ "deprecated": true, "x-superseded-by": "OrderCompleted.v1", "x-sunset": "in spring" }),
            "`x-sunset` must be a day",
        ),
    ];
    for (end, said) in cases {
        let repository = Repository::new();
        repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| {
            schema.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
        });
        repository.run(&CHECK).says(1, &["contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: ", said]);
    }
}

#[test]
fn a_tree_that_cannot_be_read() {
    let repository = Repository::released();
    repository.write("contracts/schemas/OrderCreated.v1.json", "{ \"$id\": ");
    repository.run(&CHECK).says(2, &["contracts/schemas/OrderCreated.v1.json: EOF while parsing a value at line 1"]);

    let repository = Repository::released();
    repository.write("contracts/samples/OrderCreated.json", "{}");
    repository.run(&CHECK).says(2, &["contracts/samples/OrderCreated.json: the name is not TYPE.NUMBER.json"]);

    let repository = Repository::released();
    repository.write("contracts/releases/1.1.0.json", "{ \"version\": \"1.1\" }");
    repository.run(&CHECK).says(2, &["contracts/releases/1.1.0.json: `1.1` is no version such as 1.2.0"]);

    let repository = Repository::released();
    std::fs::remove_dir_all(repository.path().join("contracts/schemas")).unwrap();
    for args in [&CHECK[..], &["who-breaks"], &["who-breaks", "OrderCreated.v1"], &["release", "1.0.1"]] {
        repository.run(args).says(2, &["contracts/schemas: No such file or directory"]);
    }
}
