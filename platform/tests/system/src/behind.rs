//! Versions differ during the rollout of a contract change: one service is a minor version behind the others.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use futures::FutureExt;
use omsctl::client::Client;
use omsctl::repository::Repository;
use omsctl::stacks::InstallOptions;
use serde_json::Value;
use testkit::{Capture, PATIENCE, unique};

use crate::invariants::{Account, id};
use crate::next_minor;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn each_service_may_be_a_minor_version_behind_the_others() {
    let repository = Repository::find().unwrap();
    let ahead = next_minor::built(&repository);
    let world = World::open().await;
    let outcome = AssertUnwindSafe(each_behind(&world, &repository, ahead)).catch_unwind().await;
    // Later tests need the shipped version, whatever the outcome.
    for service in ahead.keys() {
        install(&world, &repository, service, None).await;
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn each_behind(world: &World, repository: &Repository, ahead: &BTreeMap<String, PathBuf>) {
    for (service, zip) in ahead {
        install(world, repository, service, Some(zip)).await;
    }
    for (behind, zip) in ahead {
        install(world, repository, behind, None).await;
        stories(world, behind, ahead.keys().filter(|service| *service != behind)).await;
        install(world, repository, behind, Some(zip)).await;
    }
}

/// Replaces a service by the version in a zip, or by the shipped one.
pub async fn install(world: &World, repository: &Repository, service: &str, zip: Option<&PathBuf>) {
    let version = InstallOptions { zip: zip.cloned(), ..InstallOptions::default() };
    omsctl::up::install(repository, &world.client.system.stage, service, &version).await.unwrap();
}

/// Places an order that is completed, one that is not paid, and one that is cancelled and refunded.
async fn stories(world: &World, behind: &str, ahead: impl Iterator<Item = &String>) {
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("skew", 10).await;
    let (completed, declined, refunded) = tokio::join!(
        followed_order(world, &sku, "pm_card_visa"),
        followed_order(world, &sku, "pm_card_chargeDeclined"),
        cancelled_when_charged(world, &sku)
    );
    let ends = [&completed, &declined, &refunded].map(|order| (text(order, "status"), text(order, "refund")));
    let expected = [("COMPLETED", "NONE"), ("PAYMENT_FAILED", "NONE"), ("CANCELLED", "REFUNDED")];
    assert_eq!(ends, expected, "while {behind} is behind");
    let (orders, stocked) = (vec![completed, declined, refunded], BTreeMap::from([(sku, 10)]));
    Account { world, capture: &capture, orders, stocked }.balances().await;
    // The emulator kills running functions when it replaces their code; their messages would be hidden for minutes.
    world.until_drained().await;

    let (new, old): (Vec<Value>, Vec<Value>) = capture.events().into_iter().partition(next_minor::made);
    let all: BTreeSet<String> = ahead.map(|service| format!("oms.{service}")).collect();
    assert_eq!(sources(&new), all, "every service but {behind} publishes the unknown field");
    assert_eq!(sources(&old), BTreeSet::from([format!("oms.{behind}")]), "{behind} does not");
}

async fn followed_order(world: &World, sku: &str, method: &str) -> Value {
    let request = Client::order_request(&[(sku, 1, 900)], method);
    let order = world.client.place_order("ada", &unique("skew"), &request).await.unwrap();
    world.client.follow_order("ada", id(&order), PATIENCE).await.unwrap()
}

async fn cancelled_when_charged(world: &World, sku: &str) -> Value {
    let order = world.place_order(sku, "pm_sandbox_timeout").await;
    world.until_charged(&order).await;
    assert!(world.cancel("ada", &order, "CUSTOMER").await.status().is_success());
    world.client.follow_order("ada", &order, PATIENCE).await.unwrap()
}

fn text<'a>(order: &'a Value, field: &str) -> &'a str {
    order[field].as_str().unwrap()
}

fn sources(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| text(event, "source").to_owned()).collect()
}
