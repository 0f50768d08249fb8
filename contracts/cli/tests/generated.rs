//! The committed generated files are up to date, and contain what their readers need.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use contracts::catalogue::{self, Entry};
use contracts::declaration::{Declaration, Field, field};
use contracts::validate;
use contracts_cli::generate::{self, Language};
use contracts_cli::tree::consumers::Outside;
use contracts_cli::tree::{Declared, Release, Released};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A language with three releases, a deprecated type, its producer and its consumer.
fn language() -> Language {
    let mut entries: Vec<Entry> = catalogue::all();
    let old = entries.iter_mut().find(|entry| entry.event_type == "OrderCreated.v1").unwrap();
    old.schema["deprecated"] = json!(true);
    old.schema["x-superseded-by"] = json!("OrderCreated.v2");
    old.schema["x-sunset"] = json!("2027-03-31");
    let services = [
        "service = \"orders\"\nsource = \"oms.orders\"\nproduces = [\"OrderCreated.v1\"]",
        "service = \"inventory\"\nsource = \"oms.inventory\"\nenvelope = [\"/id\"]\nenvelope_if_present = [\"/traceparent\"]\n[consumes.\"OrderCreated.v1\"]\nreads = [\"/data/orderId\"]\nreads_if_present = [\"/data/lines/*/sku\"]",
    ];
    let published: BTreeMap<String, Value> =
        entries.iter().map(|entry| (entry.event_type.to_owned(), entry.schema.clone())).collect();
    Language {
        declarations: services.map(declared).into(),
        releases: vec![
            release("1.0.0", &["OrderCreated.v1"], 0),
            release("1.1.0", &["OrderCreated.v1", "StockAdjusted.v1"], 1),
            release("1.2.0", &["OrderCreated.v1", "StockAdjusted.v1"], 1),
        ],
        published,
        entries,
    }
}

fn declared(text: &str) -> (String, Declared) {
    let declaration = Declaration::parse(text).unwrap();
    (declaration.service.clone(), Declared { path: "events.toml".into(), declaration, outside: None })
}

fn release(version: &str, types: &[&str], minor: u32) -> Release {
    let released = Released { minor, schema: String::new(), samples: Vec::new(), golden: Vec::new() };
    Release {
        version: version.to_owned().try_into().unwrap(),
        released: "2026-11-23".into(),
        accepted: Vec::new(),
        types: types.iter().map(|event_type| ((*event_type).to_owned(), released.clone())).collect(),
    }
}

fn generated(path: &str) -> String {
    generate::documents(&language()).remove(Path::new(path)).unwrap()
}

fn asyncapi() -> Value {
    serde_json::from_str(&generated("contracts/asyncapi.json")).unwrap()
}

#[test]
fn the_committed_files_are_up_to_date() {
    let stale = generate::stale(&root()).unwrap();
    assert!(stale.is_empty(), "stale, run `{}`: {stale:?}", generate::COMMAND);
}

#[test]
fn a_stale_a_missing_and_a_left_over_file_are_reported() {
    let tree = tempfile::tempdir().unwrap();
    for folder in ["contracts", "docs", "services"] {
        fs::create_dir(tree.path().join(folder)).unwrap();
    }
    assert!(fs::metadata(tree.path().join("contracts/schemas")).is_err());
    generate::write(tree.path(), catalogue::all()).unwrap();
    assert_eq!(generate::stale(tree.path()).unwrap(), Vec::<PathBuf>::new());

    fs::write(tree.path().join("contracts/template.yaml"), "edited by hand").unwrap();
    fs::remove_file(tree.path().join("contracts/samples/OrderCreated.v1.1.json")).unwrap();
    fs::write(tree.path().join("contracts/schemas/Gone.v1.json"), "{}").unwrap();
    let named =
        ["contracts/samples/OrderCreated.v1.1.json", "contracts/template.yaml", "contracts/schemas/Gone.v1.json"];
    assert_eq!(generate::stale(tree.path()).unwrap(), named.map(PathBuf::from));

    generate::write(tree.path(), catalogue::all()).unwrap();
    assert_eq!(generate::stale(tree.path()).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn every_schema_and_every_property_at_every_depth_is_described() {
    for entry in catalogue::all() {
        for keyword in ["$id", "title", "description", "examples"] {
            assert!(!entry.schema[keyword].is_null(), "{} has no {keyword}", entry.event_type);
        }
        for field in field::of_schema(&entry.schema) {
            let text = field::describe(&entry.schema, &field).and_then(|part| part["description"].as_str());
            assert!(text.is_some_and(|text| text.ends_with('.')), "{} {field}: {text:?}", entry.event_type);
        }
        for (name, definition) in entry.schema["$defs"].as_object().unwrap() {
            assert!(definition["description"].is_string(), "{} {name}", entry.event_type);
            for value in definition["oneOf"].as_array().into_iter().flatten() {
                assert!(value["description"].is_string(), "{} {name} {value}", entry.event_type);
            }
        }
    }
}

#[test]
fn every_amount_of_money_has_its_unit() {
    let mut amounts = 0;
    for entry in catalogue::all() {
        for field in field::of_schema(&entry.schema) {
            let name = field.as_str().rsplit('/').next().unwrap().to_lowercase();
            if !["amount", "total", "price"].iter().any(|word| name.ends_with(word)) {
                continue;
            }
            let part = field::describe(&entry.schema, &field).unwrap();
            assert_eq!(part["type"], "integer", "{} {field}", entry.event_type);
            let text = part["description"].as_str().unwrap();
            assert!(text.contains("in minor units of"), "{} {field}: {text}", entry.event_type);
            amounts += 1;
        }
    }
    assert!(amounts >= 7, "{amounts}");
}

#[test]
fn samples_have_every_value_of_an_enumeration_and_every_optional_field_present_and_absent() {
    for entry in catalogue::all() {
        for field in field::of_schema(&entry.schema).into_iter().filter(|field| field.as_str().starts_with("/data/")) {
            let part = field::describe(&entry.schema, &field).unwrap();
            let values = field::resolved(&entry.schema, part)["oneOf"].as_array().cloned().unwrap_or_default();
            let shown: BTreeSet<String> =
                entry.samples.iter().filter_map(|it| Some(it.pointer(field.as_str())?.to_string())).collect();
            for value in values {
                assert!(
                    shown.contains(&value["const"].to_string()),
                    "no sample of {} has {field} {}",
                    entry.event_type,
                    value["const"]
                );
            }
            if is_optional(&entry.schema, &field) {
                let there = entry.samples.iter().filter(|sample| sample.pointer(field.as_str()).is_some()).count();
                assert!(
                    (1..entry.samples.len()).contains(&there),
                    "{} {field} is in {there} samples",
                    entry.event_type
                );
            }
        }
    }
}

fn is_optional(schema: &Value, field: &Field) -> bool {
    let (parent, name) = field.as_str().rsplit_once('/').unwrap();
    let parent = Field::try_from(parent.to_owned()).unwrap();
    let object = field::resolved(schema, field::describe(schema, &parent).unwrap());
    object["required"].as_array().is_some_and(|required| !required.contains(&json!(name)))
}

#[test]
fn asyncapi_references_exist_and_have_no_siblings() {
    let document = asyncapi();
    let mut found = 0;
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target}");
            assert_eq!(value.as_object().unwrap().len(), 1, "next to {target}");
            found += 1;
        }
        left.extend(value.as_array().into_iter().flatten());
        left.extend(value.as_object().into_iter().flat_map(|object| object.values()));
    }
    assert!(found > 3 * catalogue::all().len(), "{found}");
}

#[test]
fn asyncapi_names_publishers_consumers_and_their_queues() {
    let document = asyncapi();
    assert_eq!(document["operations"].as_object().unwrap().len(), 2);
    assert_eq!(document["operations"]["orders.publishes.OrderCreated.v1"]["action"], "send");
    let consumes = &document["operations"]["inventory.consumes.OrderCreated.v1"];
    assert_eq!(consumes["action"], "receive");
    assert_eq!(consumes["bindings"]["sqs"]["queues"][0]["name"], "oms-{stage}-inventory");
    assert_eq!(consumes["summary"], "inventory reads `/data/orderId`, `/data/lines/*/sku`.");
    let message = &document["components"]["messages"]["OrderCreated.v1"];
    assert!(message["tags"].as_array().unwrap().contains(&json!({ "name": "deprecated" })));
    assert!(
        message["description"]
            .as_str()
            .unwrap()
            .starts_with("**Deprecated**: use OrderCreated.v2. Its producer may stop from 2027-03-31 on.")
    );
    assert_eq!(document["info"]["version"], "1.2.0");
}

#[test]
fn asyncapi_payloads_accept_every_example_and_refuse_it_without_a_required_attribute() {
    let document = asyncapi();
    for entry in catalogue::all() {
        let mut schema = document["components"]["schemas"][entry.event_type].clone();
        schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
        schema["components"] = document["components"].clone();
        let validator = validate::validator(&schema).unwrap();
        let examples = document["components"]["messages"][entry.event_type]["examples"].as_array().unwrap();
        assert_eq!(examples.len(), entry.samples.len());
        for example in examples {
            assert_eq!(validate::violations(&validator, &example["payload"]), [], "{}", example["name"]);
            let mut event = example["payload"].clone();
            event["data"].as_object_mut().unwrap().clear();
            assert!(!validator.is_valid(&event), "{}", example["name"]);
        }
    }
}

#[test]
fn the_page_names_producer_consumers_first_release_and_end_of_a_type() {
    let page = generated("docs/message-schemas.md");
    let section = |event_type: &str| {
        let (_, rest) = page.split_once(&format!("\n### {event_type}\n")).unwrap();
        rest.split_once("\n### ").map_or(rest, |(own, _)| own).to_owned()
    };
    let created = section("OrderCreated.v1");
    for wanted in [
        "Published by [orders](../services/orders) · since 1.0.0 ·",
        "**Deprecated**: use OrderCreated.v2. Its producer may stop from 2027-03-31 on.",
        "| `/data/lines/*/unitPrice` | integer, at least 0 | yes | Price of one piece, in minor units of the order's currency. |",
        "| [inventory](../services/inventory) | `/data/orderId` | `/data/lines/*/sku` |\n",
    ] {
        assert!(created.contains(wanted), "no {wanted} in {created}");
    }
    assert!(section("StockAdjusted.v1").contains("· since 1.1.0 ·"));
    assert!(section("OrderCompleted.v1").contains("Published by no service · unreleased ·"));
    assert!(section("PaymentAttemptFailed.v1").contains("| `/data/nextAttemptAt` | time | no |"));
    assert!(page.contains("| [inventory](../services/inventory) | `/id` | `/traceparent` |\n"));
    assert!(page.contains("    OrderCreated_v1 --> consumes_inventory([inventory])\n"));
}

#[test]
fn a_type_that_nothing_replaces_says_why() {
    let mut language = language();
    let old = language.entries[0].schema.as_object_mut().unwrap();
    old.remove("x-superseded-by");
    old.insert("x-retirement-reason".into(), json!("orders are no longer created"));
    let end = "**Deprecated**: nothing replaces it, because orders are no longer created. \
               Its producer may stop from 2027-03-31 on.";
    for (path, document) in generate::documents(&language) {
        assert_eq!(document.contains(end), path.extension().unwrap() != "yaml", "{}", path.display());
    }
}

#[test]
fn a_consumer_outside_this_repository_is_listed_with_its_contact() {
    let mut language = language();
    let text = "service = \"loyalty\"\nsource = \"\"\n[consumes.\"OrderCreated.v1\"]\nreads = [\"/data/total\"]";
    let (name, mut loyalty) = declared(text);
    let url = Some("https://example.org/loyalty/events.toml".to_owned());
    loyalty.outside = Some(Outside { contact: "loyalty@example.org".into(), url });
    language.declarations.insert(name, loyalty);
    let documents = generate::documents(&language);
    let page = &documents[Path::new("docs/message-schemas.md")];
    let link = "[loyalty](../contracts/consumers/loyalty.toml)";
    for wanted in [
        &format!("| {link} | loyalty@example.org | [declaration](https://example.org/loyalty/events.toml) |\n"),
        &format!("| {link} | `/data/total` |  |\n"),
        "| orders | inventory, loyalty | 1.0.0 |\n",
        "    OrderCreated_v1 --> consumes_loyalty([loyalty])\n",
    ] {
        assert!(page.contains(wanted), "no {wanted} in {page}");
    }
    assert!(!generated("docs/message-schemas.md").contains("## Consumers outside"));
    let asyncapi: Value = serde_json::from_str(&documents[Path::new("contracts/asyncapi.json")]).unwrap();
    let consumes = &asyncapi["operations"]["loyalty.consumes.OrderCreated.v1"];
    assert_eq!((&consumes["action"], consumes.get("bindings")), (&json!("receive"), None));
    assert!(asyncapi["info"]["tags"].to_string().contains("outside this repository. Contact: loyalty@example.org."));
}

#[test]
fn the_page_links_to_headings_and_files_that_exist() {
    let page = generated("docs/message-schemas.md");
    let plain = |heading: &str| heading.to_lowercase().replace('.', "").replace(' ', "-");
    let headings: BTreeSet<String> =
        page.lines().filter_map(|line| Some(plain(line.trim_start_matches('#').strip_prefix(' ')?))).collect();
    let links: BTreeSet<&str> = page.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
    assert!(links.len() > catalogue::all().len());
    for link in links.into_iter().filter(|link| !link.starts_with("https://") && !link.ends_with("/releases")) {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(headings.contains(anchor), "{link}"),
            None => assert!(root().join("docs").join(link).exists(), "{link}"),
        }
    }
}

#[test]
fn the_registry_contains_the_last_release_and_its_version() {
    let template = generated("contracts/template.yaml");
    assert_eq!(template.matches("Type: AWS::EventSchemas::Schema\n").count(), language().published.len());
    for wanted in [
        "  OrderCreatedV1:\n    Type: AWS::EventSchemas::Schema\n    Condition: OnAws\n",
        "      SchemaName: oms.orders@OrderCreated.v1\n",
        "      Tags: [{ Key: release, Value: 1.1.0 }, { Key: version, Value: OrderCreated.v1.1 }]\n",
        "Name: !Sub '/oms/${Stage}/contracts/version', Value: 1.2.0 }",
    ] {
        assert!(template.contains(wanted), "no {wanted}");
    }
    assert_eq!(template.matches("Condition: OnAws\n").count(), language().published.len() + 2);

    let unreleased = Language { releases: Vec::new(), published: BTreeMap::new(), ..language() };
    let template = generate::documents(&unreleased).remove(Path::new("contracts/template.yaml")).unwrap();
    assert!(template.contains("Value: unreleased }") && !template.contains("::Schema\n"));
}

#[test]
fn a_language_that_differs_from_its_release_is_marked_unreleased() {
    let mut changed = language();
    assert_eq!(changed.version(), "1.2.0");
    changed.entries[1].schema["description"] = json!("A better description.");
    assert_eq!(changed.version(), "1.2.0+unreleased");
}
