//! Function processes are killed in the middle of their work; nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
use futures::future::join_all;
use omsctl::client::Client;
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
    let timeouts = shorten_timeouts(&world).await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("killed", 500).await;
    let run = unique("killed");
    let placed = (0..ORDERS).map(|n| {
        let (request, key) = (Client::order_request(&[(&sku, 1, 500)], "pm_card_visa"), format!("{run}-{n}"));
        let client = &world.client;
        async move { place_with_retries(client, &key, &request).await }
    });
    let (accepted, killed) = tokio::join!(join_all(placed), kill_some(&world.client.system.stage));
    let mut orders = Vec::new();
    for order in &accepted {
        orders.push(follow_with_retries(&world.client, id(order)).await);
    }
    assert!(killed >= KILLS / 2, "only {killed} processes were killed");
    let stocked = BTreeMap::from([(sku, 500)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
    world.until_drained().await;
    restore_timeouts(&world, timeouts).await;
}

/// Shortens every queue's visibility timeout from minutes to five seconds, so that the messages of a dead process return
/// soon. Returns the former timeouts by queue URL.
pub async fn shorten_timeouts(world: &World) -> Vec<(String, String)> {
    let mut timeouts = Vec::new();
    for queue in world.client.system.services.values().filter_map(|service| service.queue.as_ref()) {
        let sqs = world.aws.sqs();
        let request = sqs.get_queue_attributes().queue_url(&queue.url).attribute_names(VisibilityTimeout);
        let mut attributes = request.send().await.unwrap().attributes.unwrap();
        timeouts.push((queue.url.clone(), attributes.remove(&VisibilityTimeout).unwrap()));
        set_timeout(world, &queue.url, "5").await;
    }
    timeouts
}

pub async fn restore_timeouts(world: &World, timeouts: Vec<(String, String)>) {
    for (queue, timeout) in timeouts {
        set_timeout(world, &queue, &timeout).await;
    }
}

async fn set_timeout(world: &World, queue: &str, seconds: &str) {
    let sqs = world.aws.sqs();
    let request = sqs.set_queue_attributes().queue_url(queue);
    request.attributes(VisibilityTimeout, seconds).send().await.unwrap();
}

/// Places an order; repeats the request with the same key until it is answered.
pub async fn place_with_retries(client: &Client, key: &str, request: &Value) -> Value {
    for _ in 0..50 {
        if let Ok(order) = client.place_order("ada", key, request).await {
            return order;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the order {key} was never accepted");
}

pub async fn follow_with_retries(client: &Client, order: &str) -> Value {
    for _ in 0..50 {
        if let Ok(order) = client.follow_order("ada", order, PATIENCE).await {
            return order;
        }
    }
    panic!("orders did not answer for {order}");
}

/// Kills bootstraps of the stage one by one, of any service and role.
async fn kill_some(stage: &str) -> usize {
    let mut killed = 0;
    for turn in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let running = bootstraps(stage);
        if let Some(pid) = running.get(turn * 7 % running.len().max(1)) {
            // A process that ended by itself meanwhile does not count.
            killed += usize::from(kill_process(*pid, Signal::KILL).is_ok());
        }
    }
    killed
}

/// The process ids of the stage's bootstraps, except the sandbox gateway's, which plays another company's service.
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
