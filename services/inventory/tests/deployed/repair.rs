//! What staff see of reservations and adjustments, and how an operator announces a reservation.

use std::collections::BTreeSet;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::{Capture, Stage, eventually, unique};

use super::{about, adjust, all_is_handled, created, get, level, order, published, sku, stocked};

async fn announce(stage: &Stage, user: &str, order: &str) -> Response {
    let path = format!("/v1/reservations/{order}/announcement");
    stage.request(user, Method::POST, "inventory", &path).send().await.unwrap()
}

/// Everything that a list holds, by following its links; no page is larger than asked for.
async fn all(stage: &Stage, user: &str, list: &str) -> Vec<Value> {
    let (mut path, mut seen) = (format!("/v1/{list}?limit=7"), Vec::new());
    loop {
        let answer = get(stage, user, &path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Value = answer.json().await.unwrap();
        let items = page[list].as_array().unwrap();
        assert!(items.len() <= 7, "{path}");
        seen.extend(items.iter().cloned());
        let Some(link) = link else { return seen };
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next.unwrap_or_else(|| panic!("no link: {link}")).clone_into(&mut path);
        assert!(path.ends_with(page["nextCursor"].as_str().unwrap()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_shows_what_is_held_for_which_order() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, held, short) = (sku("mug"), order(), order());
    stocked(&stage, &mug, 3).await;
    let creation = created(&held, &[(&mug, 2)]);
    stage.publish(std::slice::from_ref(&creation)).await;
    let reserved = capture.wait_for(&held, "InventoryReserved.v1").await;
    stage.publish(&[created(&short, &[(&mug, 2)])]).await;
    capture.wait_for(&short, "InventoryRejected.v1").await;

    let shown: Value = get(&stage, "sam", &format!("/v1/reservations/{held}")).await.json().await.unwrap();
    let expected = json!({
        "orderId": held, "reservationId": reserved["data"]["reservationId"], "state": "RESERVED",
        "lines": [{ "sku": mug, "quantity": 2, "held": 2 }], "expiresAt": reserved["data"]["expiresAt"],
        "correlationId": creation["correlationid"],
    });
    assert_eq!(shown, expected);
    let shown: Value = get(&stage, "olga", &format!("/v1/reservations/{short}")).await.json().await.unwrap();
    assert_eq!((&shown["state"], &shown["lines"][0]["held"]), (&json!("REJECTED"), &json!(0)));
    assert_eq!(shown["missing"], json!([{ "sku": mug, "requested": 2, "available": 1, "unknown": false }]));

    for (user, path, status) in [
        ("nobody", held.as_str(), 401),
        ("ada", &held, 403),
        ("sam", &order(), 404),
        ("sam", "adj_5a1e3c66-7b7e-5d0a-8f0e-0c9d1b2a3f44", 404),
        ("sam", "x", 404),
    ] {
        assert_eq!(get(&stage, user, &format!("/v1/reservations/{path}")).await.status(), status, "{user} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_show_every_reservation_and_every_adjustment_once() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, orders) = (sku("listed"), (0..10).map(|_| order()).collect::<BTreeSet<_>>());
    let mut deltas: Vec<i64> = (10..20).collect();
    for delta in &deltas {
        let body = json!({ "delta": delta, "reason": format!("delivery {delta}") });
        assert_eq!(adjust(&stage, "olga", &mug, &unique("key"), &body).await.status(), 201);
    }
    stage.publish(&orders.iter().map(|order| created(order, &[(&mug, 1)])).collect::<Vec<_>>()).await;
    for order in &orders {
        capture.wait_for(order, "InventoryReserved.v1").await;
    }

    let reservations = all(&stage, "sam", "reservations").await;
    let ours: Vec<&str> = reservations.iter().filter_map(|it| it["orderId"].as_str()).collect();
    let ours: Vec<&str> = ours.into_iter().filter(|order| orders.contains(*order)).collect();
    assert_eq!((ours.len(), ours.into_iter().collect::<BTreeSet<_>>().len()), (10, 10));

    let adjustments = all(&stage, "olga", "adjustments").await;
    let mut ours: Vec<&Value> = adjustments.iter().filter(|it| it["sku"] == json!(mug)).collect();
    ours.sort_by_key(|it| it["onHand"].as_u64());
    deltas.sort_unstable();
    assert_eq!(ours.iter().map(|it| it["delta"].as_i64().unwrap()).collect::<Vec<_>>(), deltas);
    assert_eq!(ours[0]["operator"], json!(stage.customer("olga")));
    assert_eq!((&ours[0]["reason"], &ours[0]["onHand"]), (&json!("delivery 10"), &json!(10)));
    assert!(ours[0]["adjustedAt"].as_str().is_some_and(|at| at.ends_with('Z')) && ours[0]["adjustmentId"].is_string());

    for list in ["reservations", "adjustments"] {
        assert_eq!(get(&stage, "ada", &format!("/v1/{list}")).await.status(), 403, "{list}");
        assert_eq!(get(&stage, "nobody", &format!("/v1/{list}")).await.status(), 401, "{list}");
        for bad in ["limit=0", "limit=101", "limit=x", "cursor=!", "cursor=", "colour=red"] {
            assert_eq!(get(&stage, "sam", &format!("/v1/{list}?{bad}")).await.status(), 400, "{list} {bad}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_publishes_a_reservation_again_and_changes_nothing() {
    let stage = Stage::from_env().await;
    let capture = Capture::begin(&stage).await;
    let (mug, order) = (sku("mug"), order());
    stocked(&stage, &mug, 3).await;
    stage.publish(&[created(&order, &[(&mug, 2)])]).await;
    let first = capture.wait_for(&order, "InventoryReserved.v1").await;

    let answer = announce(&stage, "olga", &order).await;
    assert_eq!(answer.status(), 202);
    let view: Value = answer.json().await.unwrap();
    assert_eq!((&view["orderId"], &view["state"]), (&json!(order), &json!("RESERVED")));
    eventually("it is published again", || async { published(&capture, &order).len() == 2 }).await;
    let mut reserved = capture.of_type(&order, "InventoryReserved.v1");
    reserved.sort_by_key(|event| event["sequence"].to_string());
    let again = &reserved[1];
    assert_eq!((&again["data"], &again["correlationid"]), (&first["data"], &first["correlationid"]));
    assert_eq!((&again["causationid"], &again["sequence"]), (&first["id"], &json!("0000000002")));
    assert_eq!(level(&stage, &mug).await, (3, 2, 1));

    // Twice at once: each has a sequence of its own, and the hold is as before.
    let (one, other) = tokio::join!(announce(&stage, "olga", &order), announce(&stage, "olga", &order));
    assert_eq!((one.status().as_u16(), other.status().as_u16()), (202, 202));
    stage.publish(&[about(&order, "OrderConfirmed.v1")]).await;
    capture.wait_for(&order, "InventoryCommitted.v1").await;
    assert_eq!(announce(&stage, "olga", &order).await.status(), 202);
    eventually("the sale is published again", || async { published(&capture, &order).len() == 6 }).await;
    all_is_handled(&stage, &capture).await;
    let (reserved, committed) = ("InventoryReserved.v1", "InventoryCommitted.v1");
    assert_eq!(published(&capture, &order), [reserved, reserved, reserved, reserved, committed, committed]);
    assert_eq!(level(&stage, &mug).await, (1, 0, 1));

    for (user, status) in [("nobody", 401), ("ada", 403), ("sam", 403)] {
        assert_eq!(announce(&stage, user, &order).await.status(), status, "{user}");
    }
    assert_eq!(announce(&stage, "olga", &super::order()).await.status(), 404);
}
