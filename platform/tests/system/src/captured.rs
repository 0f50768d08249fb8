//! Saves one event of each type from the bus, for the tests of consumers in other languages.

use std::fs;

use contracts::catalogue;
use omsctl::client::Client;
use omsctl::repository::Repository;
use serde_json::Value;
use testkit::{Capture, PATIENCE, delivered, eventually, unique};

use crate::invariants::id;
use crate::refunds::paid_and_cancelled;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_the_catalogue_is_published_and_one_event_of_each_is_saved() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("captured", 20).await;
    everything_happens(&world, &capture, &sku).await;
    let mut captured = Vec::new();
    for entry in catalogue::all() {
        let of_it = || capture.events().into_iter().find(|event| event["type"] == entry.event_type);
        eventually(&format!("a service publishes {}", entry.event_type), || async { of_it().is_some() }).await;
        captured.push(of_it().unwrap());
    }
    save(&captured);
    world.until_drained().await;
}

/// Places one order for each way in which an order can end.
async fn everything_happens(world: &World, capture: &Capture, sku: &str) {
    paid_and_cancelled(world, capture, sku, "pm_card_visa").await;
    paid_and_cancelled(world, capture, sku, "pm_sandbox_refund_refused").await;
    let voided = world.place_order(sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&voided, &["RETRYING"]).await;
    world.cancel("ada", &voided, "CUSTOMER").await;
    world.place_order(sku, "pm_card_chargeDeclined").await;
    let beyond = Client::order_request(&[(sku, 21, 900)], "pm_card_visa");
    world.client.place_order("ada", &unique("beyond"), &beyond).await.unwrap();
    // Bob has no contact address, so his notification fails.
    let request = Client::order_request(&[(sku, 1, 900)], "pm_card_visa");
    let order = world.client.place_order("bob", &unique("no-address"), &request).await.unwrap();
    world.client.follow_order("bob", id(&order), PATIENCE).await.unwrap();
    let mut invalid = capture.wait_for(id(&order), "InventoryReserved.v1").await;
    invalid["data"].as_object_mut().unwrap().remove("expiresAt");
    world.stage.enqueue("orders", &[delivered(&invalid)]).await;
    let dead_letter = world.dead_letter("orders", |it| it.subject.as_deref() == Some(id(&order))).await;
    world.discard("orders", &dead_letter).await;
}

/// Writes each event to a file of its own, and removes the files of an earlier run.
fn save(events: &[Value]) {
    let folder = Repository::find().unwrap().oms("captured");
    fs::remove_dir_all(&folder).or_else(|_| fs::create_dir_all(&folder)).unwrap();
    fs::create_dir_all(&folder).unwrap();
    for event in events {
        let file = folder.join(format!("{}.json", event["type"].as_str().unwrap()));
        fs::write(file, serde_json::to_string_pretty(event).unwrap() + "\n").unwrap();
    }
}
