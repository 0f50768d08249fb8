//! Orders understands every event that it consumes, every event that it publishes keeps its contract, and `events.toml`
//! declares both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

use chassis::cause::Cause;
use chassis::consumer::Delivery;
use chassis::store::Revision;
use contracts::platform::{EventProcessingFailed, Failure, processing_failed};
use contracts::{EventData, validate};
use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::{Resolution, UnprocessedEvent};
use orders::domain::cancel::cancel;
use orders::domain::decision::{CancelReason, Event};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId, PaymentId, RefundId, ReservationId};
use orders::domain::inventory::{Inventory, Shortfall};
use orders::domain::order::{Fact, Order, apply};
use orders::domain::payment::Payment;
use orders::domain::place::{LineRequest, OrderRequest, place};
use orders::inbound::events::{HANDLED, fact};
use orders::outbound::{OrderMetadata, OrderRecord, events};
use testkit::contract::{self, Contract, sample};

const ORDERS: &str = env!("CARGO_MANIFEST_DIR");

fn contract() -> Contract<'static> {
    Contract::of(ORDERS, &HANDLED)
}

fn order() -> Order {
    order_of(&[("MUG-01", 2, 1_595)])
}

fn order_of(lines: &[(&str, i64, i64)]) -> Order {
    let customer = CustomerId::new("ada").unwrap();
    let id = OrderId::derive(&customer, &IdempotencyKey::new("key").unwrap());
    let line = |&(sku, quantity, unit_price): &(&str, _, _)| LineRequest { sku: sku.into(), quantity, unit_price };
    let lines = lines.iter().map(line).collect();
    let request = OrderRequest { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() };
    place(&request, id, customer, Timestamp::UNIX_EPOCH, SignedDuration::from_hours(1)).unwrap()
}

fn cause() -> Cause {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt-1".to_owned());
    Cause { hops: 3, ..Cause::new(correlation_id, causation_id, Timestamp::UNIX_EPOCH) }
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    contract().names_what_is_handled();
}

#[test]
fn nothing_is_believed_that_the_bus_does_not_vouch_for() {
    contract().believes_what_the_bus_vouches_for();
}

/// It reads what it declares and nothing else. What a producer that is a minor version ahead adds is ignored; a value
/// that an enumeration did not have is parked: nothing is guessed.
#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn race_a_new_producer_version_before_its_consumers() {
    contract().reads_what_it_declares(|Delivery { event_type, text, .. }| fact(event_type, text));
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    contract().understands_every_sample(|event_type, text| {
        fact(event_type, text).map(|(order, _)| {
            assert!(OrderId::new(order.as_str()).is_some(), "the contract admits {order}, the domain does not");
            order.to_string()
        })
    });
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    let mut unknown = sample("InventoryReleased.v1");
    unknown["data"]["cause"] = "A_CAUSE_OF_TOMORROW".into();
    for (event_type, text, class, message) in [
        ("StockAdjusted.v1", "{}", "unknown_type", "orders does not consume StockAdjusted.v1"),
        ("PaymentSucceeded.v2", "{}", "unknown_type", "orders does not consume PaymentSucceeded.v2"),
        ("PaymentSucceeded.v1", "{}", "contract", "the event does not keep its contract"),
        ("InventoryReleased.v1", &unknown.to_string(), "contract", "the event does not keep its contract"),
    ] {
        contract::parks(fact(event_type, text), class, message);
    }
}

#[test]
fn only_a_strict_build_refuses_what_only_the_schema_forbids() {
    let forbidden = [
        ("/sequence", "1", "(pattern)"),
        ("/time", "yesterday", "(format)"),
        ("/datacontenttype", "text/plain", "(const)"),
        ("/data/amount", "4790", "(type)"),
    ];
    let event_type = "PaymentSucceeded.v1";
    contract::is_strict(cfg!(feature = "strict"), event_type, &forbidden, |text| fact(event_type, text));
}

#[test]
fn every_event_that_orders_publishes_keeps_its_schema_and_is_declared() {
    let (payment, reservation) = (
        PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2"),
        ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31"),
    );
    let published = [
        Event::Created,
        Event::Confirmed { payment, reservation },
        Event::Completed,
        Event::Cancelled { reason: CancelReason::OutOfStock },
        Event::Cancelled { reason: CancelReason::PaymentFailed },
        Event::Cancelled { reason: CancelReason::ReservationExpired },
        Event::Cancelled { reason: CancelReason::TimedOut },
        Event::Cancelled { reason: CancelReason::Customer },
        Event::Cancelled { reason: CancelReason::Staff },
    ];
    let published =
        events(&order(), &published, &cause(), &Revision { version: 1, emitted: 3, ..Revision::default() }).unwrap();
    for (sequence, event) in (4..).zip(contract().publishes(&published)) {
        assert_eq!(event["sequence"], format!("{sequence:010}"));
        assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt-1".into()));
        assert_eq!(event["hops"], 3, "as many as its cause says");
    }
}

/// From the requests and facts of which the rules make events, to the bytes on the bus.
#[test]
fn every_event_that_orders_publishes_is_pinned() {
    let at: Timestamp = "2026-11-22T10:15:30.120Z".parse().unwrap();
    let traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let caused = Cause { at, traceparent, hops: 0, ..cause() };
    let payment = PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2");
    let reservation = ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31");
    let placed = Order { placed_at: at, pay_by: at + SignedDuration::from_hours(1), ..order() };
    let reserved = Fact::Inventory(Inventory::Reserved { reservation: reservation.clone(), expires_at: at });
    let paid = Fact::Payment(Payment::Succeeded { payment, attempts: 1 });
    let sold = Fact::Inventory(Inventory::Committed { reservation });

    let (reserved, _) = apply(&placed, reserved, at);
    let confirmation = apply(&reserved, paid, at);
    let completion = apply(&confirmation.0, sold, at);
    let reasons = [
        CancelReason::OutOfStock,
        CancelReason::PaymentFailed,
        CancelReason::ReservationExpired,
        CancelReason::TimedOut,
        CancelReason::Customer,
        CancelReason::Staff,
    ];
    let cancellations = reasons.map(|reason| cancel(&placed, reason, at).unwrap());
    let first = [(0, (placed.clone(), vec![Event::Created])), (1, confirmation), (2, completion)];
    let decided = first.into_iter().chain(cancellations.map(|cancellation| (1, cancellation)));
    let mut published: Vec<String> = Vec::new();
    for (emitted, (order, decided)) in decided {
        published.extend(
            events(&order, &decided, &caused, &Revision { version: 1, emitted, ..Revision::default() }).unwrap(),
        );
    }
    let of_two = order_of(&[("TEA-GREEN-100", 1, 1_600), ("MUG-01", 3, 1_595)]);
    published.extend(
        events(&of_two, &[Event::Created], &caused, &Revision { version: 0, emitted: 0, ..Revision::default() })
            .unwrap(),
    );
    let failure = Failure { consumer: "orders/events", error_class: "contract", message: "no lines", receives: 5 };
    published.push(processing_failed(&published[0], failure, at).unwrap());
    contract().pins(&published);
}

#[test]
fn a_rejection_says_why_unless_a_later_version_has_another_reason() {
    for (reason, why) in [
        ("UNKNOWN_SKU", Some(Shortfall::UnknownSku)),
        ("INSUFFICIENT_STOCK", Some(Shortfall::InsufficientStock)),
        ("RECALLED", None),
    ] {
        let mut rejected = sample("InventoryRejected.v1");
        rejected["data"]["reason"] = reason.into();
        let (_, fact) = fact("InventoryRejected.v1", &rejected.to_string()).unwrap();
        assert_eq!(fact, Fact::Inventory(Inventory::Rejected { why }));
    }
}

#[test]
fn an_order_survives_its_item() {
    let reservation = ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31");
    let payment = PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2");
    let at = Timestamp::UNIX_EPOCH;
    let facts = [
        Fact::Inventory(Inventory::Reserved { reservation: reservation.clone(), expires_at: at }),
        Fact::Inventory(Inventory::Rejected { why: None }),
        Fact::Inventory(Inventory::Rejected { why: Some(Shortfall::UnknownSku) }),
        Fact::Inventory(Inventory::Released { expired: true }),
        Fact::Inventory(Inventory::Committed { reservation }),
        Fact::Payment(Payment::Failed { payment: payment.clone(), attempts: 4 }),
        Fact::Payment(Payment::Voided { payment: payment.clone() }),
        Fact::Payment(Payment::Succeeded { payment, attempts: 1 }),
        Fact::Refunded { refund: RefundId::trusted("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f"), total: 7 },
        Fact::RefundFailed { refund: RefundId::trusted("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f") },
        Fact::NotProcessed(UnprocessedEvent {
            consumer: "inventory/events".into(),
            event_id: "evt_1".into(),
            event_type: "OrderConfirmed.v1".into(),
            error_class: "contract".into(),
        }),
    ];
    for fact in facts {
        let (order, _) = apply(&order(), fact, at);
        survives(&order);
        if let Some(attention) = order.attention.resolve(1, Resolution { at, by: "sam".into(), note: "seen".into() }) {
            survives(&Order { attention, ..order });
        }
    }
    for reason in [CancelReason::TimedOut, CancelReason::Customer, CancelReason::Staff] {
        survives(&cancel(&order(), reason, at).unwrap().0);
    }
}

#[test]
fn a_customers_orders_sort_as_they_were_placed() {
    let key = |milliseconds: i64| {
        let placed_at = Timestamp::from_millisecond(1_795_000_000_000 + milliseconds).unwrap();
        let (fingerprint, correlation_id) = ("f".into(), "c".into());
        let metadata = OrderMetadata::new(fingerprint, correlation_id);
        let item = serde_json::to_value(OrderRecord::new(&Order { placed_at, ..order() }, &metadata)).unwrap();
        item["placedAt"].as_i64().unwrap()
    };
    let keys = [0, 1, 9, 10, 99, 120, 125, 130, 999, 1_000].map(key);
    assert!(keys.is_sorted(), "{keys:?}");
}

fn survives(order: &Order) {
    let metadata = OrderMetadata {
        client_correlation_id: Some("trip-7".into()),
        cancel_note: Some("changed my mind".into()),
        ..OrderMetadata::new("f".into(), "cor-1".into())
    };
    let item = serde_json::to_string(&OrderRecord::new(order, &metadata)).unwrap();
    let record = serde_json::from_str::<OrderRecord>(&item).unwrap();
    assert_eq!((&record.order().unwrap(), &record.metadata().unwrap()), (order, &metadata));
    assert_eq!(item.contains("attentionState"), order.attention.is_open(), "the index is sparse: {item}");
}

#[test]
fn what_any_consumer_reports_is_understood_and_keeps_its_schema() {
    let created = sample("OrderCreated.v1");
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
    let failure = Failure { consumer: "inventory/events", error_class: "contract", message: "no lines", receives: 1 };
    let report = processing_failed(&created.to_string(), failure, at).unwrap();
    let (order, fact) = fact("EventProcessingFailed.v1", &report).unwrap();
    assert_eq!(order.as_str(), created["subject"]);
    assert!(matches!(fact, Fact::NotProcessed(event) if event.consumer == "inventory/events"));
    assert_eq!(validate::event(&serde_json::from_str(&report).unwrap()), Ok(EventProcessingFailed::TYPE));
}
