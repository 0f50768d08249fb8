//! What must hold for every stage after all other tests; `just test-deployed` runs these tests last.

use std::collections::BTreeSet;

use omsctl::package::WATCHER;
use serde_json::Value;
use testkit::eventually;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn every_message_was_handled_and_none_is_a_dead_letter() {
    for world in World::every().await {
        world.until_drained().await;
    }
}

/// I7 for every event of the whole run, checked by the watcher instead of the tests.
#[tokio::test(flavor = "multi_thread")]
async fn the_watcher_saw_every_published_event_and_no_violation() {
    for world in World::every().await {
        let published = published(&world).await;
        assert!(!published.is_empty(), "nothing was published");
        eventually(&format!("the watcher has seen {} events", published.len()), || async {
            sum(&watched(&world).await, "EventsWatched") >= published.len() as u64
        })
        .await;
        let violations = watched(&world).await.into_iter().filter(|line| line["ContractViolations"] != 0);
        assert_eq!(violations.collect::<Vec<_>>(), Vec::<Value>::new(), "{}", world.client.system.stage);
    }
}

/// The ids of the events that the relays logged as published.
async fn published(world: &World) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for relay in world.client.system.services.values().filter_map(|service| service.functions.get("relay")) {
        let lines = logged(world, relay).await;
        let published = lines.into_iter().filter(|line| line["message"] == "event published");
        ids.extend(published.map(|line| line["event_id"].as_str().unwrap().to_owned()));
    }
    ids
}

/// The watcher's metrics: one line for each type in each batch.
async fn watched(world: &World) -> Vec<Value> {
    let lines = logged(world, world.client.system.function(WATCHER, "events").unwrap()).await;
    lines.into_iter().filter(|line| line["EventsWatched"].is_u64()).collect()
}

fn sum(lines: &[Value], metric: &str) -> u64 {
    lines.iter().map(|line| line[metric].as_u64().unwrap()).sum()
}

/// Every JSON line of a function, even if it was logged twice in a millisecond.
async fn logged(world: &World, function: &str) -> Vec<Value> {
    let request = world.aws.logs().filter_log_events().log_group_name(format!("/aws/lambda/{function}"));
    let mut pages = request.into_paginator().send();
    let mut lines = Vec::new();
    while let Some(page) = pages.next().await {
        let messages = page.unwrap().events.unwrap_or_default().into_iter().filter_map(|event| event.message);
        lines.extend(messages.filter_map(|text| serde_json::from_str::<Value>(&text).ok()));
    }
    lines
}
