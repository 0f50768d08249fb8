//! The deliveries table: one item is the messages of one order.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};

use super::{DeliveriesRecord, events};
use crate::domain::delivery::Deliveries;
use crate::domain::ids::OrderId;
use crate::domain::message::Event;

/// Deliveries, one item for each order.
#[derive(Debug, Clone)]
pub struct DeliveryStore(Table);

impl DeliveryStore {
    /// The deliveries in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// The messages of an order; none, if it has no item.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: &OrderId) -> Result<Stored<Deliveries>, StoreError> {
        self.read(order, self.0.load(order.as_str()).await?)
    }

    /// Saves what the messages that were `read` have become, with the events of it, if no other write came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(
        &self,
        read: &Stored<Deliveries>,
        after: &Deliveries,
        emitted: &[Event],
        cause: &Cause,
    ) -> Result<Saved<(), Stored<Deliveries>>, StoreError> {
        let outbox = events(&after.order, emitted, cause, read.revision).map_err(|error| self.0.corrupt(error))?;
        let change = Change { record: DeliveriesRecord::from(after), outbox, due: None };
        Ok(match self.0.save(after.order.as_str(), change, read.revision).await? {
            Saved::Applied(_) => Saved::Applied(()),
            Saved::Conflict(current) => Saved::Conflict(self.read(&after.order, current)?),
        })
    }

    fn read(&self, order: &OrderId, item: Option<Stored<DeliveriesRecord>>) -> Result<Stored<Deliveries>, StoreError> {
        let deliveries = |record: DeliveriesRecord| record.deliveries().map_err(|error| self.0.corrupt(error));
        let none = || Stored { value: Deliveries::none(order.clone()), revision: Revision::default() };
        item.map_or_else(|| Ok(none()), |item| item.try_map(deliveries))
    }
}
