//! The payments table.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Revision, Saved, StoreError, Stored, Table};

use super::{OUTBOX, PaymentRecord, events};
use crate::domain::decision::Decision;
use crate::domain::ids::OrderId;
use crate::domain::payment::Payment;
use crate::domain::repay::due;

/// A payment, and the saga that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaPayment {
    /// The payment.
    pub payment: Payment,
    /// The saga's correlation id; absent while there is no item.
    pub correlation_id: Option<String>,
}

impl SagaPayment {
    /// The payment of an order as far as nothing of it was read. A write of it expects that there is no item; if there is
    /// one, the conflict brings it.
    #[must_use]
    pub fn unread(order: &OrderId) -> Stored<Self> {
        let value = Self { payment: Payment::of(order.clone()), correlation_id: None };
        Stored { value, revision: Revision::default() }
    }
}

/// How the write of a payment ended. There is always one to decide on again: without an item, one of which no event has
/// arrived yet.
pub type SavedPayment = Saved<Stored<SagaPayment>, Stored<SagaPayment>>;

/// Where payments are stored: what the use cases need of the table.
pub trait PaymentStore {
    /// The payment of an order, also if no event about it has arrived yet.
    fn load(&self, order: &OrderId) -> impl Future<Output = Result<Stored<SagaPayment>, StoreError>>;

    /// Writes a decision, if nobody else wrote since `read`.
    fn save(
        &self,
        read: &Stored<SagaPayment>,
        decision: &Decision,
        cause: &Cause,
    ) -> impl Future<Output = Result<SavedPayment, StoreError>>;
}

/// Payments, each one item under its order's id.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The payments in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self { table: Table::new(aws, name).publishing(OUTBOX) }
    }

    /// The table itself, for the sweep.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The payment of an order, if any event about it has arrived.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: &OrderId) -> Result<Option<Stored<SagaPayment>>, StoreError> {
        Ok(self.table.load::<PaymentRecord>(order.as_str()).await?.map(stored))
    }

    /// Up to `limit` of all payments, in no order, from behind that of the order `after`; and the last order if there
    /// are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Stored<SagaPayment>>, Option<String>), StoreError> {
        let (items, last) = self.table.page(after, limit).await?;
        let payments = items.iter().map(|item| Ok(stored(self.table.read(item)?)));
        Ok((payments.collect::<Result<_, StoreError>>()?, last))
    }
}

impl PaymentStore for Store {
    async fn load(&self, order: &OrderId) -> Result<Stored<SagaPayment>, StoreError> {
        Ok(self.get(order).await?.unwrap_or_else(|| SagaPayment::unread(order)))
    }

    async fn save(
        &self,
        read: &Stored<SagaPayment>,
        decision: &Decision,
        cause: &Cause,
    ) -> Result<SavedPayment, StoreError> {
        let outbox = events(&decision.payment, &decision.events, cause, &read.revision);
        let outbox = outbox.map_err(|error| self.table.corrupt(error))?;
        let correlation_id = read.value.correlation_id.clone().unwrap_or_else(|| cause.correlation_id.clone());
        let record = PaymentRecord::new(&decision.payment, correlation_id);
        let change = Change { record, outbox, due: due(&decision.payment) };
        let order = &decision.payment.order;
        Ok(match self.table.save(order.as_str(), change, &read.revision).await? {
            Saved::Applied(item) => Saved::Applied(stored(item)),
            Saved::Conflict(current) => Saved::Conflict(current.map_or_else(|| SagaPayment::unread(order), stored)),
        })
    }
}

fn stored(item: Stored<PaymentRecord>) -> Stored<SagaPayment> {
    let correlation_id = Some(item.value.correlation_id.clone());
    Stored { value: SagaPayment { payment: item.value.into(), correlation_id }, revision: item.revision }
}
