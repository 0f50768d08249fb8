//! The events of the orders service.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::{EventData, present};
use crate::ids::{Currency, CustomerId, OrderId, PaymentId, PaymentMethod, ReservationId, Sku};
use crate::open::Open;

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

impl EventData for OrderCreated {
    const TYPE: &'static str = "OrderCreated.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        if !(1..=100).contains(&self.lines.len()) {
            return Err("`lines` must have 1 to 100 items");
        }
        if self.lines.iter().any(|line| line.quantity == 0 || line.line_id == 0) {
            return Err("`quantity` and `lineId` must be at least 1");
        }
        Ok(())
    }
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

/// Every line is held and the total is charged, so neither customer nor staff can cancel the order any more. The hold becomes a
/// sale.
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

impl EventData for OrderConfirmed {
    const TYPE: &'static str = "OrderConfirmed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// The order is paid and its stock is sold: a final state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCompleted {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// What was paid for the whole order, in minor units of `currency`.
    pub total: u64,
    /// Currency of the total.
    pub currency: Currency,
    /// When the order was completed.
    pub completed_at: Timestamp,
}

impl EventData for OrderCompleted {
    const TYPE: &'static str = "OrderCompleted.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// The order ended without a sale: what is held will be released, what was charged will be returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// Why it was cancelled.
    pub reason: Open<CancelReason>,
}

impl EventData for OrderCancelled {
    const TYPE: &'static str = "OrderCancelled.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
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
