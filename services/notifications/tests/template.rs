//! The template does what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use contracts::EventData;
use contracts::catalogue;
use contracts::declaration::Declaration;
use contracts::platform::EventProcessingFailed;
use notifications::application::apply_event::LOOK_AGAIN;
use notifications::domain::delivery::LEASE;
use notifications::inbound::events::HANDLED;
use serde_yaml_ng::Value;

fn template() -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml")).unwrap();
    serde_yaml_ng::from_str(&text).unwrap()
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
fn a_claim_outlasts_the_function_that_made_it() {
    let timeout = template()["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    assert!(LEASE.as_secs() > timeout);
}

#[test]
fn who_waits_for_a_claim_looks_again_after_its_end() {
    let receives = template()["Parameters"]["MaxReceives"]["MinValue"].as_u64().unwrap();
    assert!((receives - 1) * LOOK_AGAIN.as_secs() >= LEASE.as_secs().unsigned_abs());
}

#[test]
fn nothing_streams_addresses_out_of_their_table() {
    let resources = &template()["Resources"];
    assert!(resources["Contacts"]["Properties"].get("StreamSpecification").is_none());
    let text = |name: &str| serde_yaml_ng::to_string(&resources[name]).unwrap();
    assert!(!text("RelayRole").contains("Contacts") && text("ApiRole").contains("Contacts"));
}
