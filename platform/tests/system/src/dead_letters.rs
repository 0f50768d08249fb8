//! Messages that a consumer cannot handle are parked with their cause, shown, sent back, and discarded.

use aws_sdk_sqs::types::QueueAttributeName;
use contracts::catalogue;
use omsctl::client::Client;
use omsctl::dlq::{self, DeadLetter, RedriveReport, RedriveRequest};
use serde_json::{Value, json};

use crate::invariants::id;
use crate::world::World;
use testkit::{Capture, PATIENCE, event, eventually, unique};

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_is_shown_with_its_cause_skipped_by_a_redrive_and_discarded() {
    let world = World::open().await;
    let poison = unique("poison");
    world.stage.enqueue("orders", std::slice::from_ref(&poison)).await;
    let poisoned = world.dead_letter("orders", |it| it.body.as_ref() == Some(&poison)).await;
    assert_eq!(poisoned.error_class.as_deref(), Some("malformed"));
    assert!(poisoned.error_message.as_deref().unwrap().contains("not an event of the bus"), "{poisoned:?}");
    assert_eq!((poisoned.consumer.as_deref(), poisoned.receives), (Some("orders/events"), Some(1)));

    let overview = dlq::list(&world.aws, &world.client.system).await.unwrap();
    let orders = overview.iter().find(|it| it.queue == "orders").unwrap();
    assert_eq!(
        (orders.messages, orders.consumer.as_str()),
        (1, "orders/events"),
        "a list leaves the message in its queue"
    );
    assert_eq!(orders.oldest_sent_at, poisoned.sent_at);
    let seen = dlq::show(&world.aws, &world.client.system, "orders-dlq", 10, false).await.unwrap();
    assert_eq!((seen.len(), &seen[0].message_id, &seen[0].body), (1, &poisoned.message_id, &None));

    let done = redriven(&world, "orders", &RedriveRequest::default()).await;
    assert_eq!((done.moved.len(), done.skipped.len(), done.failed.len()), (0, 1, 0), "orders would refuse it again");
    discarded(&world, "orders", &poisoned).await;
    empty(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_an_unknown_order_is_parked_again_after_each_redrive() {
    let world = World::open().await;
    let order = "ord_00000000-0000-5000-8000-00000000dead";
    world.stage.publish(&[about(order, "InventoryRejected.v1")]).await;
    let first = world.dead_letter("orders", |it| it.subject.as_deref() == Some(order)).await;
    assert_eq!(first.error_class.as_deref(), Some("unknown_order"));
    assert_eq!(first.event_type.as_deref(), Some("InventoryRejected.v1"));

    let done = redriven(&world, "orders", &only(&first)).await;
    assert_eq!(done.moved.len(), 1);
    let again = world.dead_letter("orders", |it| it.message_id != first.message_id).await;
    assert_eq!((&again.event_id, &again.error_class), (&first.event_id, &first.error_class));
    let gone = dlq::redrive(&world.aws, &world.client.system, "orders", &only(&first)).await.unwrap_err();
    assert!(gone.to_string().contains(&first.message_id), "{gone}");
    discarded(&world, "orders", &again).await;
    empty(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_completes_an_order_and_a_second_one_changes_nothing() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("redriven", 5).await;
    let request = Client::order_request(&[(&sku, 2, 1_200)], "pm_card_visa");
    let (order, missed) = world
        .while_disconnected(&["orders"], async {
            let order = world.client.place_order("ada", &unique("redriven"), &request).await.unwrap();
            let reserved = capture.wait_for(id(&order), "InventoryReserved.v1").await;
            let paid = capture.wait_for(id(&order), "PaymentSucceeded.v1").await;
            (id(&order).to_owned(), [reserved, paid])
        })
        .await;
    assert_eq!(world.client.get_order("ada", &order).await.unwrap()["status"], "PENDING", "orders consumed nothing");

    world.park("orders", &missed, &[("ErrorClass", "store_unavailable")]).await;
    let one = redriven(&world, "orders", &RedriveRequest { max: Some(1), ..RedriveRequest::default() }).await;
    assert_eq!((one.moved.len(), one.beyond_max), (1, 1));
    let rest = redriven(&world, "orders", &RedriveRequest::default()).await;
    assert_eq!((rest.moved.len(), rest.beyond_max), (1, 0));
    let done = world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    assert_eq!((&done["status"], &done["settled"]), (&json!("COMPLETED"), &json!(true)), "{done}");
    eventually("the customer gets a mail", || async { world.client.mails_about(&order).await.unwrap().len() == 1 })
        .await;

    world.park("orders", &missed, &[("ErrorClass", "store_unavailable")]).await;
    assert_eq!(redriven(&world, "orders", &RedriveRequest::default()).await.moved.len(), 2);
    assert_eq!(redriven(&world, "orders", &RedriveRequest::default()).await, RedriveReport::default());
    handled(&world).await;
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), done);
    assert_eq!(world.client.stock(&sku).await.unwrap()["onHand"], 3);
    assert_eq!(world.ledger(&order).await["charges"].as_array().unwrap().len(), 1);
    assert_eq!(world.client.mails_about(&order).await.unwrap().len(), 1);

    unsettled_and_undelivered_return_too(&world, &order, &missed).await;
    assert_eq!(world.client.get_order("ada", &order).await.unwrap(), done);
    empty(&world).await;
}

/// Redrives from the two other kinds of queues, with events of an order that has ended.
async fn unsettled_and_undelivered_return_too(world: &World, order: &str, events: &[Value; 2]) {
    let [reserved, paid] = events;
    world.park("payments-unsettled", std::slice::from_ref(reserved), &[("ErrorClass", "gateway_unanswered")]).await;
    let done = redriven(world, "payments-unsettled", &RedriveRequest::default()).await;
    assert!(done.moved[0].1.ends_with("-payments-dlq"), "{done:?}");

    let missed_by = &world.client.system.service("orders").unwrap().queue.as_ref().unwrap().arn;
    let capture = Capture::begin(&world.stage).await;
    world.park("undeliverable", std::slice::from_ref(reserved), &[("TARGET_ARN", missed_by)]).await;
    world.park("undeliverable", std::slice::from_ref(paid), &[]).await;
    let pointer = json!({ "DDBStreamBatchInfo": { "shardId": "shardId-1" } }).to_string();
    world.send(&world.client.system.dead_letters["undeliverable"], &pointer, &[]).await;
    let done = redriven(world, "undeliverable", &RedriveRequest::default()).await;
    let places: Vec<&str> = done.moved.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, [missed_by.rsplit(':').next().unwrap(), &format!("the bus {}", world.stage.bus())]);
    capture.wait_for(order, "PaymentSucceeded.v1").await;
    assert!(capture.of_type(order, "InventoryReserved.v1").is_empty(), "only the queue that missed it gets it again");
    assert!(done.failed[0].1.contains("points to stream records"), "{done:?}");
    discarded(world, "undeliverable", &done.failed[0].0).await;
    handled(world).await;
}

/// A published sample, changed to be about this order.
fn about(order: &str, event_type: &str) -> Value {
    let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
    event(&entry.samples[0], &[("/subject", json!(order)), ("/data/orderId", json!(order))])
}

fn only(message: &DeadLetter) -> RedriveRequest {
    RedriveRequest { message_id: Some(message.message_id.clone()), ..RedriveRequest::default() }
}

async fn redriven(world: &World, name: &str, wish: &RedriveRequest) -> RedriveReport {
    dlq::redrive(&world.aws, &world.client.system, name, wish).await.unwrap()
}

async fn discarded(world: &World, name: &str, message: &DeadLetter) {
    let (discarded, record) = world.discard(name, message).await;
    assert_eq!(discarded.event_id, message.event_id);
    let listed = dlq::discarded::list(&world.aws, &world.client.system, record.timestamp).await.unwrap();
    assert!(listed.contains(&record), "{record:?} is not in {listed:?}");
}

/// Waits until orders' queue is empty.
async fn handled(world: &World) {
    use QueueAttributeName::{ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden};
    let url = &world.client.system.service("orders").unwrap().queue.as_ref().unwrap().url;
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
