//! Versions differ while a change of the contracts goes out: one service lags a minor version behind the others.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use futures::FutureExt;
use omsctl::repository::Repository;
use omsctl::shop::Shop;
use omsctl::stacks::Version;
use serde_json::Value;
use testkit::{Capture, PATIENCE, unique};

use crate::invariants::{Account, id};
use crate::next_minor;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn each_service_may_lag_a_minor_version_behind_the_others() {
    let repository = Repository::find().unwrap();
    let ahead = next_minor::built(&repository);
    let world = World::open().await;
    let outcome = AssertUnwindSafe(each_behind(&world, &repository, &ahead)).catch_unwind().await;
    // The tests after this one want the shipped version back in any case.
    for service in ahead.keys() {
        deployed(&world, &repository, service, None).await;
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn each_behind(world: &World, repository: &Repository, ahead: &BTreeMap<String, PathBuf>) {
    for (service, zip) in ahead {
        deployed(world, repository, service, Some(zip)).await;
    }
    for (behind, zip) in ahead {
        deployed(world, repository, behind, None).await;
        stories(world, behind, ahead.keys().filter(|service| *service != behind)).await;
        deployed(world, repository, behind, Some(zip)).await;
    }
}

async fn deployed(world: &World, repository: &Repository, service: &str, zip: Option<&PathBuf>) {
    let version = Version { zip: zip.cloned(), ..Version::default() };
    omsctl::up::deploy(repository, &world.shop.system.stage, service, &version).await.unwrap();
}

/// An order that is completed, one that is not paid, and one that is cancelled and refunded.
async fn stories(world: &World, behind: &str, ahead: impl Iterator<Item = &String>) {
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("skew", 10).await;
    let (completed, declined, refunded) = tokio::join!(
        ends(world, &sku, "pm_card_visa"),
        ends(world, &sku, "pm_card_chargeDeclined"),
        cancelled_when_charged(world, &sku)
    );
    let ends = [&completed, &declined, &refunded].map(|order| (text(order, "status"), text(order, "refund")));
    let expected = [("COMPLETED", "NONE"), ("PAYMENT_FAILED", "NONE"), ("CANCELLED", "REFUNDED")];
    assert_eq!(ends, expected, "while {behind} is behind");
    let (orders, stocked) = (vec![completed, declined, refunded], BTreeMap::from([(sku, 10)]));
    Account { world, capture: &capture, orders, stocked }.balances().await;
    // The emulator ends what runs when its code is replaced, and what that held would be away for minutes.
    world.quiet().await;

    let (new, old): (Vec<Value>, Vec<Value>) = capture.events().into_iter().partition(next_minor::made);
    let all: BTreeSet<String> = ahead.map(|service| format!("oms.{service}")).collect();
    assert_eq!(sources(&new), all, "everyone but {behind} says what nobody knows");
    assert_eq!(sources(&old), BTreeSet::from([format!("oms.{behind}")]), "it alone does not");
}

async fn ends(world: &World, sku: &str, method: &str) -> Value {
    let basket = Shop::basket(&[(sku, 1, 900)], method);
    let order = world.shop.order("ada", &unique("skew"), &basket).await.unwrap();
    world.shop.follow("ada", id(&order), PATIENCE).await.unwrap()
}

async fn cancelled_when_charged(world: &World, sku: &str) -> Value {
    let order = world.ordered(sku, "pm_sandbox_timeout").await;
    world.until_charged(&order).await;
    assert!(world.cancel("ada", &order, "CUSTOMER").await.status().is_success());
    world.shop.follow("ada", &order, PATIENCE).await.unwrap()
}

fn text<'a>(order: &'a Value, field: &str) -> &'a str {
    order[field].as_str().unwrap()
}

fn sources(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| text(event, "source").to_owned()).collect()
}
