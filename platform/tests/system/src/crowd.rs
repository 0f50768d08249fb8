//! Many orders at once for few skus.

use std::collections::BTreeMap;

use futures::future::join_all;
use omsctl::client::Client;

use crate::invariants::{Account, id};
use crate::killing::place_with_retries;
use crate::world::World;
use testkit::{Capture, PATIENCE, unique};

const ORDERS: usize = 120;
/// Two thirds of the orders want each sku, so the stock of the first two does not suffice.
const STOCKED: [(&str, i64); 3] = [("crowd-a", 36), ("crowd-b", 54), ("crowd-c", 300)];

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_orders_at_once_neither_oversells_nor_loses_anything() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let mut stocked = BTreeMap::new();
    for (sku, pieces) in STOCKED {
        stocked.insert(world.stock_sku(sku, pieces).await, pieces);
    }
    let skus: Vec<&String> = stocked.keys().collect();
    let run = unique("crowd");
    let placed = (0..ORDERS).map(|n| {
        let lines = [(skus[n % 3].as_str(), 1, 500), (skus[(n + 1) % 3].as_str(), 1, 700)];
        let method = if n % 10 == 9 { "pm_card_chargeDeclined" } else { "pm_card_visa" };
        let (request, key) = (Client::order_request(&lines, method), format!("{run}-{n}"));
        let client = &world.client;
        // An emulator that is asked so much at once may take longer than a call may: the client is told to ask again.
        async move { place_with_retries(client, &key, &request).await }
    });
    let mut orders = Vec::new();
    // One after the other: polling for all at once would be another test.
    for accepted in join_all(placed).await {
        orders.push(world.client.follow_order("ada", id(&accepted), PATIENCE).await.unwrap());
    }
    let count = |status: &str| orders.iter().filter(|order| order["status"] == status).count();
    assert!(count("COMPLETED") > 0 && count("REJECTED") > 0, "{} {}", count("COMPLETED"), count("REJECTED"));
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_two_orders_for_the_last_unit() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("last", 1).await;
    let buyers = ["ada", "ada"].map(|buyer| {
        let (client, request, key) =
            (&world.client, Client::order_request(&[(&sku, 1, 900)], "pm_card_visa"), unique(buyer));
        async move {
            let accepted = client.place_order(buyer, &key, &request).await.unwrap();
            client.follow_order(buyer, id(&accepted), PATIENCE).await.unwrap()
        }
    });
    let orders = join_all(buyers).await;
    let mut ends: Vec<&str> = orders.iter().map(|order| order["status"].as_str().unwrap()).collect();
    ends.sort_unstable();
    assert_eq!(ends, ["COMPLETED", "REJECTED"]);
    let stocked = BTreeMap::from([(sku, 1)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
}
