//! The deliveries table: one item is the messages of one order.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Item, StoreError, Table};

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

    /// Decides on the messages of an order and saves what they become, with the events of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update<A>(
        &self,
        order: &OrderId,
        cause: &Cause,
        decide: impl Fn(&Deliveries) -> (A, Option<(Deliveries, Vec<Event>)>),
    ) -> Result<A, StoreError> {
        let decide = |item: Option<&Item<DeliveriesRecord>>| {
            let read = |item: &Item<DeliveriesRecord>| item.value.deliveries().map_err(|error| self.corrupt(error));
            let before = item.map_or_else(|| Ok(Deliveries::none(order.clone())), read)?;
            let (answer, change) = decide(&before);
            let read = item.map(|item| item.revision).unwrap_or_default();
            let change = match change {
                None => None,
                Some((after, emitted)) => {
                    let outbox = events(order, &emitted, cause, read).map_err(|error| self.corrupt(error))?;
                    Some(Change { record: (&after).into(), outbox, due: None })
                }
            };
            Ok::<_, StoreError>((answer, change))
        };
        self.0.update(order.as_str(), decide).await
    }

    fn corrupt(&self, source: impl Into<chassis::BoxError>) -> StoreError {
        StoreError::Corrupt { table: self.0.name().to_owned(), source: source.into() }
    }
}
