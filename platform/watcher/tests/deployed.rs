//! The watcher on a stage: what is put on the bus is inspected, and what is wrong with it is in the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::Client as Logs;
use aws_sdk_eventbridge::Client as Bus;
use aws_sdk_eventbridge::types::PutEventsRequestEntry as Entry;
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Stage, eventually, unique};

/// An order's event that no other test and no other run puts on the bus.
fn event(correlation: &str) -> Value {
    let id = contracts::event_id("oms.orders", correlation, 1);
    testkit::event(&sample("OrderCompleted.v1"), &[("/id", json!(id)), ("/correlationid", json!(correlation))])
}

async fn put(stage: &Stage, detail_type: &str, source: &str, event: &Value) {
    let entry = Entry::builder().event_bus_name(stage.bus()).detail_type(detail_type).source(source);
    let request = Bus::new(stage.aws()).put_events().entries(entry.detail(event.to_string()).build());
    assert_eq!(request.send().await.unwrap().failed_entry_count(), 0);
}

/// Every JSON line that the watcher has written.
async fn lines(stage: &Stage) -> Vec<Value> {
    let logs = Logs::new(stage.aws());
    let group = format!("/aws/lambda/{}-watcher-events", stage.bus());
    let mut pages = logs.filter_log_events().log_group_name(group).into_paginator().send();
    let mut lines = Vec::new();
    // there is no log group before the first invocation
    while let Some(Ok(page)) = pages.next().await {
        let messages = page.events().iter().filter_map(|event| event.message());
        lines.extend(messages.filter_map(|message| serde_json::from_str::<Value>(message).ok()));
    }
    lines
}

/// How often an event type was seen, and how often it was wrong.
fn counted(lines: &[Value], event_type: &str) -> (u64, u64) {
    let metrics = || lines.iter().filter(|line| line["EventType"] == event_type && !line["_aws"].is_null());
    let sum = |name: &str| metrics().filter_map(|line| line[name].as_u64()).sum();
    (sum("EventsWatched"), sum("ContractViolations"))
}

/// The warnings about the events of one saga: type and violations of each. The bus may deliver an event more than once.
fn warned<'a>(lines: &'a [Value], correlation: &str) -> BTreeSet<(&'a str, &'a str)> {
    let of_saga = |line: &&Value| line["level"] == "WARN" && line["correlation_id"] == correlation;
    let text = |line: &'a Value, name: &str| line[name].as_str().unwrap();
    lines.iter().filter(of_saga).map(|line| (text(line, "event_type"), text(line, "violations"))).collect()
}

#[tokio::test]
async fn what_is_wrong_on_the_bus_is_reported_and_what_is_right_is_counted() {
    let stage = Stage::from_env().await;
    let (right, wrong) = (unique("cor"), unique("cor"));
    let (good, suspect) = (event(&right), event(&wrong));
    let (mut broken, mut unpublished) = (suspect.clone(), suspect.clone());
    broken["data"]["total"] = json!("canary@example.com");
    unpublished["type"] = json!("OrderVanished.v1");

    let types = ["OrderCompleted.v1", "OrderVanished.v1", "unreadable"];
    let earlier = lines(&stage).await;
    let before = types.map(|event_type| counted(&earlier, event_type));
    put(&stage, "OrderCompleted.v1", "oms.orders", &good).await;
    put(&stage, "OrderCompleted.v1", "oms.orders", &broken).await;
    put(&stage, "OrderVanished.v1", "oms.orders", &unpublished).await;
    put(&stage, "OrderCreated.v1", "oms.orders", &suspect).await;
    put(&stage, "Hello", "somebody.else", &json!({ "no": "event" })).await;

    eventually("the watcher has inspected everything", async || {
        let lines = lines(&stage).await;
        let seen = types.map(|event_type| counted(&lines, event_type));
        let more = |n: usize, all: u64, wrong: u64| seen[n].0 >= before[n].0 + all && seen[n].1 >= before[n].1 + wrong;
        more(0, 3, 2) && more(1, 1, 1) && more(2, 1, 1)
    })
    .await;
    let lines = lines(&stage).await;
    let expected = [
        ("OrderCompleted.v1", "/data/total type"),
        ("OrderCompleted.v1", "mislabelled detail-type"),
        ("OrderVanished.v1", "unpublished"),
    ];
    assert_eq!(warned(&lines, &wrong), BTreeSet::from(expected));
    assert_eq!(warned(&lines, &right), BTreeSet::new(), "it breaks no rule");
    assert!(!format!("{lines:?}").contains("canary"));
}
