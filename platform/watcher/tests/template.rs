//! The template does what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_yaml_ng::Value;

fn resource(name: &str) -> Value {
    let template: Value = serde_yaml_ng::from_str(include_str!("../template.yaml")).unwrap();
    template["Resources"][name]["Properties"].clone()
}

#[test]
fn the_rule_lets_everything_through_from_every_source() {
    let everything: Value = serde_yaml_ng::from_str("[{ prefix: '' }]").unwrap();
    let pattern = &resource("Rule")["EventPattern"];
    assert_eq!((&pattern["source"], &pattern["detail-type"]), (&everything, &everything));
}

#[test]
fn a_failed_record_does_not_fail_its_batch() {
    let source = &resource("EventsFunction")["Events"]["Queue"]["Properties"];
    assert_eq!(source["FunctionResponseTypes"][0], "ReportBatchItemFailures");
}

#[test]
fn the_queue_gives_up_when_the_function_does_and_waits_for_six_timeouts() {
    let template: Value = serde_yaml_ng::from_str(include_str!("../template.yaml")).unwrap();
    let (queue, events) = (resource("Queue"), resource("EventsFunction"));
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], events["Environment"]["Variables"]["MAX_RECEIVES"]);
    let timeout = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout);
}

#[test]
fn the_function_may_read_its_queue_and_nothing_else() {
    let policies = resource("EventsRole")["Policies"].clone();
    let statements = policies[0]["PolicyDocument"]["Statement"].as_sequence().unwrap();
    assert_eq!((policies.as_sequence().unwrap().len(), statements.len()), (1, 1));
    let actions = statements[0]["Action"].as_sequence().unwrap();
    assert!(actions.iter().all(|action| action.as_str().unwrap().starts_with("sqs:")), "{actions:?}");
}

#[test]
fn the_alarm_watches_the_metric_that_is_written() {
    let metric = watcher::report::metrics(&[watcher::inspection::Inspection::of("")], "local", 0).remove(0);
    let names = metric["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    let alarm = resource("ViolationsAlarm");
    assert!(names.iter().any(|written| written["Name"] == alarm["MetricName"].as_str().unwrap()));
    assert!(alarm["Dimensions"].is_null(), "the sum over all types");
}
