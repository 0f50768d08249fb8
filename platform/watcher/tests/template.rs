//! The template does what the code relies on.

use serde_yaml_ng::Value;
use testkit::template::Template;
use watcher::inspection::Inspection;

fn template() -> Template {
    Template::read(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_rule_lets_everything_through_from_every_source() {
    let everything: Value = serde_yaml_ng::from_str("[{ prefix: '' }]").unwrap();
    let template = template();
    let pattern = &template.resource("Rule")["EventPattern"];
    assert_eq!((&pattern["source"], &pattern["detail-type"]), (&everything, &everything));
}

#[test]
fn the_function_may_read_its_queue_and_nothing_else() {
    let template = template();
    let policies = template.resource("EventsRole")["Policies"].as_sequence().unwrap();
    let statements = policies[0]["PolicyDocument"]["Statement"].as_sequence().unwrap();
    assert_eq!((policies.len(), statements.len()), (1, 1));
    let actions = statements[0]["Action"].as_sequence().unwrap();
    assert!(actions.iter().all(|action| action.as_str().unwrap().starts_with("sqs:")), "{actions:?}");
}

#[test]
fn the_alarm_watches_the_metric_that_is_written() {
    let metric = watcher::report::metrics(&[Inspection::of("")], "local", 0).remove(0);
    let names = metric["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    let template = template();
    let alarm = template.resource("ViolationsAlarm");
    assert!(names.iter().any(|written| written["Name"] == alarm["MetricName"].as_str().unwrap()));
    assert!(alarm["Dimensions"].is_null(), "the sum over all types");
}
