//! The deliveries table: one item is the messages of one order.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};

use super::{DeliveriesRecord, OUTBOX, events};
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
        Self(Table::new(aws, name).publishing(OUTBOX))
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
        let change = Change { record: DeliveriesRecord::from(after), outbox, due: None };
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
