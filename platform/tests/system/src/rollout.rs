//! Services are deployed one by one: in any order on a new platform, and again while orders are in progress.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use omsctl::client::Client;
use omsctl::cloudformation::Outcome;
use omsctl::dlq;
use omsctl::emulator::Emulator;
use omsctl::repository::Repository;
use omsctl::stacks::InstallOptions;
use omsctl::up::Options;
use serde_json::Value;
use testkit::{Capture, PATIENCE, eventually, unique};

use crate::behind;
use crate::invariants::{Account, id};
use crate::killing::{follow_with_retries, place_with_retries, restore_timeouts, shorten_timeouts};
use crate::next_minor;
use crate::world::World;

/// At least this many orders are in progress while the services are replaced.
const ORDERS: usize = 40;

/// A stage on which the services are installed neither alphabetically nor in the order of events.
const STAGE: &str = "anyorder";

#[tokio::test(flavor = "multi_thread")]
async fn services_can_be_deployed_in_any_order() {
    let world = World::open().await;
    let repository = Repository::find().unwrap();
    let port = world.client.system.endpoint.as_ref().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let auth = Emulator::find(&repository, port).unwrap().unwrap().auth;
    let mut services = repository.services().unwrap();
    services.reverse();
    services.swap(0, 1);
    for (n, service) in services.iter().enumerate() {
        let only = vec![service.clone()];
        let options = Options { stage: STAGE.to_owned(), only, port: Some(port), auth, ..Options::default() };
        let system = omsctl::up::run(&repository, &options).await.unwrap();
        let there = services.iter().filter(|service| system.services.contains_key(*service)).count();
        assert_eq!(there, n + 1, "{service} needs no other service: {:?}", system.services.keys());
    }
    let (aws, endpoint) = omsctl::system::locate(&repository, STAGE).await.unwrap();
    let projects = omsctl::package::projects(&repository).unwrap();
    let system = omsctl::system::System::discover(&aws, STAGE, endpoint.as_deref(), &projects).await.unwrap();
    let client = Client::sign_in(&repository, &aws, system).await.unwrap();
    client.set_contact("ada").await.unwrap();
    client.adjust_stock("ANY", 10, "stocked").await.unwrap();
    let order = client
        .place_order("ada", "any-order", &Client::order_request(&[("ANY", 2, 900)], "pm_card_visa"))
        .await
        .unwrap();
    let done = client.follow_order("ada", id(&order), PATIENCE).await.unwrap();
    assert_eq!((&done["status"], &done["settled"]), (&"COMPLETED".into(), &true.into()), "{done}");
    assert_eq!(client.stock("ANY").await.unwrap()["onHand"], 8);
    eventually("the customer gets a mail", || async { client.mails_about(id(&order)).await.unwrap().len() == 1 }).await;
    let parked = dlq::counts(&aws, &client.system).await.unwrap();
    assert!(parked.values().all(|count| *count == 0), "{parked:?}");
}

/// The emulator kills running functions when it replaces their code, which AWS does not. Their messages return later.
#[tokio::test(flavor = "multi_thread")]
async fn each_service_can_be_deployed_while_orders_are_in_progress() {
    let world = World::open().await;
    let timeouts = shorten_timeouts(&world).await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("rollout", 500).await;
    let (accepted, over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let ((), ()) = tokio::join!(place_until(&world.client, &sku, &accepted, &over), async {
        replace_all(&world).await;
        over.store(true, Ordering::Relaxed);
    });
    let mut orders = Vec::new();
    for order in &accepted.into_inner().unwrap() {
        orders.push(follow_with_retries(&world.client, id(order)).await);
        assert_eq!(orders.last().unwrap()["status"], "COMPLETED");
    }
    let stocked = BTreeMap::from([(sku, 500)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
    world.until_drained().await;
    restore_timeouts(&world, timeouts).await;
}

/// A version of orders that stores an attribute and a state which today's does not know is deployed, rolled back and
/// deployed again. Today's version keeps the attribute, and leaves alone what it cannot read until the other is back.
#[tokio::test(flavor = "multi_thread")]
async fn orders_can_be_rolled_forward_back_and_forward_again_under_load() {
    let repository = Repository::find().unwrap();
    let ahead = &next_minor::built(&repository)["orders"];
    let world = World::open().await;
    let timeouts = shorten_timeouts(&world).await;
    let outcome = AssertUnwindSafe(Box::pin(rolled(&world, &repository, ahead))).catch_unwind().await;
    // Later tests need the shipped version, whatever the outcome.
    behind::install(&world, &repository, "orders", None).await;
    restore_timeouts(&world, timeouts).await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn rolled(world: &World, repository: &Repository, ahead: &PathBuf) {
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("rolled", 500).await;
    behind::install(world, repository, "orders", Some(ahead)).await;
    let held = Box::pin(held_order(world, &sku)).await;
    let (accepted, over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let ((), added) = tokio::join!(place_until(&world.client, &sku, &accepted, &over), async {
        let count = || accepted.lock().unwrap().len();
        eventually("the next version accepts orders", || async { count() >= 5 }).await;
        let added: Vec<Value> = accepted.lock().unwrap().clone();
        world.client.follow_order("ada", id(&added[0]), PATIENCE).await.unwrap();

        behind::install(world, repository, "orders", None).await;
        let before = world.item("orders", id(&added[0])).await;
        world.announce("orders", "orders", id(&added[0])).await;
        let after = world.item("orders", id(&added[0])).await;
        assert_ne!(before["version"], after["version"], "today's version has written");
        assert_eq!(after[next_minor::STORED].as_s().unwrap(), "1", "and kept what it does not know");
        world.announce("inventory", "reservations", &held).await;
        assert!(world.client.get_order("ada", &held).await.is_err(), "today's version cannot read this state");
        let seen = count();
        eventually("today's version accepts orders", || async { count() >= seen + 5 }).await;

        behind::install(world, repository, "orders", Some(ahead)).await;
        over.store(true, Ordering::Relaxed);
        added
    });
    world.announce("orders", "orders", &held).await;
    let mut orders = vec![follow_with_retries(&world.client, &held).await];
    for order in &accepted.into_inner().unwrap() {
        orders.push(follow_with_retries(&world.client, id(order)).await);
    }
    assert!(orders.iter().all(|order| order["status"] == "COMPLETED"), "{orders:?}");
    for order in added.iter().map(id).chain([held.as_str()]) {
        assert_eq!(world.item("orders", order).await[next_minor::STORED].as_s().unwrap(), "1", "{order}");
    }
    Account { world, capture: &capture, orders, stocked: BTreeMap::from([(sku, 500)]) }.balances().await;
    world.until_drained().await;
}

/// An order whose stock is held, and of which payments does not know: it stays in a state that only the next version reads.
async fn held_order(world: &World, sku: &str) -> String {
    let held = async {
        let order = world.place_order(sku, "pm_card_visa").await;
        eventually("its stock is held", || async {
            let item = world.item("orders", &order).await;
            item.get("inventory").is_some_and(|text| text.as_s().unwrap().starts_with(next_minor::STATE))
        })
        .await;
        order
    };
    world.while_disconnected(&["payments"], Box::pin(held)).await
}

/// Places one order after the other until `over` is set and there are enough orders.
async fn place_until(client: &Client, sku: &str, accepted: &Mutex<Vec<Value>>, over: &AtomicBool) {
    let (run, request) = (unique("rollout"), Client::order_request(&[(sku, 1, 500)], "pm_card_visa"));
    for n in 0.. {
        let order = place_with_retries(client, &format!("{run}-{n}"), &request).await;
        accepted.lock().unwrap().push(order);
        if n + 1 >= ORDERS && over.load(Ordering::Relaxed) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn replace_all(world: &World) {
    let repository = Repository::find().unwrap();
    let version = InstallOptions { force: true, ..InstallOptions::default() };
    for service in repository.services().unwrap() {
        let before = changed_at(world, &service).await;
        // Long enough for orders to be at every step.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let outcome = omsctl::up::install(&repository, &world.client.system.stage, &service, &version).await.unwrap();
        assert_eq!(outcome, Outcome::Updated, "{service}");
        assert_ne!(changed_at(world, &service).await, before, "{service} still has its former code");
    }
}

/// When the service's `events` function last changed.
async fn changed_at(world: &World, service: &str) -> String {
    let function = world.client.system.function(service, "events").unwrap();
    let request = world.aws.lambda().get_function_configuration().function_name(function);
    request.send().await.unwrap().last_modified.unwrap()
}
