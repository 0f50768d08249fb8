//! An event of each type as it travels on the bus, kept for those who want to try a consumer in another language.

use std::fs;

use contracts::catalogue;
use omsctl::repository::Repository;
use omsctl::shop::Shop;
use serde_json::Value;
use testkit::{Capture, PATIENCE, eventually, unique};

use crate::invariants::id;
use crate::refunds::paid_and_cancelled;
use crate::staging::delivered;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_the_catalogue_is_said_and_one_event_of_each_is_kept() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("captured", 20).await;
    everything_happens(&world, &capture, &sku).await;
    let mut kept = Vec::new();
    for entry in catalogue::all() {
        let of_it = || capture.events().into_iter().find(|event| event["type"] == entry.event_type);
        eventually(&format!("somebody says {}", entry.event_type), || async { of_it().is_some() }).await;
        kept.push(of_it().unwrap());
    }
    keep(&kept);
    world.quiet().await;
}

/// One order for each way in which an order can go.
async fn everything_happens(world: &World, capture: &Capture, sku: &str) {
    paid_and_cancelled(world, capture, sku, "pm_card_visa").await;
    paid_and_cancelled(world, capture, sku, "pm_sandbox_refund_refused").await;
    let voided = world.ordered(sku, "pm_sandbox_fail_9").await;
    world.until_payment_is(&voided, &["RETRYING"]).await;
    world.cancel("ada", &voided, "CUSTOMER").await;
    world.ordered(sku, "pm_card_chargeDeclined").await;
    let beyond = Shop::basket(&[(sku, 21, 900)], "pm_card_visa");
    world.shop.order("ada", &unique("beyond"), &beyond).await.unwrap();
    // Bob has left no address.
    let order =
        world.shop.order("bob", &unique("untold"), &Shop::basket(&[(sku, 1, 900)], "pm_card_visa")).await.unwrap();
    world.shop.follow("bob", id(&order), PATIENCE).await.unwrap();
    let mut unfit = capture.hears(id(&order), "InventoryReserved.v1").await;
    unfit["data"].as_object_mut().unwrap().remove("expiresAt");
    world.stage.enqueue("orders", &[delivered(&unfit, &world.shop.system.region)]).await;
    let letter = world.letter("orders", |letter| letter.subject.as_deref() == Some(id(&order))).await;
    world.discard("orders", &letter).await;
}

/// Leaves each event in a file of its own, and nothing of an earlier run.
fn keep(events: &[Value]) {
    let folder = Repository::find().unwrap().oms("captured");
    fs::remove_dir_all(&folder).or_else(|_| fs::create_dir_all(&folder)).unwrap();
    fs::create_dir_all(&folder).unwrap();
    for event in events {
        let file = folder.join(format!("{}.json", event["type"].as_str().unwrap()));
        fs::write(file, serde_json::to_string_pretty(event).unwrap() + "\n").unwrap();
    }
}
