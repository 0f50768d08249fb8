//! What the orders service says.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::{Currency, CustomerId, OrderId, PaymentId, PaymentMethod, ReservationId, Sku};

/// The source of every event in this module.
pub const SOURCE: &str = "oms.orders";

/// An order was accepted. Stock and money are not yet touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What was ordered: 1 to 100 lines, each of another sku.
    #[schemars(length(min = 1, max = 100))]
    pub lines: Vec<OrderLine>,
    /// Sum of quantity × unit price over the lines, in minor units of `currency`.
    pub total: u64,
    /// Currency of every amount in this event.
    pub currency: Currency,
    /// How the customer pays: an opaque reference kept at the gateway.
    pub payment_method: PaymentMethod,
    /// When the order was accepted.
    pub placed_at: Timestamp,
    /// When an order that is still open is cancelled.
    pub pay_by: Timestamp,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// Number of the line within its order, from 1.
    #[schemars(range(min = 1))]
    pub line_id: u32,
    /// What is sold.
    pub sku: Sku,
    /// How many pieces.
    #[schemars(range(min = 1))]
    pub quantity: u32,
    /// Price of one piece, in minor units of the order's currency.
    pub unit_price: u64,
}

/// Every line is held and the total is charged, so nobody can cancel the order any more. The hold becomes a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderConfirmed {
    /// The order.
    pub order_id: OrderId,
    /// The payment that covers the order's total.
    pub payment_id: PaymentId,
    /// The hold on stock that becomes a sale.
    pub reservation_id: ReservationId,
}

/// The order is paid and its stock is sold: a final state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCompleted {
    /// The order.
    pub order_id: OrderId,
    /// What was paid for the whole order, in minor units of `currency`.
    pub total: u64,
    /// Currency of the total.
    pub currency: Currency,
    /// When the order was completed.
    pub completed_at: Timestamp,
}

/// The order ended without a sale: what is held will be released, what was charged will be returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Why it was cancelled.
    pub reason: CancelReason,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelReason {
    /// The customer asked for it.
    Customer,
    /// A line could not be reserved.
    OutOfStock,
    /// The payment failed for good.
    PaymentFailed,
    /// The hold on stock ran out before the payment succeeded.
    ReservationExpired,
    /// The order was still open at its `payBy`.
    TimedOut,
    /// Staff cancelled it.
    Staff,
}

macro_rules! about_order {
    ($($event:ident $(keeps $rule:ident)? => $samples:expr;)*) => {$(
        impl EventData for $event {
            const TYPE: &'static str = concat!(stringify!($event), ".v1");
            const SOURCE: &'static str = SOURCE;

            fn subject(&self) -> &str {
                self.order_id.as_str()
            }

            $(fn check(&self) -> Result<(), &'static str> {
                $rule(self)
            })?

            fn samples() -> Vec<Self> {
                $samples
            }
        }
    )*};
}
pub(crate) use about_order;

about_order! {
    OrderCreated keeps has_lines => vec![sample::created()];
    OrderConfirmed => vec![OrderConfirmed {
        order_id: sample::order_id(),
        payment_id: sample::payment_id(),
        reservation_id: sample::reservation_id(),
    }];
    OrderCompleted => vec![OrderCompleted {
        order_id: sample::order_id(),
        total: 4_790,
        currency: sample::currency(),
        completed_at: sample::time("2026-11-22T10:15:32.480Z"),
    }];
    OrderCancelled => [CancelReason::Customer, CancelReason::OutOfStock, CancelReason::PaymentFailed,
        CancelReason::ReservationExpired, CancelReason::TimedOut, CancelReason::Staff]
        .map(|reason| OrderCancelled { order_id: sample::order_id(), reason }).into();
}

fn has_lines(order: &OrderCreated) -> Result<(), &'static str> {
    if !(1..=100).contains(&order.lines.len()) {
        return Err("`lines` must have 1 to 100 items");
    }
    if order.lines.iter().any(|line| line.quantity == 0 || line.line_id == 0) {
        return Err("`quantity` and `lineId` must be at least 1");
    }
    Ok(())
}

/// The parts that samples of all sources share, so that together they tell one order's story.
#[expect(clippy::expect_used, reason = "constants, checked by every test that makes a sample")]
pub(crate) mod sample {
    use super::{Currency, CustomerId, OrderCreated, OrderId, OrderLine, PaymentId, PaymentMethod, ReservationId, Sku};
    use crate::ids::RefundId;
    use jiff::Timestamp;

    pub fn text<T: TryFrom<String>>(text: &str) -> T
    where
        T::Error: std::fmt::Debug,
    {
        T::try_from(text.to_owned()).expect("a sample's text has its shape")
    }
    pub fn time(text: &str) -> Timestamp {
        text.parse().expect("a sample's time is RFC 3339")
    }
    pub fn order_id() -> OrderId {
        text("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10")
    }
    pub fn payment_id() -> PaymentId {
        text("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2")
    }
    pub fn reservation_id() -> ReservationId {
        text("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31")
    }
    pub fn refund_id() -> RefundId {
        text("rfd_6d2a9c1e-4b7f-5c3d-8e90-1a2b3c4d5e6f")
    }
    pub fn currency() -> Currency {
        text("EUR")
    }
    pub fn mug() -> Sku {
        text("MUG-01")
    }
    pub fn tea() -> Sku {
        text("TEA-GREEN-100")
    }

    pub fn created() -> OrderCreated {
        OrderCreated {
            order_id: order_id(),
            customer_id: text::<CustomerId>("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90"),
            lines: vec![
                OrderLine { line_id: 1, sku: mug(), quantity: 2, unit_price: 1_595 },
                OrderLine { line_id: 2, sku: tea(), quantity: 1, unit_price: 1_600 },
            ],
            total: 4_790,
            currency: currency(),
            payment_method: text::<PaymentMethod>("pm_card_visa"),
            placed_at: time("2026-11-22T10:15:30.120Z"),
            pay_by: time("2026-11-22T11:15:30.120Z"),
        }
    }
}
