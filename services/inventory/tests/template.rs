//! The template has what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chassis::store::{DUE_AT, DUE_INDEX, DUE_SHARD, KEY};
use contracts::EventData;
use contracts::catalogue;
use contracts::declaration::Declaration;
use contracts::platform::EventProcessingFailed;
use inventory::inbound::Role;
use inventory::inbound::events::HANDLED;
use serde_yaml_ng::Value;

fn template() -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml")).unwrap();
    serde_yaml_ng::from_str(&text).unwrap()
}

/// What a role may do: its policies, as text.
fn allowed(role: &str) -> String {
    let policies = &template()["Resources"][role]["Properties"]["Policies"];
    serde_yaml_ng::to_string(policies).unwrap()
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<String> {
    list.as_sequence().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    let pattern = &template()["Resources"]["Rule"]["Properties"]["EventPattern"];
    assert_eq!(texts(&pattern["detail-type"]), HANDLED);
    let handled = catalogue::all().into_iter().filter(|entry| HANDLED.contains(&entry.event_type));
    let sources: BTreeSet<String> = handled.map(|entry| entry.source.to_owned()).collect();
    assert_eq!(BTreeSet::from_iter(texts(&pattern["source"])), sources);
}

/// By source, the types that the policies of all roles let out.
fn let_out() -> BTreeMap<String, BTreeSet<String>> {
    let puts_events = |statement: &&Value| format!("{:?}", statement["Action"]).contains("events:PutEvents");
    let mut let_out = BTreeMap::<String, BTreeSet<String>>::new();
    for resource in template()["Resources"].as_mapping().unwrap().values() {
        let policies = resource["Properties"]["Policies"].as_sequence().into_iter().flatten();
        let statements = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
        for statement in statements.filter(puts_events) {
            let on_aws = &statement["Condition"][1];
            let types = if let Some(one) = on_aws["StringEquals"]["events:detail-type"].as_str() {
                vec![one.to_owned()]
            } else {
                // Without this, a request that names no type would be let through.
                assert_eq!(on_aws["Null"]["events:detail-type"], "false");
                texts(&on_aws["ForAllValues:StringEquals"]["events:detail-type"])
            };
            let source = on_aws["StringEquals"]["events:source"].as_str().unwrap();
            let_out.entry(source.to_owned()).or_default().extend(types);
        }
    }
    let_out
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    let declaration = Declaration::parse(include_str!("../events.toml")).unwrap();
    let (reports, own) = declaration.produces.into_iter().partition(|name| name == EventProcessingFailed::TYPE);
    let platform = EventProcessingFailed::SOURCE.to_owned();
    assert_eq!(let_out(), BTreeMap::from([(declaration.source, own), (platform, reports)]));
}

#[test]
fn a_failed_record_does_not_fail_its_batch() {
    let functions = &template()["Resources"];
    for (function, source) in [("EventsFunction", "Queue"), ("RelayFunction", "Stream")] {
        let source = &functions[function]["Properties"]["Events"][source]["Properties"];
        assert_eq!(source["FunctionResponseTypes"][0], "ReportBatchItemFailures", "{function}");
    }
}

#[test]
fn the_queue_gives_up_when_the_consumer_does_and_waits_for_six_timeouts() {
    let template = template();
    let queue = &template["Resources"]["Queue"]["Properties"];
    let events = &template["Resources"]["EventsFunction"]["Properties"];
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], events["Environment"]["Variables"]["MAX_RECEIVES"]);
    let timeout = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout);
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    let template = template();
    let functions = template["Resources"].as_mapping().unwrap().values();
    let handlers = functions.filter_map(|it| it["Properties"]["Handler"].as_str()).collect::<Vec<_>>();
    assert_eq!(handlers, ["api", "events", "relay", "sweep"]);
    for handler in handlers {
        assert!(handler.parse::<Role>().is_ok(), "{handler}");
    }
}

#[test]
fn what_is_due_is_found_by_the_index_that_the_sweep_asks() {
    let table = &template()["Resources"]["ReservationsTable"]["Properties"];
    let index = &table["GlobalSecondaryIndexes"][0];
    assert_eq!((&index["IndexName"], &index["Projection"]["ProjectionType"]), (&DUE_INDEX.into(), &"KEYS_ONLY".into()));
    let keys = index["KeySchema"].as_sequence().unwrap().iter().map(|key| (&key["AttributeName"], &key["KeyType"]));
    assert!(keys.eq([(&DUE_SHARD.into(), &"HASH".into()), (&DUE_AT.into(), &"RANGE".into())]));
    let types = table["AttributeDefinitions"].as_sequence().unwrap().iter();
    let types = types.map(|it| (it["AttributeName"].as_str().unwrap(), it["AttributeType"].as_str().unwrap()));
    assert!(types.eq([(KEY, "S"), (DUE_SHARD, "S"), (DUE_AT, "N")]));
}

#[test]
fn the_sweep_comes_every_minute_and_its_failures_are_left_to_the_next() {
    let sweep = &template()["Resources"]["SweepFunction"]["Properties"];
    let schedule = &sweep["Events"]["Minute"]["Properties"];
    assert_eq!((&sweep["Timeout"], &schedule["Schedule"]), (&60.into(), &"rate(1 minute)".into()));
    assert_eq!(schedule["RetryPolicy"]["MaximumRetryAttempts"], 0);
    assert!(schedule["DeadLetterConfig"]["Arn"].as_str().unwrap().contains("/dead-letters/undeliverable/arn"));
    let allowed = allowed("SweepRole");
    for action in ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] {
        assert!(allowed.contains(action), "{action}");
    }
}

#[test]
fn what_is_parked_is_reported() {
    let template = template();
    let variables = &template["Resources"]["EventsFunction"]["Properties"]["Environment"]["Variables"];
    assert!(variables["BUS"].as_str().unwrap().contains("/bus/name"));
}
