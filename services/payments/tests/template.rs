//! The template does what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chassis::store::{DUE_AT, DUE_INDEX, DUE_SHARD};
use contracts::EventData;
use contracts::catalogue;
use contracts::declaration::Declaration;
use contracts::platform::EventProcessingFailed;
use payments::inbound::events::HANDLED;
use serde_yaml_ng::Value;

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_yaml_ng::from_str(&text).unwrap()
}

fn template() -> Value {
    yaml("template.yaml")
}

/// A number or a reference as text: a variable of the environment is one.
fn text(value: &Value) -> String {
    serde_yaml_ng::to_string(value).unwrap().trim().trim_matches('\'').to_owned()
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<String> {
    list.as_sequence().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    let pattern = &template()["Resources"]["Rule"]["Properties"]["EventPattern"];
    assert_eq!(BTreeSet::from_iter(texts(&pattern["detail-type"])), HANDLED.map(str::to_owned).into());
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
    for (function, source) in
        [("EventsFunction", "Queue"), ("DeadLettersFunction", "Queue"), ("RelayFunction", "Stream")]
    {
        let source = &functions[function]["Properties"]["Events"][source]["Properties"];
        assert_eq!(source["FunctionResponseTypes"][0], "ReportBatchItemFailures", "{function}");
    }
}

#[test]
fn the_sweep_finds_what_is_due_and_comes_every_minute() {
    let resources = &template()["Resources"];
    let index = &resources["Table"]["Properties"]["GlobalSecondaryIndexes"][0];
    let keys = index["KeySchema"].as_sequence().unwrap().iter().map(|key| key["AttributeName"].as_str().unwrap());
    assert_eq!((index["IndexName"].as_str(), keys.collect::<Vec<_>>()), (Some(DUE_INDEX), vec![DUE_SHARD, DUE_AT]));
    let schedule = &resources["SweepFunction"]["Properties"]["Events"]["Minute"]["Properties"];
    assert_eq!(schedule["Schedule"], "rate(1 minute)");
    assert_eq!(schedule["RetryPolicy"]["MaximumRetryAttempts"], 0);
    assert!(!schedule["DeadLetterConfig"]["Arn"].is_null());
}

#[test]
fn only_dead_letters_that_stay_are_reported() {
    let resources = &template()["Resources"];
    let reports = |function: &str| !resources[function]["Properties"]["Environment"]["Variables"]["BUS"].is_null();
    assert_eq!((reports("EventsFunction"), reports("DeadLettersFunction")), (false, true));
}

#[test]
fn the_queue_gives_up_when_its_consumer_does_and_waits_for_six_timeouts() {
    // Its dead-letter queue is the platform's: there the lint compares the same.
    let template = template();
    let queue = &template["Resources"]["Queue"]["Properties"];
    let function = &template["Resources"]["EventsFunction"]["Properties"];
    let consumer = &function["Environment"]["Variables"]["MAX_RECEIVES"];
    assert_eq!(text(&queue["RedrivePolicy"]["maxReceiveCount"]), text(consumer));
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * function["Timeout"].as_u64().unwrap());
}

#[test]
fn a_function_has_time_for_the_calls_that_one_message_makes() {
    let template = template();
    let timeout = template["Parameters"]["GatewayTimeoutMs"]["Default"].as_u64().unwrap();
    // A call that runs into its timeout is the last one. The sweep takes several orders, one after the other's time.
    for (function, calls) in
        [("EventsFunction", 4), ("DeadLettersFunction", 2), ("ApiFunction", 2), ("SweepFunction", 2)]
    {
        let given = template["Resources"][function]["Properties"]["Timeout"].as_u64().unwrap() * 1_000;
        assert!(given >= calls * timeout + 2_000, "{function}");
    }
}
