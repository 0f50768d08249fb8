//! One instance of every shape that an event can take: what `samples/*.json` is generated from.
//!
//! All samples belong to one order's story, so they share the values below. Each source has a module with the rest.

use jiff::Timestamp;

use crate::envelope::{EventData, Header};
use crate::ids::{Currency, CustomerId, OrderId, PaymentId, RefundId, ReservationId, Sku};

mod inventory;
mod notifications;
mod orders;
mod payments;
mod platform;

/// An event type with samples. The tests of its producer, its consumers and its schema run on them.
pub trait Samples: EventData {
    /// At least one instance of every shape: every value of an enumeration, every optional field present and absent.
    fn samples() -> Vec<Self>;
}

/// The header of a sample, with every optional attribute or with none.
pub(crate) fn header(whole: bool) -> Header {
    Header {
        time: time("2026-11-22T10:15:30.120Z"),
        correlation_id: "cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e".into(),
        causation_id: "cmd_0190f5c4-7a81-7b1f-8f3c-2d4e6a8b0c1d".into(),
        traceparent: whole.then(|| "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        hops: if whole { 2 } else { 0 },
        sequence: 1,
    }
}

#[expect(clippy::expect_used, reason = "constants, checked by every test that makes a sample")]
fn parsed<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).expect("a sample's text has its shape")
}

#[expect(clippy::expect_used, reason = "constants, checked by every test that makes a sample")]
fn time(text: &str) -> Timestamp {
    text.parse().expect("a sample's time is RFC 3339")
}

fn order_id() -> OrderId {
    parsed("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10")
}

fn customer_id() -> CustomerId {
    parsed("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90")
}

fn payment_id() -> PaymentId {
    parsed("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2")
}

fn reservation_id() -> ReservationId {
    parsed("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31")
}

fn refund_id() -> RefundId {
    parsed("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f")
}

fn currency() -> Currency {
    parsed("EUR")
}

fn mug() -> Sku {
    parsed("MUG-01")
}

fn tea() -> Sku {
    parsed("TEA-GREEN-100")
}
