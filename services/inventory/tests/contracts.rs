//! Every event that inventory consumes is understood, every event that it publishes matches its schema, and
//! `events.toml` declares both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::cause::Cause;
use chassis::store::{Attributes, Revision};
use chassis::verdict::{Classify, Verdict};
use inventory::domain::adjustment::{Adjustment, AdjustmentRequest, adjust};
use inventory::domain::ids::{AdjustmentId, OrderId, ReservationId, Sku};
use inventory::domain::reservation::{
    End, Event, Fact, Line, ReleaseCause, Reservation, Shortage, State, announce, next,
};
use inventory::domain::stock::{Level, Levels};
use inventory::inbound::events::{EventError, HANDLED, fact};
use inventory::outbound::{AdjustmentRecord, ReservationRecord, reservation_events, stock_adjusted};
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::contract::{self, Contract, sample};

fn contract() -> Contract<'static> {
    Contract::of(env!("CARGO_MANIFEST_DIR"), &HANDLED)
}

/// The fact of an event; a hold ends when it begins.
fn read(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    fact(event_type, text, Timestamp::UNIX_EPOCH)
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

fn cause() -> Cause {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt-1".to_owned());
    Cause { hops: 3, ..Cause::new(correlation_id, causation_id, Timestamp::UNIX_EPOCH) }
}

fn published(event: &Event) -> String {
    let read = Revision { version: 1, emitted: 3, ..Revision::default() };
    reservation_events(&reservation(State::Reserved), Some(event), &cause(), &read).unwrap().remove(0)
}

fn data_of(event: &Event) -> Value {
    serde_json::from_str::<Value>(&published(event)).unwrap()["data"].clone()
}

fn adjustment() -> Adjustment {
    let (id, sku) = (AdjustmentId::trusted("adj_5a1e3c66-7b7e-5d0a-8f0e-0c9d1b2a3f44"), Sku::trusted("MUG-01"));
    let request = AdjustmentRequest { id, operator: "olga".into(), sku, delta: -3, reason: Some("broken".into()) };
    Adjustment { request, level: Level { available: 95, reserved: 2 }, at: Timestamp::UNIX_EPOCH }
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    contract().names_what_is_handled();
}

#[test]
fn nothing_is_believed_that_the_bus_does_not_vouch_for() {
    contract().believes_what_the_bus_vouches_for();
}

#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn inventory_reads_exactly_what_it_declares() {
    contract().reads_what_it_declares(|delivery| read(&delivery.event_type, &delivery.text));
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    contract().understands_every_sample(|event_type, text| read(event_type, text).map(|(order, _)| order.to_string()));
}

#[test]
fn a_created_order_reserves_each_sku_once_however_many_lines_name_it() {
    let mut event = sample("OrderCreated.v1");
    event["data"]["lines"][1]["sku"] = event["data"]["lines"][0]["sku"].clone();
    let (_, fact) = read("OrderCreated.v1", &event.to_string()).unwrap();
    assert_eq!(fact, Fact::Created { lines: vec![line("MUG-01", 3)], expires_at: Timestamp::UNIX_EPOCH });
}

#[test]
fn an_order_without_lines_or_pieces_is_parked_and_one_with_too_many() {
    let line = |quantity: u32| json!({ "sku": "MUG-01", "quantity": quantity });
    for lines in [vec![], vec![line(0)], vec![line(1); 101], vec![line(u32::MAX), line(1)]] {
        let mut event = sample("OrderCreated.v1");
        event["data"]["lines"] = lines.into();
        let error = read("OrderCreated.v1", &event.to_string()).unwrap_err();
        assert_eq!((error.verdict(), error.class()), (Verdict::Park, "contract"));
    }
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderCompleted.v1", "unknown_type", "inventory does not consume OrderCompleted.v1"),
        ("OrderCreated.v2", "unknown_type", "inventory does not consume OrderCreated.v2"),
        ("OrderCreated.v1", "contract", "the event does not keep its contract"),
    ] {
        contract::parks(read(event_type, "{}"), class, message);
    }
}

#[test]
fn only_a_strict_build_refuses_what_only_the_schema_forbids() {
    let forbidden = [
        ("/sequence", "1", "(pattern)"),
        ("/time", "yesterday", "(format)"),
        ("/datacontenttype", "text/plain", "(const)"),
        ("/data/total", "4790", "(type)"),
    ];
    let read = |text: &str| read("OrderCreated.v1", text);
    contract::is_strict(cfg!(feature = "strict"), "OrderCreated.v1", &forbidden, read);
}

#[test]
fn every_event_that_inventory_publishes_matches_its_schema_and_is_declared() {
    let few = shortages().into_iter().take(1).collect();
    let events = [
        (published(&Event::Reserved), "InventoryReserved.v1"),
        (published(&Event::Rejected(few)), "InventoryRejected.v1"),
        (published(&Event::Rejected(shortages())), "InventoryRejected.v1"),
        (published(&Event::Released(ReleaseCause::Cancelled)), "InventoryReleased.v1"),
        (published(&Event::Released(ReleaseCause::Expired)), "InventoryReleased.v1"),
        (published(&Event::Released(ReleaseCause::NeverReserved)), "InventoryReleased.v1"),
        (published(&Event::Committed), "InventoryCommitted.v1"),
        (stock_adjusted(&adjustment(), 4, &cause()).unwrap(), "StockAdjusted.v1"),
    ];
    let (events, types): (Vec<String>, Vec<&str>) = events.into_iter().unzip();
    for (event, event_type) in contract().publishes(&events).iter().zip(types) {
        assert_eq!((&event["type"], &event["sequence"]), (&event_type.into(), &"0000000004".into()));
        assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt-1".into()));
        assert_eq!(event["hops"], 3, "as many as its cause says");
    }
}

/// From a reservation's states, by the rule that announces them, and from an adjustment, to the bytes on the bus.
#[test]
fn every_event_that_inventory_publishes_is_pinned() {
    let at: Timestamp = "2026-11-22T10:15:30.120Z".parse().unwrap();
    let traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let caused = Cause { at, traceparent, hops: 0, ..cause() };
    let states = [
        State::Reserved,
        State::Rejected(shortages().into_iter().take(1).collect()),
        State::Rejected(shortages()),
        State::Released(ReleaseCause::Cancelled),
        State::Released(ReleaseCause::Expired),
        State::Released(ReleaseCause::NeverReserved),
        State::Committed,
    ];
    let mut published: Vec<String> = Vec::new();
    for state in states {
        let reservation = Reservation { expires_at: Some(at), ..reservation(state) };
        let read = Revision { version: 1, emitted: 0, ..Revision::default() };
        published.extend(reservation_events(&reservation, announce(&reservation).as_ref(), &caused, &read).unwrap());
    }
    let adjusted = |delta| {
        let Adjustment { request, level, .. } = adjustment();
        let level = Level { available: adjust(level.available, delta).unwrap(), ..level };
        let request = AdjustmentRequest { delta, ..request };
        stock_adjusted(&Adjustment { request, level, at }, 4, &caused).unwrap()
    };
    published.extend([adjusted(-3), adjusted(100)]);
    contract().pins(&published);
}

#[test]
fn a_rejection_and_a_release_have_their_cause() {
    let few = shortages().into_iter().take(1).collect();
    assert_eq!(data_of(&Event::Rejected(few))["reason"], "INSUFFICIENT_STOCK");
    let unknown = data_of(&Event::Rejected(shortages()));
    assert_eq!(unknown["reason"], "UNKNOWN_SKU");
    assert_eq!(unknown["lines"][1], json!({ "sku": "GHOST", "requested": 2, "available": 0 }));
    for (cause, name) in [
        (ReleaseCause::Cancelled, "CANCELLED"),
        (ReleaseCause::Expired, "EXPIRED"),
        (ReleaseCause::NeverReserved, "NEVER_RESERVED"),
    ] {
        assert_eq!(data_of(&Event::Released(cause))["cause"], name);
    }
}

#[test]
fn a_hold_without_an_end_is_never_published() {
    let endless = Reservation { expires_at: None, ..reservation(State::Reserved) };
    assert!(reservation_events(&endless, Some(&Event::Reserved), &cause(), &Revision::default()).is_err());
}

#[test]
fn a_reservation_survives_its_item_and_its_states_have_the_names_that_are_stored() {
    let releasing = |end| State::Releasing { held: 1, end };
    for (state, name) in [
        (State::Reserving { held: 1 }, "HOLDING"),
        (State::Reserved, "RESERVED"),
        (releasing(End::Cancelled), "RELEASING"),
        (releasing(End::Expired), "RELEASING"),
        (releasing(End::Rejected(shortages())), "RELEASING"),
        (State::Released(ReleaseCause::Cancelled), "RELEASED"),
        (State::Released(ReleaseCause::Expired), "RELEASED"),
        (State::Released(ReleaseCause::NeverReserved), "RELEASED"),
        (State::Rejected(shortages()), "REJECTED"),
        (State::Committed, "COMMITTED"),
    ] {
        let reservation = reservation(state);
        let record = ReservationRecord::new(&reservation, "cor-1".into());
        assert_eq!(serde_json::to_value(&record).unwrap()["reservation"]["state"], name);
        let item: Attributes = serde_dynamo::aws_sdk_dynamodb_1::to_item(&record).unwrap();
        let read: ReservationRecord = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
        assert_eq!((Reservation::from(&read), read.correlation_id.as_str()), (reservation, "cor-1"));
    }
}

#[test]
fn an_adjustment_survives_its_item() {
    let adjustment = adjustment();
    let item: Attributes = serde_dynamo::aws_sdk_dynamodb_1::to_item(AdjustmentRecord::from(&adjustment)).unwrap();
    let read: AdjustmentRecord = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
    assert_eq!(read.adjustment(adjustment.request.id.as_str()), adjustment);
}

#[test]
fn a_tombstone_has_no_end_of_a_hold() {
    let order = reservation(State::Reserved).order;
    let tombstone = next(&order, None, &Fact::Cancelled, &Levels::new()).unwrap().unwrap().reservation;
    let item = serde_json::to_value(ReservationRecord::new(&tombstone, "cor-1".into())).unwrap();
    assert_eq!(item.get("expiresAt"), None);
    let read: ReservationRecord = serde_json::from_value(item).unwrap();
    assert_eq!(Reservation::from(&read), tombstone);
}

#[test]
fn the_reservation_of_an_order_always_has_the_same_id() {
    let order = reservation(State::Reserved).order;
    let creation = Fact::Created { lines: vec![line("MUG-01", 1)], expires_at: Timestamp::UNIX_EPOCH };
    let held = next(&order, None, &creation, &Levels::new()).unwrap().unwrap().reservation.id;
    let never = next(&order, None, &Fact::Cancelled, &Levels::new()).unwrap().unwrap().reservation.id;
    assert_eq!(held, never);
    assert!(held.as_str().starts_with("rsv_"));
}
