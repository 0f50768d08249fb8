//! Item ⇄ order.

mod attention;
mod facets;

use chassis::consumer::Delivery;
use contracts::orders::SOURCE;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::attention::AttentionRecord;
use self::facets::{DecisionRecord, InventoryRecord, PaymentRecord, ReturnedRecord};
use super::events::event_type;
use crate::domain::decision::Event;
use crate::domain::ids::{CustomerId, OrderId, PaymentMethod, Sku};
use crate::domain::line::{Line, Quantity};
use crate::domain::money::{Currency, Minor};
use crate::domain::order::Order;

/// The one value of the attention index's partition key.
pub(super) const ATTENTION_OPEN: &str = "OPEN";

/// An order as its item holds it, with its metadata.
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
    #[serde(default, skip_serializing_if = "ReturnedRecord::is_empty")]
    returned: ReturnedRecord,
    decision: DecisionRecord,
    #[serde(default, skip_serializing_if = "AttentionRecord::is_empty")]
    attention: AttentionRecord,
    /// Keys of the sparse index of orders with an open attention entry; seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attention_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attention_since: Option<i64>,
    /// What the API and support need of the order, and its rules do not.
    #[serde(flatten)]
    pub metadata: OrderMetadata,
}

/// What an order's item holds that its rules do not ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderMetadata {
    /// Hash of the request, to know a repetition from a reuse of its key.
    pub fingerprint: String,
    /// The saga's correlation id.
    pub correlation_id: String,
    /// The note of the customer or member of staff who cancelled it. It is for staff alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_note: Option<String>,
    /// The facts that made the order what it is, its own included, in the order in which they were written.
    #[serde(default)]
    pub history: Vec<AppliedFact>,
}

/// One fact that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedFact {
    /// The event's id.
    pub event_id: String,
    /// Name and major version.
    pub event_type: String,
    /// Who published it, for example `oms.payments`.
    pub source: String,
    /// When it was written here.
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineRecord {
    sku: String,
    quantity: u32,
    unit_price: u64,
}

/// A value in the item that the domain does not admit.
#[derive(Debug, thiserror::Error)]
#[error("the item's {0} is outside the domain")]
pub struct OutsideDomain(&'static str);

impl OrderRecord {
    /// The order as an item, with its metadata.
    #[must_use]
    pub fn new(order: &Order, metadata: OrderMetadata) -> Self {
        let open_since = order.attention.open_since();
        Self {
            order_id: order.id.to_string(),
            customer_id: order.customer.to_string(),
            // nine digits, so that texts compare as times do
            placed_key: format!("{:.9}#{}", order.placed_at, order.id),
            lines: order.lines.iter().map(LineRecord::from).collect(),
            total: order.total.units(),
            currency: order.currency.code().to_owned(),
            payment_method: order.payment_method.to_string(),
            placed_at: order.placed_at,
            pay_by: order.pay_by,
            inventory: (&order.inventory).into(),
            payment: (&order.payment).into(),
            returned: (&order.returned).into(),
            decision: (&order.decision).into(),
            attention: (&order.attention).into(),
            attention_state: open_since.map(|_| ATTENTION_OPEN.to_owned()),
            attention_since: open_since.map(Timestamp::as_second),
            metadata,
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
            returned: (&self.returned).into(),
            decision: (&self.decision).into(),
            attention: (&self.attention).into(),
        })
    }
}

impl AppliedFact {
    /// The event that a message has brought.
    #[must_use]
    pub fn received(delivery: &Delivery) -> Self {
        Self {
            event_id: delivery.event_id.clone(),
            event_type: delivery.event_type.clone(),
            source: delivery.source.clone(),
            at: delivery.cause.at,
        }
    }

    /// The order's own event of this sequence number.
    pub(super) fn own(order: &OrderId, sequence: u64, event: &Event, at: Timestamp) -> Self {
        let source = SOURCE.to_owned();
        let event_id = contracts::event_id(&source, order.as_str(), sequence);
        Self { event_id, event_type: event_type(event).to_owned(), source, at }
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
