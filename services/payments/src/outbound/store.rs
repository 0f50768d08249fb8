//! The payments table.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::cause::Cause;
use chassis::store::{Change, Item, KEY, Revision, Saved, StoreError, Table};

use super::{PaymentRecord, published};
use crate::domain::decide::Decision;
use crate::domain::ids::OrderId;
use crate::domain::payment::Payment;
use crate::domain::refund::due;
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

    /// The table itself, for the sweep.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The payment of an order, if anything is known of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: &OrderId) -> Result<Option<Stored>, StoreError> {
        Ok(self.table.load::<PaymentRecord>(order.as_str()).await?.map(stored))
    }

    /// A page of all payments, in no order, and the order whose payment it ends with if there are more: for staff.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(
        &self,
        after: Option<&OrderId>,
        limit: i32,
    ) -> Result<(Vec<Stored>, Option<OrderId>), StoreError> {
        let mut scan = self.table.client().scan().table_name(self.table.name()).limit(limit);
        if let Some(order) = after {
            scan = scan.exclusive_start_key(KEY, AttributeValue::S(order.to_string()));
        }
        let found = scan.send().await.map_err(|error| self.table.unavailable(&error))?;
        let last = found.last_evaluated_key.as_ref().and_then(|key| key.get(KEY)?.as_s().ok());
        let last = last.map(|order| OrderId::trusted(order));
        let read = |item| Ok(stored(self.table.read(item)?));
        Ok((found.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?, last))
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
        let record = PaymentRecord::new(&decision.payment, correlation_id);
        let change = Change { record, outbox, due: due(&decision.payment) };
        let order = &decision.payment.order;
        match self.table.save(order.as_str(), change, read.revision).await? {
            Saved::Applied(item) => Ok(Written::Applied(stored(item))),
            Saved::Conflict(Some(item)) => Ok(Written::Conflict(stored(item))),
            Saved::Conflict(None) => Ok(Written::Conflict(unknown(order))),
        }
    }
}

fn unknown(order: &OrderId) -> Stored {
    Stored { payment: Payment::of(order.clone()), correlation_id: None, revision: Revision::default() }
}

fn stored(item: Item<PaymentRecord>) -> Stored {
    let correlation_id = Some(item.value.correlation_id.clone());
    Stored { payment: item.value.into(), correlation_id, revision: item.revision }
}
