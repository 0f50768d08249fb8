//! The deliveries table: one item is the messages of one order.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};
use jiff::Timestamp;

use super::{DeliveriesRecord, OUTBOX, events};
use crate::domain::delivery::Deliveries;
use crate::domain::ids::OrderId;
use crate::domain::message::Event;

/// The messages of an order, with what its item says beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaDeliveries {
    /// The messages.
    pub deliveries: Deliveries,
    /// The saga's correlation id; none in an item of an earlier version.
    pub correlation_id: Option<String>,
    /// When the item was written last; none in an item of an earlier version.
    pub updated_at: Option<Timestamp>,
}

/// Deliveries, one item for each order.
#[derive(Debug, Clone)]
pub struct DeliveryStore(Table);

impl DeliveryStore {
    /// The deliveries in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name).publishing(OUTBOX))
    }

    /// The messages of an order, if there are any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: &OrderId) -> Result<Option<Stored<SagaDeliveries>>, StoreError> {
        let found = self.0.load::<DeliveriesRecord>(order.as_str()).await?;
        Ok(found.map(|Stored { mut value, revision }| {
            let (correlation_id, updated_at) = (value.correlation_id.take(), value.updated_at);
            let deliveries = value.deliveries(order.clone());
            Stored { value: SagaDeliveries { deliveries, correlation_id, updated_at }, revision }
        }))
    }

    /// Saves what the messages that were `read` have become, with the events of it, if no other write came between. An
    /// item that was not read yet is expected not to exist: if it does, the conflict brings it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(
        &self,
        read: &Stored<Deliveries>,
        after: &Deliveries,
        emitted: &[Event],
        cause: &Cause,
    ) -> Result<Saved<Revision, Stored<Deliveries>>, StoreError> {
        let outbox = events(&after.order, emitted, cause, &read.revision).map_err(|error| self.0.corrupt(error))?;
        let record = DeliveriesRecord::from(after).written(cause.correlation_id.clone(), cause.at);
        let change = Change { record, outbox, due: None };
        Ok(match self.0.save(after.order.as_str(), change, &read.revision).await? {
            Saved::Applied(written) => Saved::Applied(written.revision),
            Saved::Conflict(current) => Saved::Conflict(read_as(&after.order, current)),
        })
    }
}

fn read_as(order: &OrderId, item: Option<Stored<DeliveriesRecord>>) -> Stored<Deliveries> {
    match item {
        None => Stored { value: Deliveries::none(order.clone()), revision: Revision::default() },
        Some(Stored { value, revision }) => Stored { value: value.deliveries(order.clone()), revision },
    }
}
