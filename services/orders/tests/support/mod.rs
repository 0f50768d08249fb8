//! An order, and the facts about it.

#![allow(dead_code, reason = "each test program uses a part")]

use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::UnprocessedEvent;
use orders::domain::decision::{CancelReason, Event};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId, PaymentId, RefundId, ReservationId};
use orders::domain::inventory::{Inventory, Shortfall};
use orders::domain::order::{Fact, Order, apply};
use orders::domain::payment::Payment;
use orders::domain::place::{LineRequest, OrderRequest, Violation, place};

pub const AT: Timestamp = Timestamp::UNIX_EPOCH;

pub fn customer() -> CustomerId {
    CustomerId::new("ada").unwrap()
}

pub fn request(lines: &[(&str, i64, i64)]) -> OrderRequest {
    let line = |(sku, quantity, unit_price): &(&str, i64, i64)| LineRequest {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        unit_price: *unit_price,
    };
    let lines = lines.iter().map(line).collect();
    OrderRequest { lines, currency: "EUR".into(), payment_method: "pm_card_visa".into() }
}

pub fn placed(request: &OrderRequest) -> Result<Order, Vec<Violation>> {
    let key = IdempotencyKey::new("key-1").unwrap();
    place(request, OrderId::derive(&customer(), &key), customer(), AT, SignedDuration::from_hours(1))
}

pub fn new_order() -> Order {
    placed(&request(&[("MUG-01", 2, 1_595), ("TEA", 1, 1_600)])).unwrap()
}

pub fn reservation() -> ReservationId {
    ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31")
}
pub fn payment() -> PaymentId {
    PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2")
}
pub fn reserved() -> Fact {
    Fact::Inventory(Inventory::Reserved { reservation: reservation(), expires_at: AT })
}
pub fn rejected() -> Fact {
    Fact::Inventory(Inventory::Rejected { why: Some(Shortfall::InsufficientStock) })
}
pub fn released(expired: bool) -> Fact {
    Fact::Inventory(Inventory::Released { expired })
}
pub fn committed() -> Fact {
    Fact::Inventory(Inventory::Committed { reservation: reservation() })
}
pub fn succeeded() -> Fact {
    Fact::Payment(Payment::Succeeded { payment: payment(), attempts: 1 })
}
pub fn failed() -> Fact {
    Fact::Payment(Payment::Failed { payment: payment(), attempts: 4 })
}
pub fn voided() -> Fact {
    Fact::Payment(Payment::Voided { payment: payment() })
}
pub fn confirmed() -> Event {
    Event::Confirmed { payment: payment(), reservation: reservation() }
}
pub fn cancelled(reason: CancelReason) -> Event {
    Event::Cancelled { reason }
}

/// The order after these facts, and everything that it published on the way.
pub fn after(facts: impl IntoIterator<Item = Fact>) -> (Order, Vec<Event>) {
    facts.into_iter().fold((new_order(), Vec::new()), |(order, mut published), fact| {
        let (order, events) = apply(&order, fact, AT);
        published.extend(events);
        (order, published)
    })
}

/// The order's total, and all of it back.
pub const TOTAL: u64 = 4_790;

pub fn refund(number: u128) -> RefundId {
    RefundId::trusted(&format!("rfd_{}", uuid::Uuid::from_u128(number)))
}
pub fn refunded(total: u64) -> Fact {
    Fact::Refunded { refund: refund(1), total }
}
pub fn refund_failed() -> Fact {
    Fact::RefundFailed { refund: refund(1) }
}
pub fn unprocessed(event_id: &str) -> Fact {
    let (consumer, event_type) = ("inventory/events".to_owned(), "OrderConfirmed.v1".to_owned());
    let (event_id, error_class) = (event_id.to_owned(), "contract".to_owned());
    Fact::NotProcessed(UnprocessedEvent { consumer, event_id, event_type, error_class })
}
pub fn later(seconds: i64) -> Timestamp {
    AT + SignedDuration::from_secs(seconds)
}

/// The codes of the order's attention entries.
pub fn codes(order: &Order) -> Vec<&'static str> {
    order.attention.entries.iter().map(|entry| entry.reason.code()).collect()
}
