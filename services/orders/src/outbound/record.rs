//! Item ⇄ order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{CustomerId, OrderId, PaymentId, PaymentMethod, ReservationId, Sku};
use crate::domain::line::{Line, Quantity};
use crate::domain::money::{Currency, Minor};
use crate::domain::order::{CancelReason, Decision, Inventory, Order, Payment};

/// An order as its item holds it, with what only the API needs of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    order_id: String,
    customer_id: String,
    /// Sort key of the index by customer: the time and the id, so that no two orders share it.
    placed_key: String,
    lines: Vec<LineRecord>,
    total: u64,
    currency: String,
    payment_method: String,
    placed_at: Timestamp,
    pay_by: Timestamp,
    inventory: InventoryRecord,
    payment: PaymentRecord,
    decision: DecisionRecord,
    /// Hash of the request, to know a repetition from a reuse of its key.
    pub fingerprint: String,
    /// The saga's correlation id.
    pub correlation_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineRecord {
    sku: String,
    quantity: u32,
    unit_price: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum InventoryRecord {
    None,
    Reserved { reservation_id: String, expires_at: Timestamp },
    Rejected,
    Released { expired: bool },
    Committed { reservation_id: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum PaymentRecord {
    None,
    Failed { payment_id: String, attempts: u32 },
    Voided { payment_id: String },
    Succeeded { payment_id: String, attempts: u32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum DecisionRecord {
    Open,
    Confirmed { at: Timestamp },
    Completed { at: Timestamp },
    Cancelled { reason: ReasonRecord, at: Timestamp },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReasonRecord {
    OutOfStock,
    PaymentFailed,
    ReservationExpired,
}

/// A value in the item that the domain does not admit.
#[derive(Debug, thiserror::Error)]
#[error("the item's {0} is outside the domain")]
pub struct OutsideDomain(&'static str);

impl OrderRecord {
    /// The order as an item, beside what the API keeps with it.
    #[must_use]
    pub fn new(order: &Order, fingerprint: String, correlation_id: String) -> Self {
        Self {
            order_id: order.id.to_string(),
            customer_id: order.customer.to_string(),
            placed_key: format!("{}#{}", order.placed_at, order.id),
            lines: order.lines.iter().map(LineRecord::from).collect(),
            total: order.total.units(),
            currency: order.currency.code().to_owned(),
            payment_method: order.payment_method.to_string(),
            placed_at: order.placed_at,
            pay_by: order.pay_by,
            inventory: (&order.inventory).into(),
            payment: (&order.payment).into(),
            decision: (&order.decision).into(),
            fingerprint,
            correlation_id,
        }
    }

    /// The order that the item holds.
    ///
    /// # Errors
    /// [`OutsideDomain`], when another program wrote the item.
    pub fn order(&self) -> Result<Order, OutsideDomain> {
        Ok(Order {
            id: OrderId::new(&self.order_id).ok_or(OutsideDomain("orderId"))?,
            customer: CustomerId::new(&self.customer_id).ok_or(OutsideDomain("customerId"))?,
            lines: self.lines.iter().map(LineRecord::line).collect::<Option<_>>().ok_or(OutsideDomain("lines"))?,
            total: Minor::new(self.total).ok_or(OutsideDomain("total"))?,
            currency: Currency::new(&self.currency).ok_or(OutsideDomain("currency"))?,
            payment_method: PaymentMethod::new(&self.payment_method).ok_or(OutsideDomain("paymentMethod"))?,
            placed_at: self.placed_at,
            pay_by: self.pay_by,
            inventory: (&self.inventory).into(),
            payment: (&self.payment).into(),
            decision: (&self.decision).into(),
        })
    }
}

impl From<&Line> for LineRecord {
    fn from(line: &Line) -> Self {
        Self { sku: line.sku.to_string(), quantity: line.quantity.pieces(), unit_price: line.unit_price.units() }
    }
}

impl LineRecord {
    fn line(&self) -> Option<Line> {
        Some(Line {
            sku: Sku::new(&self.sku)?,
            quantity: Quantity::new(self.quantity.into())?,
            unit_price: Minor::new(self.unit_price)?,
        })
    }
}

impl From<&Inventory> for InventoryRecord {
    fn from(facet: &Inventory) -> Self {
        match facet {
            Inventory::None => Self::None,
            Inventory::Reserved { reservation, expires_at } => {
                Self::Reserved { reservation_id: reservation.to_string(), expires_at: *expires_at }
            }
            Inventory::Rejected => Self::Rejected,
            Inventory::Released { expired } => Self::Released { expired: *expired },
            Inventory::Committed { reservation } => Self::Committed { reservation_id: reservation.to_string() },
        }
    }
}

impl From<&InventoryRecord> for Inventory {
    fn from(record: &InventoryRecord) -> Self {
        match record {
            InventoryRecord::None => Self::None,
            InventoryRecord::Reserved { reservation_id, expires_at } => {
                Self::Reserved { reservation: ReservationId::trusted(reservation_id), expires_at: *expires_at }
            }
            InventoryRecord::Rejected => Self::Rejected,
            InventoryRecord::Released { expired } => Self::Released { expired: *expired },
            InventoryRecord::Committed { reservation_id } => {
                Self::Committed { reservation: ReservationId::trusted(reservation_id) }
            }
        }
    }
}

impl From<&Payment> for PaymentRecord {
    fn from(facet: &Payment) -> Self {
        match facet {
            Payment::None => Self::None,
            Payment::Failed { payment, attempts } => {
                Self::Failed { payment_id: payment.to_string(), attempts: *attempts }
            }
            Payment::Voided { payment } => Self::Voided { payment_id: payment.to_string() },
            Payment::Succeeded { payment, attempts } => {
                Self::Succeeded { payment_id: payment.to_string(), attempts: *attempts }
            }
        }
    }
}

impl From<&PaymentRecord> for Payment {
    fn from(record: &PaymentRecord) -> Self {
        match record {
            PaymentRecord::None => Self::None,
            PaymentRecord::Failed { payment_id, attempts } => {
                Self::Failed { payment: PaymentId::trusted(payment_id), attempts: *attempts }
            }
            PaymentRecord::Voided { payment_id } => Self::Voided { payment: PaymentId::trusted(payment_id) },
            PaymentRecord::Succeeded { payment_id, attempts } => {
                Self::Succeeded { payment: PaymentId::trusted(payment_id), attempts: *attempts }
            }
        }
    }
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        match decision {
            Decision::Open => Self::Open,
            Decision::Confirmed { at } => Self::Confirmed { at: *at },
            Decision::Completed { at } => Self::Completed { at: *at },
            Decision::Cancelled { reason, at } => Self::Cancelled { reason: (*reason).into(), at: *at },
        }
    }
}

impl From<&DecisionRecord> for Decision {
    fn from(record: &DecisionRecord) -> Self {
        match record {
            DecisionRecord::Open => Self::Open,
            DecisionRecord::Confirmed { at } => Self::Confirmed { at: *at },
            DecisionRecord::Completed { at } => Self::Completed { at: *at },
            DecisionRecord::Cancelled { reason, at } => Self::Cancelled { reason: (*reason).into(), at: *at },
        }
    }
}

impl From<CancelReason> for ReasonRecord {
    fn from(reason: CancelReason) -> Self {
        match reason {
            CancelReason::OutOfStock => Self::OutOfStock,
            CancelReason::PaymentFailed => Self::PaymentFailed,
            CancelReason::ReservationExpired => Self::ReservationExpired,
        }
    }
}

impl From<ReasonRecord> for CancelReason {
    fn from(record: ReasonRecord) -> Self {
        match record {
            ReasonRecord::OutOfStock => Self::OutOfStock,
            ReasonRecord::PaymentFailed => Self::PaymentFailed,
            ReasonRecord::ReservationExpired => Self::ReservationExpired,
        }
    }
}
