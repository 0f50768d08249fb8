//! The orders table: an order is one item, and every change of it is one conditional write.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::consumer::Delivery;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::events::{OUTBOX, events};
use super::ignored::{IgnoredEvent, IgnoredEvents};
use super::record::{AppliedFact, OrderMetadata, OrderRecord, OutsideDomain};
use crate::domain::decision::Event;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;

/// The orders of one table, and in a second table the events that changed nothing.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) table: Table,
    ignored: IgnoredEvents,
}

/// What one item holds. It is read and written as an [`OrderRecord`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "OrderRecord")]
pub struct AcceptedOrder {
    /// The order.
    pub order: Order,
    /// What its rules do not ask for.
    pub metadata: OrderMetadata,
}

/// An order as it was read.
pub type StoredOrder = Stored<AcceptedOrder>;

/// Some of the orders that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Orders, newest first where they are one customer's.
    pub orders: Vec<StoredOrder>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A decision to save.
#[derive(Debug, Clone)]
pub struct Write {
    /// The order after the decision.
    pub order: AcceptedOrder,
    /// What it publishes; the write adds them to the order's history.
    pub events: Vec<Event>,
    /// Why.
    pub cause: Cause,
    /// When the sweep has to look at the order next.
    pub due: Option<Timestamp>,
}

impl Store {
    /// The orders in the table `name`, with the events that changed nothing in the table `ignored`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String, ignored: String) -> Self {
        Self { table: Table::new(aws, name).publishing(OUTBOX), ignored: IgnoredEvents::new(aws, ignored) }
    }

    /// The table itself, for the sweep.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        self.table.load(id.as_str()).await
    }

    /// Writes the order and the events that it publishes, if nothing was written since `read`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(&self, write: Write, read: &Revision) -> Result<Saved<StoredOrder>, StoreError> {
        let id = write.order.order.id.clone();
        let change = self.change(write, read)?;
        self.table.save(id.as_str(), change, read).await
    }

    /// What a write puts into the item.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn change(&self, write: Write, read: &Revision) -> Result<Change<AcceptedOrder>, StoreError> {
        let Write { order: AcceptedOrder { order, mut metadata }, events: published, cause, due } = write;
        let outbox = events(&order, &published, &cause, read).map_err(|error| self.table.corrupt(error))?;
        let numbered = (read.emitted + 1..).zip(&published);
        numbered.for_each(|(number, event)| metadata.add(AppliedFact::own(&order.id, number, event, cause.at)));
        Ok(Change { record: AcceptedOrder { order, metadata }, outbox, due })
    }

    /// Adds to the history that an event changed nothing, and why; without a reason it is a duplicate.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_ignored(
        &self,
        id: &OrderId,
        delivery: &Delivery,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.ignored.save(id, delivery, reason).await
    }

    /// The events about an order that changed nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ignored(&self, id: &OrderId) -> Result<Vec<IgnoredEvent>, StoreError> {
        self.ignored.list(id).await
    }
}

impl TryFrom<OrderRecord> for AcceptedOrder {
    type Error = OutsideDomain;

    fn try_from(record: OrderRecord) -> Result<Self, OutsideDomain> {
        Ok(Self { order: record.order()?, metadata: record.metadata()? })
    }
}

impl Serialize for AcceptedOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OrderRecord::new(&self.order, &self.metadata).serialize(serializer)
    }
}
