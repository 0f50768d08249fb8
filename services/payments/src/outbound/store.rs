//! The payments table.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Item, Revision, Saved, StoreError, Table};

use super::{PaymentRecord, published};
use crate::domain::decide::Decision;
use crate::domain::ids::OrderId;
use crate::domain::payment::Payment;
use crate::settle::{Payments, Stored, Written};

/// Payments, each one item under its order's id.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The payments in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self { table: Table::new(aws, name) }
    }

    /// The payment of an order, if anything is known of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: &OrderId) -> Result<Option<Stored>, StoreError> {
        Ok(self.table.load::<PaymentRecord>(order.as_str()).await?.map(stored))
    }
}

impl Payments for Store {
    async fn load(&self, order: &OrderId) -> Result<Stored, StoreError> {
        Ok(self.get(order).await?.unwrap_or_else(|| unknown(order)))
    }

    async fn save(&self, read: &Stored, decision: &Decision, cause: &Cause) -> Result<Written, StoreError> {
        let outbox = published::events(&decision.payment, &decision.events, cause, read.revision)
            .map_err(|error| StoreError::Corrupt { table: self.table.name().to_owned(), source: error.into() })?;
        let correlation_id = read.correlation_id.clone().unwrap_or_else(|| cause.correlation_id.clone());
        let change = Change { record: PaymentRecord::new(&decision.payment, correlation_id), outbox, due: None };
        let order = &decision.payment.order;
        match self.table.save(order.as_str(), &change, read.revision).await? {
            Saved::Applied(revision) => Ok(Written::Applied(stored(Item { record: change.record, revision }))),
            Saved::Conflict(Some(item)) => Ok(Written::Conflict(stored(item))),
            Saved::Conflict(None) => Ok(Written::Conflict(unknown(order))),
        }
    }
}

fn unknown(order: &OrderId) -> Stored {
    Stored { payment: Payment::of(order.clone()), correlation_id: None, revision: Revision::default() }
}

fn stored(item: Item<PaymentRecord>) -> Stored {
    let correlation_id = Some(item.record.correlation_id.clone());
    Stored { payment: item.record.into(), correlation_id, revision: item.revision }
}
