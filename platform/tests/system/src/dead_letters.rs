//! What could not be handled is parked with its cause, found, sent back as often as one likes, and discarded.

use aws_sdk_sqs::types::QueueAttributeName;
use contracts::catalogue;
use omsctl::dlq::{self, Letter, Redriven, Wish};
use omsctl::shop::Shop;
use serde_json::{Value, json};

use crate::invariants::id;
use crate::world::World;
use testkit::{Capture, PATIENCE, event, eventually, unique};

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_is_found_with_its_cause_stays_in_a_redrive_and_can_be_discarded() {
    let world = World::open().await;
    let poison = unique("poison");
    world.stage.enqueue("orders", std::slice::from_ref(&poison)).await;
    let letter = world.letter("orders", |letter| letter.body.as_ref() == Some(&poison)).await;
    assert_eq!(letter.error_class.as_deref(), Some("malformed"));
    assert!(letter.error_message.as_deref().unwrap().contains("no event of the bus"), "{letter:?}");
    assert_eq!((letter.consumer.as_deref(), letter.receives), (Some("orders/events"), Some(1)));

    let overview = dlq::list(&world.aws, &world.shop.system).await.unwrap();
    let orders = overview.iter().find(|it| it.queue == "orders").unwrap();
    assert_eq!((orders.messages, orders.consumer.as_str()), (1, "orders/events"), "looking leaves it where it is");
    assert_eq!(orders.oldest_sent_at, letter.sent_at);
    let seen = dlq::show(&world.aws, &world.shop.system, "orders-dlq", 10, false).await.unwrap();
    assert_eq!((seen.len(), &seen[0].message_id, &seen[0].body), (1, &letter.message_id, &None));

    let done = redriven(&world, "orders", &Wish::default()).await;
    assert_eq!((done.moved.len(), done.kept.len(), done.failed.len()), (0, 1, 0), "it would only fail again");
    discarded(&world, "orders", &letter).await;
    empty(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_an_unknown_order_comes_back_whenever_it_is_sent_back_and_is_never_lost() {
    let world = World::open().await;
    let order = "ord_00000000-0000-5000-8000-00000000dead";
    world.stage.publish(&[about(order, "InventoryRejected.v1")]).await;
    let first = world.letter("orders", |letter| letter.subject.as_deref() == Some(order)).await;
    assert_eq!(first.error_class.as_deref(), Some("unknown_order"));
    assert_eq!(first.event_type.as_deref(), Some("InventoryRejected.v1"));

    let done = redriven(&world, "orders", &named(&first)).await;
    assert_eq!(done.moved.len(), 1);
    let again = world.letter("orders", |letter| letter.message_id != first.message_id).await;
    assert_eq!((&again.event_id, &again.error_class), (&first.event_id, &first.error_class));
    let gone = dlq::redrive(&world.aws, &world.shop.system, "orders", &named(&first)).await.unwrap_err();
    assert!(gone.to_string().contains(&first.message_id), "{gone}");
    discarded(&world, "orders", &again).await;
    empty(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_brings_an_order_to_its_end_and_a_second_one_changes_nothing() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stocked("redriven", 5).await;
    let basket = Shop::basket(&[(&sku, 2, 1_200)], "pm_card_visa");
    let (order, missed) = world
        .unheard(&["orders"], async {
            let order = world.shop.order("ada", &unique("redriven"), &basket).await.unwrap();
            let reserved = capture.hears(id(&order), "InventoryReserved.v1").await;
            let paid = capture.hears(id(&order), "PaymentSucceeded.v1").await;
            (id(&order).to_owned(), [reserved, paid])
        })
        .await;
    assert_eq!(world.shop.look("ada", &order).await.unwrap()["status"], "PENDING", "orders has heard of nothing");

    world.park("orders", &missed, &[("ErrorClass", "store_unavailable")]).await;
    let one = redriven(&world, "orders", &Wish { max: Some(1), ..Wish::default() }).await;
    assert_eq!((one.moved.len(), one.beyond), (1, 1));
    let rest = redriven(&world, "orders", &Wish::default()).await;
    assert_eq!((rest.moved.len(), rest.beyond), (1, 0));
    let done = world.shop.follow("ada", &order, PATIENCE).await.unwrap();
    assert_eq!((&done["status"], &done["settled"]), (&json!("COMPLETED"), &json!(true)), "{done}");
    eventually("the customer is told", || async { world.shop.mails_about(&order).await.unwrap().len() == 1 }).await;

    world.park("orders", &missed, &[("ErrorClass", "store_unavailable")]).await;
    assert_eq!(redriven(&world, "orders", &Wish::default()).await.moved.len(), 2);
    assert_eq!(redriven(&world, "orders", &Wish::default()).await, Redriven::default());
    handled(&world).await;
    assert_eq!(world.shop.look("ada", &order).await.unwrap(), done);
    assert_eq!(world.shop.stock(&sku).await.unwrap()["onHand"], 3);
    assert_eq!(world.shop.ledger(&order).await.unwrap()["charges"].as_array().unwrap().len(), 1);
    assert_eq!(world.shop.mails_about(&order).await.unwrap().len(), 1);

    unsettled_and_undelivered_go_back_too(&world, &order, &missed).await;
    assert_eq!(world.shop.look("ada", &order).await.unwrap(), done);
    empty(&world).await;
}

/// The queues whose way back is another one, with events of an order that has ended.
async fn unsettled_and_undelivered_go_back_too(world: &World, order: &str, events: &[Value; 2]) {
    let [reserved, paid] = events;
    world.park("payments-unsettled", std::slice::from_ref(reserved), &[("ErrorClass", "gateway_unanswered")]).await;
    let done = redriven(world, "payments-unsettled", &Wish::default()).await;
    assert!(done.moved[0].1.ends_with("-payments-dlq"), "{done:?}");

    let missed_by = &world.shop.system.service("orders").unwrap().queue.as_ref().unwrap().arn;
    let capture = Capture::begin(&world.stage).await;
    world.park("undeliverable", std::slice::from_ref(reserved), &[("TARGET_ARN", missed_by)]).await;
    world.park("undeliverable", std::slice::from_ref(paid), &[]).await;
    let pointer = json!({ "DDBStreamBatchInfo": { "shardId": "shardId-1" } }).to_string();
    world.send(&world.shop.system.dead_letters["undeliverable"], &pointer, &[]).await;
    let done = redriven(world, "undeliverable", &Wish::default()).await;
    let places: Vec<&str> = done.moved.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, [missed_by.rsplit(':').next().unwrap(), &format!("the bus {}", world.stage.bus())]);
    capture.hears(order, "PaymentSucceeded.v1").await;
    assert!(capture.heard(order, "InventoryReserved.v1").is_empty(), "only the queue that missed it has it again");
    assert!(done.failed[0].1.contains("points to stream records"), "{done:?}");
    discarded(world, "undeliverable", &done.failed[0].0).await;
    handled(world).await;
}

/// A published sample about another order.
fn about(order: &str, event_type: &str) -> Value {
    let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
    event(&entry.samples[0], &[("/subject", json!(order)), ("/data/orderId", json!(order))])
}

fn named(letter: &Letter) -> Wish {
    Wish { message_id: Some(letter.message_id.clone()), ..Wish::default() }
}

async fn redriven(world: &World, name: &str, wish: &Wish) -> Redriven {
    dlq::redrive(&world.aws, &world.shop.system, name, wish).await.unwrap()
}

async fn discarded(world: &World, name: &str, letter: &Letter) {
    let gone = dlq::discard(&world.aws, &world.shop.system, name, &letter.message_id).await.unwrap();
    assert_eq!(gone.event_id, letter.event_id);
}

/// Waits until orders has nothing left to handle.
async fn handled(world: &World) {
    use QueueAttributeName::{ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden};
    let url = &world.shop.system.service("orders").unwrap().queue.as_ref().unwrap().url;
    eventually("orders has handled everything", || async {
        let request =
            world.aws.sqs().get_queue_attributes().queue_url(url).attribute_names(Seen).attribute_names(Hidden);
        let attributes = request.send().await.unwrap().attributes.unwrap();
        [Seen, Hidden].iter().all(|name| attributes[name] == "0")
    })
    .await;
}

async fn empty(world: &World) {
    eventually("every dead-letter queue is empty", || async { world.no_dead_letters().await }).await;
}
