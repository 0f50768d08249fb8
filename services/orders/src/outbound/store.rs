//! The orders table.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use chassis::cause::Cause;
use chassis::store::{Attributes, Change, Item, KEY, Revision, Saved, StoreError, Table};

use super::{OrderRecord, published};
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::order::{self, Event, Fact, Order, Status};

const BY_CUSTOMER: &str = "by-customer";

/// Orders, each one item.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

/// An order as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The order.
    pub order: Order,
    /// The saga's correlation id.
    pub correlation_id: String,
    /// How often it was written.
    pub version: u64,
}

/// How placing an order ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Placed {
    /// It is new.
    New(Stored),
    /// The same wish was placed before: this is the order as it was then.
    Before(Stored),
    /// The key stands for another wish.
    KeyReused,
}

/// How applying a fact ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The order now knows it.
    New(Status),
    /// The order knew it, or it came too late to matter.
    Known(Status),
    /// There is no such order.
    Unknown,
}

/// Some of the orders that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Orders, newest first where they are one customer's.
    pub orders: Vec<Stored>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl Store {
    /// The orders in the table `name`.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        Self { table: Table::new(aws, name) }
    }

    /// Writes a new order with its OrderCreated: one write, and no read, also for a repetition.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn place(&self, order: Order, fingerprint: String, cause: &Cause) -> Result<Placed, StoreError> {
        let record = OrderRecord::new(&order, fingerprint.clone(), cause.correlation_id.clone());
        let change = self.change(record, &order, &[Event::Created], cause, Revision::default())?;
        let stored =
            |record: &OrderRecord, order| Stored { order, correlation_id: record.correlation_id.clone(), version: 1 };
        match self.table.save(order.id.as_str(), &change, Revision::default()).await? {
            Saved::Applied(_) => Ok(Placed::New(stored(&change.record, order))),
            Saved::Conflict(Some(Item { record, .. })) if record.fingerprint == fingerprint => {
                let first = order::as_placed(self.order(&record)?);
                Ok(Placed::Before(stored(&record, first)))
            }
            Saved::Conflict(_) => Ok(Placed::KeyReused),
        }
    }

    /// Applies a fact to its order, once, whatever comes between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn apply(&self, id: &OrderId, fact: &Fact, cause: &Cause) -> Result<Applied, StoreError> {
        let decide = |item: Option<&Item<OrderRecord>>| {
            let Some(Item { record, revision }) = item else { return Ok((Applied::Unknown, None)) };
            let before = self.order(record)?;
            let (after, events) = order::apply(&before, fact.clone(), cause.at);
            if after == before {
                return Ok((Applied::Known(before.status()), None));
            }
            let record = OrderRecord::new(&after, record.fingerprint.clone(), record.correlation_id.clone());
            let change = self.change(record, &after, &events, cause, *revision)?;
            Ok((Applied::New(after.status()), Some(change)))
        };
        self.table.update(id.as_str(), decide).await
    }

    /// The order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &OrderId) -> Result<Option<Stored>, StoreError> {
        let item = self.table.load::<OrderRecord>(id.as_str()).await?;
        item.map(|item| self.stored(&item)).transpose()
    }

    /// A page of one customer's orders, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_customer(&self, customer: &CustomerId, from: Option<&str>, limit: i32) -> Result<Page, StoreError> {
        let mut query = self.table.client().query().table_name(self.table.name()).index_name(BY_CUSTOMER);
        query = query.key_condition_expression("customerId = :customer").scan_index_forward(false).limit(limit);
        query = query.expression_attribute_values(":customer", text(customer.as_str()));
        if let Some(placed_key) = from {
            let id = placed_key.rsplit('#').next().unwrap_or_default();
            query = query
                .exclusive_start_key("customerId", text(customer.as_str()))
                .exclusive_start_key("placedKey", text(placed_key))
                .exclusive_start_key(KEY, text(id));
        }
        let found = query.send().await.map_err(|error| self.table.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(|key| attribute(key, "placedKey"));
        let ids: Vec<String> = found.items().iter().filter_map(|item| attribute(item, KEY)).collect();
        Ok(Page { orders: self.all(&ids).await?, next })
    }

    /// A page of everybody's orders, in no order: for staff.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_everybody(&self, from: Option<&str>, limit: i32) -> Result<Page, StoreError> {
        let mut scan = self.table.client().scan().table_name(self.table.name()).limit(limit);
        if let Some(id) = from {
            scan = scan.exclusive_start_key(KEY, text(id));
        }
        let found = scan.send().await.map_err(|error| self.table.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(|key| attribute(key, KEY));
        let read = |attributes: &Attributes| self.stored(&self.table.read(attributes.clone())?);
        Ok(Page { orders: found.items().iter().map(read).collect::<Result<_, _>>()?, next })
    }

    /// The orders of these ids in their order, as of now: an index only says where to look.
    async fn all(&self, ids: &[String]) -> Result<Vec<Stored>, StoreError> {
        let mut found: HashMap<String, Stored> = HashMap::new();
        let mut wanted: Vec<Attributes> = ids.iter().map(|id| Attributes::from([(KEY.to_owned(), text(id))])).collect();
        while !wanted.is_empty() {
            let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let keys = keys.map_err(|error| self.table.unavailable(&error))?;
            let request = self.table.client().batch_get_item().request_items(self.table.name(), keys);
            let answer = request.send().await.map_err(|error| self.table.unavailable(&error))?;
            for attributes in answer.responses().and_then(|tables| tables.get(self.table.name())).into_iter().flatten()
            {
                let stored = self.stored(&self.table.read(attributes.clone())?)?;
                found.insert(stored.order.id.to_string(), stored);
            }
            let rest = answer.unprocessed_keys().and_then(|tables| tables.get(self.table.name()));
            wanted = rest.map(|keys| keys.keys().to_vec()).unwrap_or_default();
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    fn change(
        &self,
        record: OrderRecord,
        order: &Order,
        events: &[Event],
        cause: &Cause,
        read: Revision,
    ) -> Result<Change<OrderRecord>, StoreError> {
        let outbox = published::events(order, events, cause, read).map_err(|error| self.corrupt(error))?;
        Ok(Change { record, outbox, due: None })
    }

    fn stored(&self, item: &Item<OrderRecord>) -> Result<Stored, StoreError> {
        Ok(Stored {
            order: self.order(&item.record)?,
            correlation_id: item.record.correlation_id.clone(),
            version: item.revision.version,
        })
    }

    fn order(&self, record: &OrderRecord) -> Result<Order, StoreError> {
        record.order().map_err(|error| self.corrupt(error))
    }

    fn corrupt(&self, source: impl Into<chassis::BoxError>) -> StoreError {
        StoreError::Corrupt { table: self.table.name().to_owned(), source: source.into() }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn attribute(attributes: &Attributes, name: &str) -> Option<String> {
    attributes.get(name).and_then(|value| value.as_s().ok()).cloned()
}
