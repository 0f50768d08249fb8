//! The item of an order, as it is stored: its form is pinned, and its bytes are counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/item.rs"]
mod item;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::cause::Cause;
use chassis::store::{Attributes, Revision};
use contracts::{EventData, inventory, payments};
use jiff::{SignedDuration, Timestamp};
use orders::domain::decision::Event;
use orders::domain::ids::{CustomerId, OrderId, PaymentId, ReservationId};
use orders::domain::inventory::Inventory;
use orders::domain::order::{Fact, Order, apply};
use orders::domain::payment::Payment;
use orders::domain::place::{LineRequest, OrderRequest, place};
use orders::domain::sweep::{due, first_look};
use orders::inbound::events::HANDLED;
use orders::outbound::{AcceptedOrder, AppliedFact, OrderMetadata, OrderRecord, Store, Write};

const SETTLE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What the writes of one order put into the table.
struct Saga {
    store: Store,
    order: Order,
    metadata: OrderMetadata,
    read: Revision,
    items: Vec<Attributes>,
}

fn id(prefix: &str, last: u8) -> String {
    format!("{prefix}1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9{last:02x}")
}

/// Later than any clock that runs this: no entry of the index has passed.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(4_100_000_000_120 + milliseconds).unwrap()
}

impl Saga {
    /// An order of so many lines is placed.
    fn place(lines: u8) -> Self {
        let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let store = Store::new(&aws, "orders".to_owned(), "history".to_owned());
        let line = |n| LineRequest { sku: format!("MUG-BLUE-{n:03}"), quantity: 2, unit_price: 1_595 };
        let lines = (0..lines).map(line).collect();
        let request = OrderRequest { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() };
        let customer = CustomerId::new("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90").unwrap();
        let id = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
        let order = place(&request, id, customer, at(0), SignedDuration::from_hours(1)).unwrap();
        let (fingerprint, correlation_id) =
            ("qf6lNXDOEHXiOQ7NCHIQJw".to_owned(), "cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e".to_owned());
        let metadata = OrderMetadata { fingerprint, correlation_id, cancel_note: None, history: Vec::new() };
        let wakes_at = Some(first_look(&order, SETTLE_WITHIN).as_second());
        let read = Revision { wakes_at, ..Revision::default() };
        let mut saga = Self { store, order, metadata, read, items: Vec::new() };
        saga.save(saga.order.clone(), vec![Event::Created], "cmd_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1d", at(0));
        saga
    }

    fn save(&mut self, order: Order, events: Vec<Event>, causation_id: &str, at: Timestamp) {
        let cause = Cause {
            correlation_id: self.metadata.correlation_id.clone(),
            causation_id: causation_id.to_owned(),
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
            at,
        };
        let due = due(&order, SETTLE_WITHIN);
        let held = AcceptedOrder { order: order.clone(), metadata: self.metadata.clone() };
        let change = self.store.change(Write { order: held, events, cause, due }, self.read).unwrap();
        let (put, next) = self.store.table().put(order.id.as_str(), &change, self.read).unwrap();
        let back = self.store.table().read::<OrderRecord>(put.item.clone()).unwrap();
        assert_eq!((back.value.order().unwrap(), back.revision), (order.clone(), next), "what is stored is read");
        self.metadata = back.value.metadata().unwrap();
        (self.order, self.read) = (order, next);
        self.items.push(put.item);
    }

    fn hear<E: EventData>(mut self, fact: Fact, number: u8) -> Self {
        let (event_id, at) = (id("evt_", number), at(i64::from(number) * 1_530));
        let (order, events) = apply(&self.order, fact, at);
        let source = E::SOURCE.to_owned();
        let applied = AppliedFact { event_id: event_id.clone(), event_type: E::TYPE.to_owned(), source, at };
        self.metadata.history.push(applied);
        self.save(order, events, &event_id, at);
        self
    }

    /// Held, paid, sold.
    fn paid(lines: u8) -> Self {
        let reservation = ReservationId::new("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31").unwrap();
        let payment = PaymentId::new(&id("pay_", 1)).unwrap();
        let reserved = Inventory::Reserved { reservation: reservation.clone(), expires_at: at(900_310) };
        Self::place(lines)
            .hear::<inventory::InventoryReserved>(Fact::Inventory(reserved), 1)
            .hear::<payments::PaymentSucceeded>(Fact::Payment(Payment::Succeeded { payment, attempts: 1 }), 2)
            .hear::<inventory::InventoryCommitted>(Fact::Inventory(Inventory::Committed { reservation }), 3)
    }
}

/// A write costs a unit for each kilobyte that its item has begun.
#[test]
fn every_write_of_a_paid_order_costs_one_unit() {
    for (lines, expected) in [(1, [785, 460, 931, 949]), (3, [953, 500, 971, 989])] {
        let sizes: Vec<usize> = Saga::paid(lines).items.iter().map(item::size).collect();
        assert_eq!(sizes, expected, "{lines} lines");
        assert!(sizes.iter().all(|size| *size < 1_024));
    }
}

#[test]
fn the_index_of_due_orders_is_written_once_and_cleared_once() {
    let due = |item: &Attributes| item.get("dueAt").map(|at| at.as_n().unwrap().clone());
    let first = Some((at(0) + SETTLE_WITHIN).as_second().to_string());
    let entries: Vec<_> = Saga::paid(1).items.iter().map(due).collect();
    assert_eq!(entries, [first.clone(), first.clone(), first, None]);
}

/// Stored forms stay: a later version must read what an earlier one wrote.
#[test]
fn the_form_of_a_paid_order_is_pinned() {
    let mut item: Vec<String> = Saga::paid(1).items.pop().unwrap().iter().map(line).collect();
    item.sort();
    assert_eq!(item, PINNED);
}

#[test]
fn a_fact_of_every_type_comes_back_with_its_id_and_its_source() {
    let entries = contracts::catalogue::all();
    let uuid = "evt_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1d";
    for event_type in HANDLED {
        let source = entries.iter().find(|entry| entry.event_type == event_type).unwrap().source;
        for id in [uuid, "EVT 1", "evt_1", "=", &uuid.replace('d', "D")] {
            let (event_id, event_type, source) = (id.to_owned(), event_type.to_owned(), source.to_owned());
            let history = vec![AppliedFact { event_id, event_type, source, at: at(7) }];
            let Saga { order, metadata, .. } = Saga::place(1);
            let metadata = OrderMetadata { history, ..metadata };
            assert_eq!(OrderRecord::new(&order, metadata.clone()).metadata().unwrap(), metadata);
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, clippy::panic, reason = "the SDK's type is open; a paid order has no other")]
fn line((name, value): (&String, &AttributeValue)) -> String {
    match value {
        AttributeValue::S(text) => format!("{name} S {text}"),
        AttributeValue::N(digits) => format!("{name} N {digits}"),
        AttributeValue::L(texts) => {
            let texts: Vec<&str> = texts.iter().map(|text| text.as_s().unwrap().as_str()).collect();
            format!("{name} L {}", texts.join(" | "))
        }
        other => panic!("{name} is {other:?}"),
    }
}

/// The 949 bytes of an order of one line at its last write: an attribute a line, its type, its value.
const PINNED: [&str; 16] = [
    "correlationId S cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e",
    "currency S EUR",
    "customerId S 5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90",
    "decision S COMPLETED 4.59",
    "emitted N 3",
    "fingerprint S qf6lNXDOEHXiOQ7NCHIQJw",
    concat!(
        "history L OrderCreated.v1 0 | InventoryReserved.v1 1.53 HwyPTmoNW16KQ09d5_CpAQ",
        " | PaymentSucceeded.v1 3.06 HwyPTmoNW16KQ09d5_CpAg | OrderConfirmed.v1 3.06",
        " | InventoryCommitted.v1 4.59 HwyPTmoNW16KQ09d5_CpAw | OrderCompleted.v1 4.59",
    ),
    "inventory S COMMITTED rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31",
    "lines L MUG-BLUE-000 2 1595",
    concat!(
        r#"outbox S {"type":"OrderCompleted.v1","time":"2099-12-03T16:53:24.71Z""#,
        r#","causationid":"evt_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a903""#,
        r#","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01""#,
        r#","rest":{"customerId":"5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90","total":3190,"currency":"EUR""#,
        r#","completedAt":"="}}"#,
    ),
    "payBy N 4100003600120000000",
    "payment S SUCCEEDED pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a901 1",
    "paymentMethod S pm_card_visa",
    "pk S ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
    "placedAt N 4100000000120000000",
    "version N 4",
];
