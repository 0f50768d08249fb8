//! What a consumer must not believe: it is parked, nothing follows from it, and no report of it is another bad event.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use contracts::catalogue;
use contracts::declaration::Declaration;
use omsctl::dlq;
use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, delivered, delivered_as, eventually};

use crate::staging::fabricated;
use crate::world::World;

/// A role that may only report failures says that an order is paid. Straight into the queue: of what is on the bus the
/// watcher would tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_only_a_report_speaks_of_is_not_believed() {
    let world = World::open().await;
    let (capture, sku) = (Capture::begin(&world.stage).await, world.stock_sku("unpaid", 3).await);
    let order = world.while_disconnected(&["payments"], async {
        let order = world.place_order(&sku, "pm_card_visa").await;
        world.until_history_has(&order, "InventoryReserved.v1", "APPLIED").await;
        order
    });
    let order = order.await;
    let created = capture.wait_for(&order, "OrderCreated.v1").await;
    let paid = fabricated("PaymentSucceeded.v1", 9_000, &created, &[]);
    let body = delivered_as(&json!("oms.platform"), &json!("EventProcessingFailed.v1"), &paid);
    world.stage.enqueue("orders", &[body]).await;

    let parked = world.dead_letter("orders", |it| it.subject.as_ref() == Some(&order)).await;
    assert_eq!((parked.error_class.as_deref(), parked.receives), (Some("mislabelled"), Some(1)));
    let says = "the bus vouches for the source `oms.platform`, not for `oms.payments`";
    assert_eq!(parked.error_message.as_deref(), Some(says));
    world.discard("orders", &parked).await;

    assert_eq!(world.cancel("ada", &order, "CUSTOMER").await.status(), 202, "it is not confirmed");
    let settled = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let charges = world.ledger(&order).await["charges"].clone();
    assert_eq!((&settled["status"], charges), (&json!("CANCELLED"), json!([])));
    for event_type in ["OrderConfirmed.v1", "EventProcessingFailed.v1"] {
        assert_eq!(capture.of_type(&order, event_type), Vec::<Value>::new());
    }
}

/// For each consumer: whatever its rule lets through, around each other event that it believes.
#[tokio::test(flavor = "multi_thread")]
async fn no_consumer_believes_one_event_in_the_name_of_another() {
    let world = World::open().await;
    let mut sent = BTreeMap::new();
    for (service, declaration) in consumers() {
        let handled = catalogue::all();
        let handled: Vec<_> = handled.iter().filter(|it| declaration.consumes.contains_key(it.event_type)).collect();
        let mut bodies = Vec::new();
        for inner in &handled {
            let event = testkit::event(&inner.samples[0], &[]);
            let others = handled.iter().filter(|outer| outer.event_type != inner.event_type);
            bodies.extend(others.map(|outer| delivered_as(&json!(outer.source), &json!(outer.event_type), &event)));
        }
        for ten in bodies.chunks(10) {
            world.stage.enqueue(&service, ten).await;
        }
        sent.insert(service, BTreeSet::from_iter(bodies));
    }
    assert!(sent.values().map(BTreeSet::len).sum::<usize>() > 80, "each consumer, each pair: {sent:?}");
    for (service, sent) in sent {
        let mut parked = BTreeSet::new();
        while parked.len() < sent.len() {
            let dead_letter = world.stage.dead_letter(last_queue(&service)).await;
            assert_eq!(dead_letter.cause["ErrorClass"], "mislabelled", "{service}: {dead_letter:?}");
            parked.insert(dead_letter.body);
        }
        assert_eq!(parked, sent, "{service}");
    }
    assert!(world.drained().await, "nothing else came of it");
}

/// An order id that is none cannot be in a report either.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_an_id_is_one_dead_letter_for_each_consumer_and_no_report() {
    let world = World::open().await;
    let (capture, sku) = (Capture::begin(&world.stage).await, world.stock_sku("later", 9).await);
    let sample = catalogue::all().into_iter().find(|it| it.event_type == "OrderCreated.v1").unwrap().samples.remove(0);
    let readers: Vec<String> = consumers()
        .into_iter()
        .filter(|(_, it)| it.consumes.contains_key("OrderCreated.v1"))
        .map(|(service, _)| service)
        .collect();
    assert!(readers.len() > 1, "{readers:?}");
    for no_id in ["42", "ord_42", "ord_8C5B1F0E-5C0E-5F3A-9A51-0F6F2F1F7A10"] {
        let event = testkit::event(&sample, &[("/subject", json!(no_id)), ("/data/orderId", json!(no_id))]);
        for service in &readers {
            world.stage.enqueue(service, &[delivered(&event)]).await;
        }
        let counted = || async { dlq::counts(&world.aws, &world.client.system).await.unwrap() };
        eventually("each consumer has parked it", || async {
            counted().await.values().sum::<u64>() >= readers.len() as u64
        })
        .await;
        for service in &readers {
            let parked = world.stage.dead_letter(last_queue(service)).await;
            assert_eq!(
                (parked.cause["ErrorClass"].as_str(), parked.body.contains(no_id)),
                ("contract", true),
                "{parked:?}"
            );
        }
        // a consumer reports before it parks: a report would be on the bus before this
        let later = world.place_order(&sku, "pm_card_visa").await;
        capture.wait_for(&later, "OrderCreated.v1").await;
        let reports = capture.events().into_iter().filter(|it| it["causationid"] == event["id"]);
        assert_eq!(reports.collect::<Vec<_>>(), Vec::<Value>::new(), "{no_id}");
        world.until_drained().await;
    }
}

/// The services that consume events, by name.
fn consumers() -> BTreeMap<String, Declaration> {
    let services = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../services")).unwrap();
    let text = services.filter_map(|service| fs::read_to_string(service.unwrap().path().join("events.toml")).ok());
    text.map(|text| Declaration::parse(&text).unwrap()).map(|it| (it.service.clone(), it)).collect()
}

/// Where a service's dead letters end: payments consumes its own once more.
fn last_queue(service: &str) -> &str {
    if service == "payments" { "payments-unsettled" } else { service }
}
