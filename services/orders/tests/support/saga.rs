//! The writes of one order, without a table.

use aws_config::{BehaviorVersion, SdkConfig};
use chassis::cause::Cause;
use chassis::store::{Attributes, Revision};
use contracts::{EventData, inventory, payments, platform};
use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::UnprocessedEvent;
use orders::domain::cancel::cancel;
use orders::domain::decision::{CancelReason, Event};
use orders::domain::ids::{CustomerId, OrderId, PaymentId, RefundId, ReservationId};
use orders::domain::inventory::Inventory;
use orders::domain::order::{Fact, Order, apply};
use orders::domain::payment::Payment;
use orders::domain::place::{LineRequest, OrderRequest, place};
use orders::domain::sweep::{due, first_look};
use orders::outbound::{AcceptedOrder, AppliedFact, OrderMetadata, Store, Write};

pub const SETTLE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What the writes of one order put into the table.
pub struct Saga {
    store: Store,
    pub order: Order,
    pub metadata: OrderMetadata,
    read: Revision,
    pub items: Vec<Attributes>,
}

pub fn store() -> Store {
    let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    Store::new(&aws, "orders".to_owned(), "history".to_owned())
}

pub fn id(prefix: &str, last: u8) -> String {
    format!("{prefix}1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9{last:02x}")
}

/// Later than any clock that runs this: no entry of the index has passed.
pub fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(4_100_000_000_120 + milliseconds).unwrap()
}

impl Saga {
    /// An order of so many lines is placed.
    pub fn place(lines: u8) -> Self {
        let store = store();
        let line = |n| LineRequest { sku: format!("MUG-BLUE-{n:03}"), quantity: 2, unit_price: 1_595 };
        let lines = (0..lines).map(line).collect();
        let request = OrderRequest { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() };
        let customer = CustomerId::new("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90").unwrap();
        let id = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
        let order = place(&request, id, customer, at(0), SignedDuration::from_hours(1)).unwrap();
        let (fingerprint, correlation_id) =
            ("qf6lNXDOEHXiOQ7NCHIQJw".to_owned(), "cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e".to_owned());
        let metadata = OrderMetadata::new(fingerprint, correlation_id);
        let wakes_at = Some(first_look(&order, SETTLE_WITHIN).as_second());
        let read = Revision { wakes_at, ..Revision::default() };
        let mut saga = Self { store, order, metadata, read, items: Vec::new() };
        saga.save(saga.order.clone(), vec![Event::Created], "cmd_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1d", at(0));
        saga
    }

    fn save(&mut self, order: Order, events: Vec<Event>, causation_id: &str, at: Timestamp) {
        let cause = Cause {
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
            hops: if causation_id.starts_with("cmd_") { 0 } else { 2 * u32::try_from(self.read.emitted).unwrap() + 1 },
            ..Cause::new(self.metadata.correlation_id.clone(), causation_id.to_owned(), at)
        };
        let due = due(&order, SETTLE_WITHIN);
        let held = AcceptedOrder { order: order.clone(), metadata: self.metadata.clone() };
        let change = self.store.change(Write { order: held, events, cause, due }, &self.read).unwrap();
        let (put, next) = self.store.table().put(order.id.as_str(), &change, &self.read).unwrap();
        let back = self.store.table().read::<AcceptedOrder>(&put.item).unwrap();
        assert_eq!((&back.value.order, &back.revision), (&order, &next), "what is stored is read");
        self.metadata = back.value.metadata;
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

    /// Paid, and cancelled by its customer; a refund fails, another goes through, a consumer parks the cancellation.
    pub fn cancelled() -> Self {
        let (payment, at) = (PaymentId::new(&id("pay_", 1)).unwrap(), at(4_000));
        let refund = |number| RefundId::new(&id("rfd_", number)).unwrap();
        let event = UnprocessedEvent {
            consumer: "inventory/events".to_owned(),
            event_id: id("evt_", 9),
            event_type: "OrderCancelled.v1".to_owned(),
            error_class: "contract".to_owned(),
        };
        let mut saga = Self::place(1)
            .hear::<payments::PaymentSucceeded>(Fact::Payment(Payment::Succeeded { payment, attempts: 2 }), 1);
        let (order, events) = cancel(&saga.order, CancelReason::Customer, at).unwrap();
        saga.metadata.cancel_note = Some("two of them, \u{201c}wrong\u{201d} colour".to_owned());
        saga.save(order, events, "cmd_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1e", at);
        saga.hear::<inventory::InventoryReleased>(Fact::Inventory(Inventory::Released { expired: false }), 3)
            .hear::<payments::PaymentRefunded>(Fact::Refunded { refund: refund(1), total: 1_000 }, 4)
            .hear::<payments::RefundFailed>(Fact::RefundFailed { refund: refund(2) }, 5)
            .hear::<platform::EventProcessingFailed>(Fact::NotProcessed(event), 6)
    }

    /// Held, paid, sold.
    pub fn paid(lines: u8) -> Self {
        let reservation = ReservationId::new("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31").unwrap();
        let payment = PaymentId::new(&id("pay_", 1)).unwrap();
        let reserved = Inventory::Reserved { reservation: reservation.clone(), expires_at: at(900_310) };
        Self::place(lines)
            .hear::<inventory::InventoryReserved>(Fact::Inventory(reserved), 1)
            .hear::<payments::PaymentSucceeded>(Fact::Payment(Payment::Succeeded { payment, attempts: 1 }), 2)
            .hear::<inventory::InventoryCommitted>(Fact::Inventory(Inventory::Committed { reservation }), 3)
    }
}
