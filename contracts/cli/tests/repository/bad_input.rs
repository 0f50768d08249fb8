//! Each error names the file, the event and the rule, and the exit code is not zero.

use contracts::catalogue;
use contracts::envelope::SCHEMA_BASE;
use contracts_cli::check::integrity::sha256;
use contracts_cli::generate;
use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];

#[test]
fn a_released_type_without_a_working_schema() {
    let repository = Repository::released();
    repository.remove("contracts/schemas/OrderCompleted.v1.json");
    repository.run(&CHECK).prints(
        1,
        &[
            "OrderCompleted.v1\n  breaking    /  the type was removed",
            "why: no release has deprecated it",
            "affects: mailing",
            "contracts/samples/OrderCompleted.v1.1.json: OrderCompleted.v1: the sample has no schema",
            "services/mailing/events.toml: `consumes` names OrderCompleted.v1, which is not published",
        ],
    );
}

#[test]
fn a_release_that_lists_a_missing_file() {
    let repository = Repository::released();
    repository.remove("contracts/releases/schemas/OrderCreated.v1.0.json");
    let error = "contracts/releases/schemas/OrderCreated.v1.0.json: OrderCreated.v1: release 1.0.0 lists this file, \
                but it is missing";
    repository.run(&CHECK).prints(1, &[error, "1 error"]);
}

#[test]
fn a_released_file_that_was_changed() {
    let repository = Repository::released();
    for path in ["schemas/OrderCreated.v1.0.json", "samples/OrderCreated.v1.0.1.json"] {
        repository.write(&format!("contracts/releases/{path}"), "{}");
        repository.run(&CHECK).prints(1, &[path, "OrderCreated.v1: a released file never changes", "release 1.0.0"]);
    }
}

#[test]
fn a_file_among_the_releases_that_was_never_released() {
    let repository = Repository::released();
    repository.write("contracts/releases/schemas/OrderCreated.v1.7.json", "{}");
    repository
        .run(&CHECK)
        .prints(1, &["contracts/releases/schemas/OrderCreated.v1.7.json: no release lists this file"]);
}

#[test]
fn a_declaration_of_a_type_that_is_not_published() {
    let repository = Repository::new();
    let text = repository.read("services/mailing/events.toml").replace("OrderCompleted.v1", "OrderCompletd.v1");
    repository.declare("mailing", &text);
    let error = "services/mailing/events.toml: `consumes` names OrderCompletd.v1, which is not published \
                (did you mean OrderCompleted.v1?)";
    repository.run(&CHECK).prints(1, &[error]);
}

#[test]
fn a_declaration_of_a_field_that_the_type_does_not_have() {
    let repository = Repository::new();
    let text = repository.read("services/shipping/events.toml").replace("/data/lines/*/sku", "/data/line/*/sku");
    repository.declare("shipping", &text);
    let error = "services/shipping/events.toml: OrderCreated.v1 has no field /data/line/*/sku \
                (did you mean /data/lines/*/sku?)";
    repository.run(&CHECK).prints(1, &[error]);
}

#[test]
fn an_invalid_declaration() {
    let repository = Repository::new();
    repository.declare("mailing", "service = \"mailing\"\nconsume = []");
    repository.run(&CHECK).prints(2, &["services/mailing/events.toml: ", "unknown field `consume`"]);
    repository.declare("mailing", "service = \"shipping\"\nsource = \"oms.shipping\"");
    repository
        .run(&CHECK)
        .prints(2, &["services/mailing/events.toml: ", "`service` is shipping, but must be the name of the folder"]);
}

#[test]
fn a_type_that_its_own_source_does_not_publish() {
    let repository = Repository::new();
    let produced = "produces = [\"OrderCreated.v1\", \"OrderCompleted.v1\"]";
    let moved = "produces = [\"OrderCompleted.v1\"]";
    let (orders, mailing) =
        (repository.read("services/orders/events.toml"), repository.read("services/mailing/events.toml"));
    repository.declare("orders", &orders.replace(produced, "produces = [\"OrderCreated.v1\"]"));
    repository.declare("mailing", &mailing.replace("envelope", &format!("{moved}\nenvelope")));
    repository.run(&CHECK).prints(
        1,
        &[
            "contracts/schemas/OrderCompleted.v1.json: OrderCompleted.v1: no service with source oms.orders lists",
            "services/mailing/events.toml: `produces` names OrderCompleted.v1, which belongs to oms.orders, not to oms.mailing",
        ],
    );
}

#[test]
fn two_services_with_one_source() {
    let repository = Repository::new();
    repository
        .declare("shipping", &repository.read("services/shipping/events.toml").replace("oms.shipping", "oms.orders"));
    let error = "services/shipping/events.toml: its source oms.orders already belongs to orders";
    repository.run(&CHECK).prints(1, &[error]);
}

/// Every command that compares exits with 2.
#[track_caller]
fn cannot_be_compared(repository: &Repository, texts: &[&str]) {
    for args in [&CHECK[..], &["who-breaks"], &["who-breaks", "OrderCompleted.v1"], &["release", "1.0.0"]] {
        repository.run(args).prints(2, texts);
    }
}

#[test]
fn a_keyword_that_no_rule_compares() {
    let repository = Repository::released();
    let tens = |schema: &mut Value| schema["$defs"]["OrderCreated"]["properties"]["total"]["multipleOf"] = json!(10);
    repository.edit("contracts/schemas/OrderCreated.v1.json", tens);
    cannot_be_compared(
        &repository,
        &[
            "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: keyword `multipleOf` at /data/total cannot be compared",
            "next: write the type without `multipleOf`; or add the keyword to contracts/cli/src/compare/shape.rs",
        ],
    );

    for command in ["check", "who-breaks"] {
        let ran = repository.run(&[command, "--json", "--today", FIRST_DAY]);
        let said: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(
            ran.code == 2 && said["error"].to_string().contains("multipleOf") && said["next"].is_string(),
            "{ran:#?}"
        );
    }

    let repository = Repository::released();
    let released = "contracts/releases/schemas/OrderCreated.v1.0.json";
    repository.edit(released, tens);
    let hash = sha256(repository.read(released).as_bytes());
    repository.edit("contracts/releases/1.0.0.json", |release| {
        release["types"]["OrderCreated.v1"]["schema"] = hash.into();
    });
    for args in [&CHECK[..], &["who-breaks"]] {
        repository.run(args).prints(2, &[released, "keyword `multipleOf` at /data/total cannot be compared"]);
    }
}

#[test]
fn a_type_that_cannot_be_compared_is_not_generated() {
    let repository = Repository::new();
    let mut entries = catalogue::all();
    entries[0].schema["properties"]["time"]["contentEncoding"] = json!("base64");
    let error = generate::write(repository.path(), entries).unwrap_err();
    let text = "not generated: contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: \
                keyword `contentEncoding` at /time cannot be compared";
    assert_eq!(error.to_string(), text);
    assert!(error.next().starts_with("write the type without `contentEncoding`"));
    assert!(!repository.path().join("contracts/schemas/StockAdjusted.v1.json").exists());
}

#[test]
fn a_schema_that_refers_to_itself() {
    let repository = Repository::new();
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| {
        schema["$defs"]["OrderCreated"] = json!({ "$ref": "#/$defs/OrderCreated" });
    });
    let error = "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: `$ref` at /data: #/$defs/OrderCreated \
                does not exist or refers to itself";
    cannot_be_compared(&repository, &[error, "next: let #/$defs/OrderCreated exist"]);
}

#[test]
fn a_sample_that_breaks_its_schema() {
    let repository = Repository::new();
    repository.edit("contracts/samples/OrderCreated.v1.1.json", |sample| sample["data"]["total"] = json!("free"));
    repository.run(&CHECK).prints(
        1,
        &[
            "contracts/samples/OrderCreated.v1.1.json: OrderCreated.v1: the sample breaks its schema: \
           at /data/total: ",
            "(type)",
        ],
    );
    repository.remove("contracts/samples/OrderCreated.v1.1.json");
    repository
        .run(&CHECK)
        .prints(1, &["contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: the type has no sample"]);
}

#[test]
fn a_schema_without_our_identity() {
    let schema = "contracts/schemas/OrderCreated.v1.json";
    let id = format!("$id must be {SCHEMA_BASE}OrderCreated.v1.json");
    let cases: [(&str, Value, &str); 5] = [
        ("/$id", json!("https://elsewhere.example/OrderCreated"), &id),
        ("/title", json!("Order created"), "title must be OrderCreated.v1"),
        ("/properties/type/const", json!("OrderMade.v1"), "the constant of `type` must be OrderCreated.v1"),
        (
            "/properties/source",
            json!({ "type": "string" }),
            "the constant of `source` must be the source that publishes it",
        ),
        ("/type", json!("thing"), "the schema is invalid"),
    ];
    for (pointer, value, error) in cases {
        let repository = Repository::new();
        repository.edit(schema, |schema| *schema.pointer_mut(pointer).unwrap() = value);
        repository.run(&CHECK).prints(1, &[&format!("{schema}: OrderCreated.v1: "), error]);
    }
    let repository = Repository::new();
    repository.edit(schema, |schema| schema["unevaluatedProperties"] = json!(false));
    cannot_be_compared(&repository, &[schema, "keyword `unevaluatedProperties` at / cannot be compared"]);
    let repository = Repository::new();
    repository.write("contracts/schemas/created.json", "{}");
    repository
        .run(&CHECK)
        .prints(1, &["contracts/schemas/created.json: created: the file name must have the form Name.vN"]);
}

#[test]
fn a_deprecation_that_is_not_complete() {
    let cases = [
        (
            json!({ "deprecated": true, "x-sunset": "2027-03-31" }),
            "`x-superseded-by` or `x-retirement-reason` is missing",
        ),
        (
            json!({ "deprecated": true, "x-retirement-reason": "", "x-sunset": "2027-03-31" }),
            "`x-superseded-by` or `x-retirement-reason` is missing",
        ),
        (
            json!({ "deprecated": true, "x-superseded-by": "OrderCompleted.v1", "x-retirement-reason": "no use",
                "x-sunset": "2027-03-31" }),
            "it has both",
        ),
        (json!({ "deprecated": true, "x-superseded-by": "OrderCompleted.v1" }), "`x-sunset` is missing"),
        (json!({ "x-superseded-by": "OrderCompleted.v1", "x-sunset": "2027-03-31" }), "`deprecated` is missing"),
        (
            json!({ "deprecated": true, "x-superseded-by": "OrderCreated.v2", "x-sunset": "2027-03-31" }),
            "`x-superseded-by` names OrderCreated.v2, which has no schema in contracts/schemas",
        ),
        (
            json!({ "deprecated": true, "x-superseded-by": "OrderCompleted.v1", "x-sunset": "in spring" }),
            "`x-sunset` must be a date",
        ),
    ];
    for (end, error) in cases {
        let repository = Repository::new();
        repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| {
            schema.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
        });
        repository.run(&CHECK).prints(1, &["contracts/schemas/OrderCreated.v1.json: OrderCreated.v1: ", error]);
    }
}

#[test]
fn a_tree_that_cannot_be_read() {
    let repository = Repository::released();
    repository.write("contracts/schemas/OrderCreated.v1.json", "{ \"$id\": ");
    repository.run(&CHECK).prints(2, &["contracts/schemas/OrderCreated.v1.json: EOF while parsing a value at line 1"]);

    let repository = Repository::released();
    repository.write("contracts/samples/OrderCreated.json", "{}");
    repository.run(&CHECK).prints(2, &["contracts/samples/OrderCreated.json: the file name must be TYPE.NUMBER.json"]);

    let repository = Repository::released();
    repository.write("contracts/releases/1.1.0.json", "{ \"version\": \"1.1\" }");
    repository.run(&CHECK).prints(2, &["contracts/releases/1.1.0.json: `1.1` is not a version such as 1.2.0"]);

    let repository = Repository::released();
    std::fs::remove_dir_all(repository.path().join("contracts/schemas")).unwrap();
    for args in [&CHECK[..], &["who-breaks"], &["who-breaks", "OrderCreated.v1"], &["release", "1.0.1"]] {
        repository.run(args).prints(2, &["contracts/schemas: No such file or directory"]);
    }
}
