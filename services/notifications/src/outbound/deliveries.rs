//! The deliveries table.

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::store::{Change, Item, StoreError, Table};
use jiff::Timestamp;

use super::{DeliveriesRecord, published};
use crate::domain::delivery::{self, Content, Deliveries, Event, Fact, Heard, Outcome};
use crate::domain::ids::{CustomerId, NotificationId, OrderId};

/// Deliveries, one item for each order.
#[derive(Debug, Clone)]
pub struct DeliveryStore(Table);

/// What is to be done after a fact was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tasks {
    /// Messages that are ours to send.
    pub claimed: Vec<Task>,
    /// Messages whose sender has vanished: it is not known whether they went out.
    pub lost: Vec<NotificationId>,
    /// When the claim of another sender ends, if one is at work.
    pub busy_until: Option<Timestamp>,
}

/// A message that is ours to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The message.
    pub id: NotificationId,
    /// Whom it goes to.
    pub customer: CustomerId,
    /// What it says.
    pub content: Content,
}

impl DeliveryStore {
    /// The deliveries in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self(Table::new(aws, name))
    }

    /// Writes down a fact and claims what can be sent now; tells of messages whose sender has vanished.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hear(&self, order: &OrderId, fact: &Fact, cause: &Cause) -> Result<Tasks, StoreError> {
        let decide = |item: Option<&Item<DeliveriesRecord>>| {
            let before = self.deliveries(order, item)?;
            let heard = delivery::hear(&before, fact, cause.at);
            let outbox = self.outbox(order, &heard.lost, cause, item)?;
            let change = (heard.after != before).then(|| Change { record: (&heard.after).into(), outbox, due: None });
            Ok::<_, StoreError>((tasks(heard), change))
        };
        self.0.update(order.as_str(), decide).await
    }

    /// Writes down what came of a message, with the event that tells of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle(
        &self,
        order: &OrderId,
        id: &NotificationId,
        outcome: Outcome,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let decide = |item: Option<&Item<DeliveriesRecord>>| {
            let before = self.deliveries(order, item)?;
            let (after, event) = delivery::settle(&before, id, outcome);
            let outbox = self.outbox(order, event.as_slice(), cause, item)?;
            Ok::<_, StoreError>(((), (after != before).then(|| Change { record: (&after).into(), outbox, due: None })))
        };
        self.0.update(order.as_str(), decide).await
    }

    fn deliveries(&self, order: &OrderId, item: Option<&Item<DeliveriesRecord>>) -> Result<Deliveries, StoreError> {
        let read = |item: &Item<DeliveriesRecord>| item.value.deliveries().map_err(|error| self.corrupt(error));
        item.map_or_else(|| Ok(Deliveries::none(order.clone())), read)
    }

    fn outbox(
        &self,
        order: &OrderId,
        events: &[Event],
        cause: &Cause,
        item: Option<&Item<DeliveriesRecord>>,
    ) -> Result<Vec<String>, StoreError> {
        let read = item.map(|item| item.revision).unwrap_or_default();
        published::events(order, events, cause, read).map_err(|error| self.corrupt(error))
    }

    fn corrupt(&self, source: impl Into<chassis::BoxError>) -> StoreError {
        StoreError::Corrupt { table: self.0.name().to_owned(), source: source.into() }
    }
}

fn tasks(heard: Heard) -> Tasks {
    let Heard { after, claimed, lost, busy_until } = heard;
    let task = |id: NotificationId| {
        let content = after.messages.get(&id)?.content.clone();
        Some(Task { id, customer: after.customer.clone()?, content })
    };
    let lost = lost.into_iter().map(|event| event.notification).collect();
    Tasks { claimed: claimed.into_iter().filter_map(task).collect(), lost, busy_until }
}
