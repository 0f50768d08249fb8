//! What a client calls its requests mixes no order with another.

use jiff::Timestamp;
use omsctl::client::Client;
use omsctl::logs::{Reader, Selection};
use reqwest::Method;
use serde_json::Value;
use testkit::{PATIENCE, eventually, unique};

use crate::invariants::id;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_logs_of_an_order_are_its_own_whatever_clients_call_their_requests() {
    let world = World::open().await;
    let (sku, trip) = (world.stock_sku("trip", 9).await, unique("trip"));
    let (first, second) = (place(&world, &sku, &trip).await, place(&world, &sku, &trip).await);
    let began = first["placedAt"].as_str().unwrap().parse().unwrap();
    // a client may also have seen another order's ids
    let sly = [place(&world, &sku, saga(&first)).await, place(&world, &sku, id(&first)).await];
    for order in [&first, &second, &sly[0], &sly[1]] {
        let settled = world.client.follow_order("ada", id(order), PATIENCE).await.unwrap();
        assert_eq!(settled["status"], "COMPLETED");
    }
    assert_eq!(first["clientCorrelationId"], trip);
    assert_eq!(world.order_for_support(id(&second)).await["clientCorrelationId"], trip, "support sees it too");

    let others = [saga(&second), id(&second), saga(&sly[0]), id(&sly[0]), saga(&sly[1]), id(&sly[1])];
    let story = Selection { order: Some(id(&first).to_owned()), ..Selection::default() };
    let story = logged(&world, began, story, "customer notified").await;
    for line in &story {
        assert!(others.iter().all(|other| !line.contains(other)), "{line}");
    }
    let its_saga = story.iter().filter(|line| line.contains(saga(&first))).count();
    assert!(its_saga > 10, "the whole story: {story:#?}");
    let by_name = Selection { correlation_ids: [trip].into(), ..Selection::default() };
    let of_the_client = logged(&world, began, by_name, "order accepted").await;
    for order in [&first, &second] {
        assert!(of_the_client.iter().any(|line| line.contains(id(order))), "{of_the_client:#?}");
    }
}

/// Places an order for one piece in a request that its client calls so; the answer repeats the name.
async fn place(world: &World, sku: &str, called: &str) -> Value {
    let request = world.client.request("ada", Method::POST, "orders", "/v1/orders").unwrap();
    let request = request.header("X-Correlation-Id", called).header("Idempotency-Key", unique("trip"));
    let answer = request.json(&Client::order_request(&[(sku, 1, 900)], "pm_card_visa")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-correlation-id"].to_str().unwrap()), (201, called));
    answer.json().await.unwrap()
}

fn saga(order: &Value) -> &str {
    let saga = order["correlationId"].as_str().unwrap();
    assert_eq!(saga.trim_start_matches("cor_"), id(order).trim_start_matches("ord_"), "derived from the order's id");
    saga
}

/// The lines that are selected, once one of them has this message.
async fn logged(world: &World, from: Timestamp, selection: Selection, last: &str) -> Vec<String> {
    let read = || async {
        let read = Reader::new(&world.aws, &world.client.system, None, from).read().await.unwrap();
        let selected = selection.clone().select(read).into_iter();
        selected.map(|line| line.text).collect::<Vec<_>>()
    };
    let is_last = |line: &String| line.contains(last);
    eventually(&format!("{last:?} is logged"), || async { read().await.iter().any(is_last) }).await;
    read().await
}
