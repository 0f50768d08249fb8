//! The template does what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::Path;

use notifications::domain::delivery::LEASE;
use notifications::inbound::events::{HANDLED, LOOK_AGAIN};
use serde_yaml_ng::Value;

fn template() -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml")).unwrap();
    serde_yaml_ng::from_str(&text).unwrap()
}

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    let pattern = &template()["Resources"]["Rule"]["Properties"]["EventPattern"];
    let routed: Vec<&str> = pattern["detail-type"].as_sequence().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(routed, HANDLED);
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
