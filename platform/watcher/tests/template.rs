//! The template does what the code relies on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_yaml_ng::Value;

fn resource(name: &str) -> Value {
    let template: Value = serde_yaml_ng::from_str(include_str!("../template.yaml")).unwrap();
    template["Resources"][name]["Properties"].clone()
}

#[test]
fn the_rule_lets_everything_through_whoever_says_it() {
    let everything: Value = serde_yaml_ng::from_str("[{ prefix: '' }]").unwrap();
    let pattern = &resource("Rule")["EventPattern"];
    assert_eq!((&pattern["source"], &pattern["detail-type"]), (&everything, &everything));
}

#[test]
fn the_alarm_watches_the_metric_that_is_written() {
    let metric = watcher::report::metrics(&[watcher::seen::Seen::of("")], "local", 0).remove(0);
    let names = metric["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    let alarm = resource("ViolationsAlarm");
    assert!(names.iter().any(|written| written["Name"] == alarm["MetricName"].as_str().unwrap()));
    assert!(alarm["Dimensions"].is_null(), "the sum over all types");
}
