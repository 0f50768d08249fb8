//! The rules of attention: nothing that is wrong is left out in silence, and the order's item stays small.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use chassis::cause::Cause;
use chassis::consumer::Delivery;
use jiff::SignedDuration;
use orders::application::{Orders, PlaceOrder};
use orders::domain::attention::{Attention, MAX_UNPROCESSED, Resolution};
use orders::domain::ids::{IdempotencyKey, OrderId};
use orders::domain::order::{Order, apply};
use orders::outbound::Store;
use support::{AT, codes, customer, later, new_order, refund_failed, refunded, request, reserved, unprocessed};
use testkit::Tables;

/// The order with entries about these many events.
fn flagged(order: Order, events: std::ops::Range<usize>) -> Order {
    events.fold(order, |order, n| apply(&order, unprocessed(&format!("evt_{n}")), later(1)).0)
}

fn resolved(order: &Order, number: u32) -> Order {
    let resolution = Resolution { at: AT, by: "sam".to_owned(), note: "redriven".to_owned() };
    Order { attention: order.attention.resolve(number, resolution).unwrap(), ..order.clone() }
}

fn numbers(attention: &Attention) -> Vec<u32> {
    attention.entries.iter().map(|entry| entry.number).collect()
}

#[test]
fn the_oldest_resolved_entry_makes_room() {
    let full = flagged(new_order(), 0..MAX_UNPROCESSED);
    let some = resolved(&resolved(&full, 3), 7);
    let (more, _) = apply(&some, unprocessed("evt_new"), later(9));
    assert_eq!(more.attention.entries.len(), MAX_UNPROCESSED);
    assert!(!numbers(&more.attention).contains(&3) && numbers(&more.attention).contains(&7));
    assert_eq!(more.attention.entries.last().map(|entry| (entry.number, entry.since)), Some((21, later(9))));
}

#[test]
fn when_all_are_open_one_entry_says_that_there_are_more() {
    let full = flagged(new_order(), 0..99);
    let expected = [vec!["EVENT_NOT_PROCESSED"; MAX_UNPROCESSED], vec!["MORE_EVENTS_NOT_PROCESSED"]].concat();
    assert_eq!(codes(&full), expected);
    assert_eq!(apply(&full, unprocessed("evt_99"), later(9)).0, full, "it says so once");
    let told = resolved(&full, 21);
    let (again, _) = apply(&told, unprocessed("evt_99"), later(9));
    assert_eq!(
        (codes(&again), numbers(&again.attention).last()),
        (expected, Some(&22)),
        "and again, once it is resolved"
    );
}

#[test]
fn what_follows_from_the_order_always_has_its_entry() {
    let full = flagged(new_order(), 0..99);
    let (failing, _) = apply(&full, refund_failed(), later(9));
    assert_eq!(codes(&failing).last(), Some(&"REFUND_FAILED"));
    let (done, _) = apply(&failing, refunded(100), later(10));
    assert_eq!(codes(&done), codes(&full));
}

#[test]
fn another_refund_that_fails_needs_attention_again() {
    let (one, _) = apply(&new_order(), refund_failed(), later(1));
    let one = resolved(&one, 1);
    assert_eq!(apply(&one, refund_failed(), later(2)).0, one, "the same refund is known");
    let other = orders::domain::order::Fact::RefundFailed { refund: support::refund(2) };
    let (both, _) = apply(&one, other, later(3));
    assert_eq!((codes(&both), numbers(&both.attention)), (vec!["REFUND_FAILED"], vec![2]));
    assert!(both.attention.is_open());
}

fn cause(at: i64) -> Cause {
    Cause::new("cor_1", format!("cmd_{at}"), later(at))
}

/// Whatever operators do, the item stays far below what DynamoDB takes, and each of the order's own events keeps its id.
#[tokio::test]
async fn an_order_that_is_announced_without_end_stays_small() {
    let (tables, aws) = Tables::open(&[]).await;
    let hour = SignedDuration::from_hours(1);
    let orders = Orders::new(Store::new(&aws, "orders".to_owned(), "ignored".to_owned()), hour);
    let id = OrderId::derive(&customer(), &IdempotencyKey::new("key-1").unwrap());
    let request = request(&[("MUG-01", 2, 1_595)]);
    let command =
        PlaceOrder { id: id.clone(), customer: customer(), request, fingerprint: "f".into(), pay_within: hour };
    orders.place(command, &cause(0)).await.unwrap();
    for n in 1..=150 {
        orders.announce(&id, &cause(n)).await.unwrap();
    }
    let event = serde_json::json!({ "id": "evt_1", "type": "InventoryReserved.v1", "source": "oms.inventory",
        "subject": id.as_str(), "correlationid": "cor_1" });
    let delivery = Delivery::of(&testkit::delivered(&event), testkit::ACCOUNT, 1, later(151)).unwrap();
    orders.apply_event(&id, &reserved(), &delivery).await.unwrap();

    let size = tables.item("orders", id.as_str()).to_string().len();
    assert!(size < 10_000, "{size} bytes after 150 announcements");
    let history = orders.get(&id).await.unwrap().unwrap().value.metadata.history;
    let own = |sequence| contracts::event_id(contracts::orders::SOURCE, id.as_str(), sequence);
    let ids: Vec<&str> = history.iter().map(|fact| fact.event_id.as_str()).collect();
    assert_eq!(
        (ids[0], ids[1], ids.len()),
        (own(1).as_str(), own(54).as_str(), 100),
        "the first and the latest are kept"
    );
    assert_eq!((ids[98], ids[99]), (own(151).as_str(), "evt_1"));
}
