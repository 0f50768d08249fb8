//! A flash sale: many buyers of few pieces, all at once.

use serde_json::Value;
use testkit::{Capture, Stage, eventually};

use super::{all_is_handled, created, level, order, published, sku, stocked};

const BUYERS: usize = 200;
const PIECES: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_flash_sale_sells_every_piece_once_and_answers_every_buyer() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, orders) = (sku("flash"), (0..BUYERS).map(|_| order()).collect::<Vec<_>>());
    stocked(&stage, &mug, PIECES.cast_signed()).await;
    stage.publish(&orders.iter().map(|order| created(order, &[(&mug, 1)])).collect::<Vec<Value>>()).await;
    eventually("every buyer is answered", || async {
        orders.iter().all(|order| !published(&capture, order).is_empty())
    })
    .await;
    all_is_handled(&stage, &capture).await;

    let answers: Vec<String> = orders.iter().flat_map(|order| published(&capture, order)).collect();
    let count = |answer: &str| answers.iter().filter(|it| *it == answer).count() as u64;
    assert_eq!((count("InventoryReserved.v1"), count("InventoryRejected.v1")), (PIECES, BUYERS as u64 - PIECES));
    for order in &orders {
        for rejected in capture.of_type(order, "InventoryRejected.v1") {
            assert_eq!(
                rejected["data"]["lines"][0]["available"], 0,
                "who is rejected is told of nothing that was left"
            );
        }
    }
    assert_eq!(level(&stage, &mug).await, (PIECES, PIECES, 0));
}
