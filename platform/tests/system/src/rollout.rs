//! Services come and go one by one: in any order onto a platform, and anew while orders are on their way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use omsctl::deploy::Outcome;
use omsctl::emulator::Emulator;
use omsctl::repository::Repository;
use omsctl::shop::{Shop, dead_letters};
use omsctl::stacks::Version;
use omsctl::up::Options;
use serde_json::Value;
use testkit::{Capture, PATIENCE, eventually, unique};

use crate::invariants::{Account, id};
use crate::killing::{come_back_as_before, come_back_soon, followed, insist};
use crate::world::World;

/// At least so many orders are on their way while the services are replaced.
const ORDERS: usize = 40;

/// The stage for which the services come in an order that no alphabet and no flow of events has.
const STAGE: &str = "anyorder";

#[tokio::test(flavor = "multi_thread")]
async fn services_come_to_a_platform_in_any_order() {
    let world = World::open().await;
    let repository = Repository::find().unwrap();
    let port = world.shop.system.endpoint.as_ref().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let auth = Emulator::find(&repository, port).unwrap().unwrap().auth;
    let mut services = repository.services().unwrap();
    services.reverse();
    services.swap(0, 1);
    for (n, service) in services.iter().enumerate() {
        let only = vec![service.clone()];
        let options = Options { stage: STAGE.to_owned(), only, port: Some(port), auth, parameters: BTreeMap::new() };
        let system = omsctl::up::run(&repository, &options).await.unwrap();
        let there = services.iter().filter(|service| system.services.contains_key(*service)).count();
        assert_eq!(there, n + 1, "{service} needs none of the others: {:?}", system.services.keys());
    }
    let (aws, endpoint) = omsctl::system::locate(&repository, STAGE).await.unwrap();
    let projects = omsctl::package::projects(&repository).unwrap();
    let system = omsctl::system::System::discover(&aws, STAGE, endpoint.as_deref(), &projects).await.unwrap();
    let shop = Shop::open(&repository, &aws, system).await.unwrap();
    shop.leave_address("ada").await.unwrap();
    shop.adjust("ANY", 10, "stocked").await.unwrap();
    let order = shop.order("ada", "any-order", &Shop::basket(&[("ANY", 2, 900)], "pm_card_visa")).await.unwrap();
    let done = shop.follow("ada", id(&order), PATIENCE).await.unwrap();
    assert_eq!((&done["status"], &done["settled"]), (&"COMPLETED".into(), &true.into()), "{done}");
    assert_eq!(shop.stock("ANY").await.unwrap()["onHand"], 8);
    eventually("the customer is told", || async { shop.mails_about(id(&order)).await.unwrap().len() == 1 }).await;
    let parked = dead_letters(&aws, &shop.system).await.unwrap();
    assert!(parked.values().all(|count| *count == 0), "{parked:?}");
}

/// The emulator ends what runs when its code is replaced, where AWS lets it finish: what it held comes back.
#[tokio::test(flavor = "multi_thread")]
async fn each_service_is_deployed_anew_while_orders_are_on_their_way() {
    let world = World::open().await;
    let timeouts = come_back_soon(&world).await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("rollout", 500).await;
    let over = AtomicBool::new(false);
    let (accepted, ()) = tokio::join!(placed_until(&world.shop, &sku, &over), async {
        all_anew(&world).await;
        over.store(true, Ordering::Relaxed);
    });
    let mut orders = Vec::new();
    for order in &accepted {
        orders.push(followed(&world.shop, id(order)).await);
        assert_eq!(orders.last().unwrap()["status"], "COMPLETED");
    }
    let stocked = BTreeMap::from([(sku, 500)]);
    Account { world: &world, capture: &capture, orders, stocked }.balances().await;
    world.quiet().await;
    come_back_as_before(&world, timeouts).await;
}

/// Places one order after the other until it is told that it is over, and there are enough.
async fn placed_until(shop: &Shop, sku: &str, over: &AtomicBool) -> Vec<Value> {
    let (run, basket) = (unique("rollout"), Shop::basket(&[(sku, 1, 500)], "pm_card_visa"));
    let mut accepted = Vec::new();
    while accepted.len() < ORDERS || !over.load(Ordering::Relaxed) {
        accepted.push(insist(shop, &format!("{run}-{}", accepted.len()), &basket).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    accepted
}

async fn all_anew(world: &World) {
    let repository = Repository::find().unwrap();
    let version = Version { again: true, ..Version::default() };
    for service in repository.services().unwrap() {
        let before = changed_at(world, &service).await;
        // Some orders are at every step when it happens.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let outcome = omsctl::up::deploy(&repository, &world.shop.system.stage, &service, &version).await.unwrap();
        assert_eq!(outcome, Outcome::Updated, "{service}");
        assert_ne!(changed_at(world, &service).await, before, "{service} has the code that it had");
    }
}

/// When the function that hears events was changed last.
async fn changed_at(world: &World, service: &str) -> String {
    let function = world.shop.system.function(service, "events").unwrap();
    let request = world.aws.lambda().get_function_configuration().function_name(function);
    request.send().await.unwrap().last_modified.unwrap()
}
