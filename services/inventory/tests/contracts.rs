//! Every event that inventory hears is understood, and every event that it says about an order keeps its published
//! contract; what it says about a sku is in `deployed.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use chassis::cause::Cause;
use chassis::consumer::{Classify, Verdict};
use chassis::store::{Attributes, Revision};
use contracts::catalogue;
use inventory::domain::ids::{OrderId, ReservationId, Sku};
use inventory::domain::reservation::{End, Event, Fact, Line, Release, Reservation, Shortage, State, next};
use inventory::domain::stock::Level;
use inventory::inbound::events::{HANDLED, fact};
use inventory::outbound::{ReservationRecord, events};
use jiff::Timestamp;
use serde_json::Value;

fn samples(event_type: &str) -> Vec<Value> {
    catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap().samples
}

fn line(sku: &str, quantity: u32) -> Line {
    Line { sku: Sku::trusted(sku), quantity }
}

fn reservation(state: State) -> Reservation {
    let order = OrderId::trusted("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10");
    let (id, lines) = (ReservationId::derive(&order), vec![line("MUG-01", 2), line("TEA-GREEN-100", 1)]);
    Reservation { order, id, lines, expires_at: Some(Timestamp::UNIX_EPOCH), state }
}

fn shortages() -> Vec<Shortage> {
    let shortage = |sku, available| Shortage { sku: Sku::trusted(sku), requested: 2, available };
    vec![shortage("MUG-01", Some(1)), shortage("GHOST", None)]
}

fn said(event: &Event) -> Value {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt-1".to_owned());
    let cause = Cause { correlation_id, causation_id, traceparent: None, at: Timestamp::UNIX_EPOCH };
    let published = events(&reservation(State::Reserved), Some(event), &cause, Revision { version: 1, emitted: 3 });
    serde_json::from_str(&published.unwrap()[0]).unwrap()
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    for event_type in HANDLED {
        for sample in samples(event_type) {
            let (order, _) = fact(event_type, &sample.to_string(), Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(order.as_str(), sample["subject"], "{event_type}");
        }
    }
}

#[test]
fn a_created_order_wants_each_sku_once_whatever_its_lines_say() {
    let mut event = samples("OrderCreated.v1").remove(0);
    event["data"]["lines"][1]["sku"] = event["data"]["lines"][0]["sku"].clone();
    let (_, wish) = fact("OrderCreated.v1", &event.to_string(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(wish, Fact::Created { lines: vec![line("MUG-01", 3)], expires_at: Timestamp::UNIX_EPOCH });
}

#[test]
fn an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    let refused = |event_type: &str| fact(event_type, "{}", Timestamp::UNIX_EPOCH).unwrap_err();
    for (event_type, class) in [("OrderCreated.v2", "unknown_type"), ("OrderCreated.v1", "contract")] {
        let error = refused(event_type);
        assert_eq!((error.class(), error.verdict()), (class, Verdict::Park));
    }
}

#[test]
fn every_event_that_inventory_says_about_an_order_keeps_its_schema() {
    let few = shortages().into_iter().take(1).collect();
    let events = [
        (Event::Reserved, "InventoryReserved.v1"),
        (Event::Rejected(few), "InventoryRejected.v1"),
        (Event::Rejected(shortages()), "InventoryRejected.v1"),
        (Event::Released(Release::Cancelled), "InventoryReleased.v1"),
        (Event::Released(Release::Expired), "InventoryReleased.v1"),
        (Event::Released(Release::NeverReserved), "InventoryReleased.v1"),
        (Event::Committed, "InventoryCommitted.v1"),
    ];
    for (event, event_type) in events {
        let event = said(&event);
        let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
        let schema = jsonschema::options().should_validate_formats(true).build(&entry.schema).unwrap();
        assert!(schema.is_valid(&event), "{event}");
        assert_eq!((&event["type"], &event["sequence"]), (&event_type.into(), &"0000000004".into()));
        assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt-1".into()));
    }
}

#[test]
fn a_rejection_says_why_and_a_release_says_what_came_before() {
    let few = shortages().into_iter().take(1).collect();
    assert_eq!(said(&Event::Rejected(few))["data"]["reason"], "INSUFFICIENT_STOCK");
    let unknown = said(&Event::Rejected(shortages()));
    assert_eq!(unknown["data"]["reason"], "UNKNOWN_SKU");
    assert_eq!(unknown["data"]["lines"][1], serde_json::json!({ "sku": "GHOST", "requested": 2, "available": 0 }));
    for (why, cause) in
        [(Release::Cancelled, "CANCELLED"), (Release::Expired, "EXPIRED"), (Release::NeverReserved, "NEVER_RESERVED")]
    {
        assert_eq!(said(&Event::Released(why))["data"]["cause"], cause);
    }
}

#[test]
fn a_hold_without_an_end_is_never_told() {
    let cause =
        Cause { correlation_id: String::new(), causation_id: String::new(), traceparent: None, at: Timestamp::MIN };
    let endless = Reservation { expires_at: None, ..reservation(State::Reserved) };
    assert!(events(&endless, Some(&Event::Reserved), &cause, Revision::default()).is_err());
}

#[test]
fn a_reservation_survives_its_item() {
    let releasing = |end| State::Releasing { held: 1, end };
    for state in [
        State::Holding { held: 1 },
        State::Reserved,
        releasing(End::Cancelled),
        releasing(End::Expired),
        releasing(End::Rejected(shortages())),
        State::Committing { held: 1 },
        State::Released(Release::Cancelled),
        State::Released(Release::Expired),
        State::Released(Release::NeverReserved),
        State::Rejected(shortages()),
        State::Committed,
    ] {
        let reservation = reservation(state);
        let record = ReservationRecord::new(&reservation, "cor-1".into());
        let item: Attributes = serde_dynamo::aws_sdk_dynamodb_1::to_item(&record).unwrap();
        let read: ReservationRecord = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
        assert_eq!((Reservation::from(&read), read.correlation_id.as_str()), (reservation, "cor-1"));
    }
}

#[test]
fn a_tombstone_has_no_end_of_a_hold() {
    let order = reservation(State::Reserved).order;
    let tombstone = next(&order, None, &Fact::Cancelled, &BTreeMap::new()).unwrap().unwrap().reservation;
    let item = serde_json::to_value(ReservationRecord::new(&tombstone, "cor-1".into())).unwrap();
    assert_eq!(item.get("expiresAt"), None);
    let read: ReservationRecord = serde_json::from_value(item).unwrap();
    assert_eq!(Reservation::from(&read), tombstone);
}

#[test]
fn the_hold_of_an_order_always_has_the_same_name() {
    let order = reservation(State::Reserved).order;
    let level = Level { available: 9, reserved: 0 };
    let levels = BTreeMap::from([(Sku::trusted("MUG-01"), level)]);
    let wish = Fact::Created { lines: vec![line("MUG-01", 1)], expires_at: Timestamp::UNIX_EPOCH };
    let held = next(&order, None, &wish, &levels).unwrap().unwrap().reservation.id;
    let never = next(&order, None, &Fact::Cancelled, &BTreeMap::new()).unwrap().unwrap().reservation.id;
    assert_eq!(held, never);
    assert!(held.as_str().starts_with("rsv_"));
}
