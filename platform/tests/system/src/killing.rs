//! Processes die in the middle of their work; nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
use futures::future::join_all;
use omsctl::shop::Shop;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::invariants::{Account, id};
use crate::world::World;
use testkit::{Capture, PATIENCE, unique};

const ORDERS: usize = 40;
const KILLS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn killing_bootstraps_in_the_middle_loses_nothing() {
    let world = World::open().await;
    let timeouts = come_back_soon(&world).await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("killed", 500).await;
    let run = unique("killed");
    let placed = (0..ORDERS).map(|n| {
        let (basket, key) = (Shop::basket(&[(&sku, 1, 500)], "pm_card_visa"), format!("{run}-{n}"));
        let shop = &world.shop;
        async move { insist(shop, &key, &basket).await }
    });
    let (accepted, killed) = tokio::join!(join_all(placed), kill_some(&world.shop.system.stage));
    let mut orders = Vec::new();
    for order in &accepted {
        orders.push(followed(&world.shop, id(order)).await);
    }
    assert!(killed >= KILLS / 2, "only {killed} processes were killed");
    let stocked = BTreeMap::from([(sku, 500)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
    world.quiet().await;
    come_back_as_before(&world, timeouts).await;
}

/// What a dead process held comes back after the visibility timeout: minutes as deployed, five seconds here. Returns
/// what it was, by the queues' URLs.
pub async fn come_back_soon(world: &World) -> Vec<(String, String)> {
    let mut timeouts = Vec::new();
    for queue in world.shop.system.services.values().filter_map(|service| service.queue.as_ref()) {
        let sqs = world.aws.sqs();
        let request = sqs.get_queue_attributes().queue_url(&queue.url).attribute_names(VisibilityTimeout);
        let mut attributes = request.send().await.unwrap().attributes.unwrap();
        timeouts.push((queue.url.clone(), attributes.remove(&VisibilityTimeout).unwrap()));
        comes_back_after(world, &queue.url, "5").await;
    }
    timeouts
}

pub async fn come_back_as_before(world: &World, timeouts: Vec<(String, String)>) {
    for (queue, timeout) in timeouts {
        comes_back_after(world, &queue, &timeout).await;
    }
}

async fn comes_back_after(world: &World, queue: &str, seconds: &str) {
    let sqs = world.aws.sqs();
    let request = sqs.set_queue_attributes().queue_url(queue);
    request.attributes(VisibilityTimeout, seconds).send().await.unwrap();
}

/// A client repeats a request that was not answered, with the same key.
pub async fn insist(shop: &Shop, key: &str, basket: &Value) -> Value {
    for _ in 0..50 {
        if let Ok(order) = shop.order("ada", key, basket).await {
            return order;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the order {key} was never accepted");
}

pub async fn followed(shop: &Shop, order: &str) -> Value {
    for _ in 0..50 {
        if let Ok(order) = shop.follow("ada", order, PATIENCE).await {
            return order;
        }
    }
    panic!("{order} could not be looked at");
}

/// Kills one bootstrap of the stage after the other, of whatever service and role comes next.
async fn kill_some(stage: &str) -> usize {
    let mut killed = 0;
    for turn in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let running = bootstraps(stage);
        if let Some(pid) = running.get(turn * 7 % running.len().max(1)) {
            // One that has ended by itself meanwhile does not count.
            killed += usize::from(kill_process(*pid, Signal::KILL).is_ok());
        }
    }
    killed
}

/// The process ids of the stage's bootstraps, except the gateway's: a gateway is not ours to kill.
fn bootstraps(stage: &str) -> Vec<Pid> {
    let name = format!("AWS_LAMBDA_FUNCTION_NAME=oms-{stage}-");
    let ours = |pid: &String| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        environment.split('\0').any(|variable| variable.starts_with(&name) && !variable.contains("sandbox"))
    };
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let mut found: Vec<i32> = processes.filter(ours).filter_map(|name| name.parse().ok()).collect();
    found.sort_unstable();
    found.into_iter().filter_map(Pid::from_raw).collect()
}
