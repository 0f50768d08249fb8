//! The table of orders: one item is what newcomer knows of one order.

use aws_config::SdkConfig;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};

use super::OrderRecord;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;

/// Orders, each one item.
#[derive(Debug, Clone)]
pub struct OrderStore(Table);

impl OrderStore {
    /// The orders in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// What is known of an order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &OrderId) -> Result<Stored<Order>, StoreError> {
        self.read(id, self.0.load(id.as_str()).await?)
    }

    /// Saves what the order that was `read` has become, if no other write came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(&self, read: &Stored<Order>, after: &Order) -> Result<Saved<(), Stored<Order>>, StoreError> {
        // What newcomer publishes goes into the same write: docs/new-service.md, "When it publishes".
        let change = Change { record: OrderRecord::from(after), outbox: Vec::new(), due: None };
        Ok(match self.0.save(after.id.as_str(), change, &read.revision).await? {
            Saved::Applied(_) => Saved::Applied(()),
            Saved::Conflict(current) => Saved::Conflict(self.read(&after.id, current)?),
        })
    }

    fn read(&self, id: &OrderId, item: Option<Stored<OrderRecord>>) -> Result<Stored<Order>, StoreError> {
        let order = |record: OrderRecord| record.order().map_err(|error| self.0.corrupt(error));
        let unknown = || Stored { value: Order::unknown(id.clone()), revision: Revision::default() };
        item.map_or_else(|| Ok(unknown()), |item| item.try_map(order))
    }
}
