//! Item ⇄ order.

mod attention;
mod facets;
mod history;
mod moment;
mod words;

use chassis::consumer::Delivery;
use contracts::orders::SOURCE;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::attention::AttentionRecord;
use self::facets::ReturnedRecord;
use super::events::event_type;
use crate::domain::decision::Event;
use crate::domain::ids::{CustomerId, OrderId, PaymentMethod, Sku};
use crate::domain::line::{Line, Quantity, cost};
use crate::domain::money::{Currency, Minor};
use crate::domain::order::Order;

/// The one value of the attention index's partition key.
pub(super) const ATTENTION_OPEN: &str = "OPEN";

/// An order as its item holds it, with its metadata. A write of less than a kilobyte costs one unit, so the forms are short:
/// what follows from other attributes is left out, times are numbers or seconds since the order was placed, and a line, a
/// facet and a fact are a text each. `tests/store.rs` pins two items and counts bytes.
///
/// The forms are frozen, because during a rollout two versions read and write the same items. A form may only grow at its
/// end: an item and a map by further attributes, a text by further words. A reader passes over what it does not know
/// there, and chassis adds it back to what it writes: attributes at every depth, and the words of a text while the text
/// stays the same. So a text grows only by what goes with its state; what has to outlast it is an attribute. A word keeps its
/// meaning. A new state is written only once every running version reads it; a version that meets it earlier tries again
/// for an hour. A fact of an event type that came after the first release has its source in its text, so that an older
/// version keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    #[serde(rename = "pk")]
    order_id: String,
    customer_id: String,
    /// Sort key of the index by customer, in nanoseconds since 1970. Two orders may share it.
    #[serde(with = "moment::number")]
    placed_at: Timestamp,
    /// For example `MUG-01 2 1595`: sku, quantity, unit price.
    lines: Vec<String>,
    currency: String,
    payment_method: String,
    #[serde(with = "moment::number")]
    pay_by: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inventory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
    #[serde(default, skip_serializing_if = "ReturnedRecord::is_empty")]
    returned: ReturnedRecord,
    #[serde(default, skip_serializing_if = "AttentionRecord::is_empty")]
    attention: AttentionRecord,
    /// Keys of the sparse index of orders with an open attention entry; seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attention_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attention_since: Option<i64>,
    fingerprint: String,
    correlation_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_correlation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancel_note: Option<String>,
    #[serde(default)]
    history: Vec<String>,
}

/// What an order's item holds that its rules do not ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderMetadata {
    /// Hash of the request, to know a repetition from a reuse of its key.
    pub fingerprint: String,
    /// The saga's correlation id.
    pub correlation_id: String,
    /// What the client called the request that placed the order.
    pub client_correlation_id: Option<String>,
    /// The note of the customer or member of staff who cancelled it. It is for staff alone.
    pub cancel_note: Option<String>,
    /// The facts that made the order what it is, its own included, in the order in which they were written. Of very many,
    /// some that repeat others are left out.
    pub history: Vec<AppliedFact>,
}

/// One fact that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A value in the item that the domain does not admit.
#[derive(Debug, thiserror::Error)]
#[error("the item's {0} is outside the domain")]
pub struct OutsideDomain(&'static str);

impl OrderRecord {
    /// The order as an item, with its metadata.
    #[must_use]
    pub fn new(order: &Order, metadata: &OrderMetadata) -> Self {
        let (placed_at, open_since) = (order.placed_at, order.attention.open_since());
        Self {
            order_id: order.id.to_string(),
            customer_id: order.customer.to_string(),
            placed_at,
            lines: order.lines.iter().map(line_text).collect(),
            currency: order.currency.code().to_owned(),
            payment_method: order.payment_method.to_string(),
            pay_by: order.pay_by,
            inventory: facets::inventory_text(&order.inventory, placed_at),
            payment: facets::payment_text(&order.payment),
            decision: facets::decision_text(&order.decision, placed_at),
            returned: (&order.returned).into(),
            attention: (&order.attention).into(),
            attention_state: open_since.map(|_| ATTENTION_OPEN.to_owned()),
            attention_since: open_since.map(Timestamp::as_second),
            fingerprint: metadata.fingerprint.clone(),
            correlation_id: metadata.correlation_id.clone(),
            client_correlation_id: metadata.client_correlation_id.clone(),
            cancel_note: metadata.cancel_note.clone(),
            history: history::stored(&metadata.history, order.id.as_str(), placed_at),
        }
    }

    /// The order that the item holds.
    ///
    /// # Errors
    /// [`OutsideDomain`], when another program wrote the item.
    pub fn order(&self) -> Result<Order, OutsideDomain> {
        let placed_at = self.placed_at;
        let lines: Option<Vec<Line>> = self.lines.iter().map(|text| line(text)).collect();
        let lines = lines.ok_or(OutsideDomain("lines"))?;
        let inventory = facets::inventory(self.inventory.as_deref(), placed_at);
        let decision = facets::decision(self.decision.as_deref(), placed_at);
        Ok(Order {
            id: OrderId::new(&self.order_id).ok_or(OutsideDomain("pk"))?,
            customer: CustomerId::new(&self.customer_id).ok_or(OutsideDomain("customerId"))?,
            total: Minor::new(cost(&lines)).ok_or(OutsideDomain("lines"))?,
            lines,
            currency: Currency::new(&self.currency).ok_or(OutsideDomain("currency"))?,
            payment_method: PaymentMethod::new(&self.payment_method).ok_or(OutsideDomain("paymentMethod"))?,
            placed_at,
            pay_by: self.pay_by,
            inventory: inventory.ok_or(OutsideDomain("inventory"))?,
            payment: facets::payment(self.payment.as_deref()).ok_or(OutsideDomain("payment"))?,
            returned: (&self.returned).into(),
            decision: decision.ok_or(OutsideDomain("decision"))?,
            attention: (&self.attention).into(),
        })
    }

    /// The order's metadata that the item holds.
    ///
    /// # Errors
    /// [`OutsideDomain`], when another program wrote the item.
    pub fn metadata(&self) -> Result<OrderMetadata, OutsideDomain> {
        let history = history::read(&self.history, &self.order_id, self.placed_at);
        Ok(OrderMetadata {
            fingerprint: self.fingerprint.clone(),
            correlation_id: self.correlation_id.clone(),
            client_correlation_id: self.client_correlation_id.clone(),
            cancel_note: self.cancel_note.clone(),
            history: history.ok_or(OutsideDomain("history"))?,
        })
    }
}

fn line_text(line: &Line) -> String {
    format!("{} {} {}", line.sku, line.quantity.pieces(), line.unit_price)
}

fn line(text: &str) -> Option<Line> {
    let mut words = text.split(' ');
    let (sku, quantity) = (Sku::new(words.next()?)?, Quantity::new(words.next()?.parse().ok()?)?);
    let unit_price = Minor::new(words.next()?.parse().ok()?)?;
    Some(Line { sku, quantity, unit_price })
}

impl OrderMetadata {
    /// What an order has when it is placed by a client that does not name its requests.
    #[must_use]
    pub fn new(fingerprint: String, correlation_id: String) -> Self {
        Self { fingerprint, correlation_id, client_correlation_id: None, cancel_note: None, history: Vec::new() }
    }

    /// Adds a fact to the history, which is bounded.
    pub fn add(&mut self, fact: AppliedFact) {
        history::add(&mut self.history, fact);
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
