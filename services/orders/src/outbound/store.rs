//! The orders table: every change is one conditional write.

mod lists;

use aws_config::SdkConfig;
use chassis::cause::Cause;
use chassis::consumer::Delivery;
use chassis::store::{Change, Item, Revision, Saved, StoreError, Table};
use contracts::orders::SOURCE;
use jiff::{SignedDuration, Timestamp};

use super::history::{Heard, Noted};
use super::record::{Beside, FactRecord};
use super::{OrderRecord, published};
use crate::domain::attention::Resolved;
use crate::domain::facets::CancelReason;
use crate::domain::ids::OrderId;
use crate::domain::late;
use crate::domain::order::{self, Event, Fact, Order, TooLate};
use crate::domain::status::Status;

/// Orders, each one item.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
    noted: Noted,
    patience: SignedDuration,
}

/// An order as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The order.
    pub order: Order,
    /// What is kept beside it.
    pub beside: Beside,
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
    /// It changed nothing, and why.
    Known(Status, &'static str),
    /// There is no such order.
    Unknown,
}

/// A wish to cancel an order.
#[derive(Debug, Clone)]
pub struct Cancellation {
    /// In whose name.
    pub reason: CancelReason,
    /// What they noted.
    pub note: Option<String>,
    /// The version that they have seen, if that matters to them.
    pub seen: Option<u64>,
}

/// Why an order is not changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is none.
    #[error("there is no such order")]
    Unknown,
    /// It is another one by now.
    #[error("the order was changed since")]
    Changed,
    /// Its state does not allow it.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// It has no such flag.
    #[error("the order has no such flag")]
    NoFlag,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Some of the orders that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Orders, newest first where they are one customer's.
    pub orders: Vec<Stored>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What a decision leads to.
struct Edit {
    order: Order,
    events: Vec<Event>,
    /// What was heard, if it was an event.
    heard: Option<FactRecord>,
    /// What is to be kept beside the order from now on.
    note: Option<String>,
}

impl Store {
    /// The orders in the table `name`, with the history of what changed nothing in the table `noted`. An order that is
    /// decided is flagged when it waits longer than `patience` to be settled.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String, noted: String, patience: SignedDuration) -> Self {
        Self { table: Table::new(aws, name), noted: Noted::new(aws, noted), patience }
    }

    /// The table itself, for the sweep.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Writes a new order with its OrderCreated: one write, and no read, also for a repetition.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn place(&self, order: Order, fingerprint: String, cause: &Cause) -> Result<Placed, StoreError> {
        let correlation_id = cause.correlation_id.clone();
        let beside =
            Beside { fingerprint: fingerprint.clone(), correlation_id, cancel_note: None, history: Vec::new() };
        let edit = Edit { order, events: vec![Event::Created], heard: None, note: None };
        let change = self.change(&edit, beside, cause, Revision::default())?;
        match self.table.save(edit.order.id.as_str(), change, Revision::default()).await? {
            Saved::Applied(item) => {
                Ok(Placed::New(Stored { order: edit.order, beside: item.value.beside, version: 1 }))
            }
            Saved::Conflict(Some(Item { value: record, .. })) if record.beside.fingerprint == fingerprint => {
                let order = order::as_placed(self.order(&record)?);
                Ok(Placed::Before(Stored { order, beside: record.beside, version: 1 }))
            }
            Saved::Conflict(_) => Ok(Placed::KeyReused),
        }
    }

    /// Applies a fact to its order, once, whatever comes between; what changes nothing is noted beside it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hear(&self, id: &OrderId, fact: &Fact, delivery: &Delivery) -> Result<Applied, StoreError> {
        let cause = &delivery.cause;
        let heard = Heard::of(delivery);
        let applied = self.edit(id, Some(cause), cause.at, |stored| {
            let (order, events) = order::apply(&stored.order, fact.clone(), cause.at);
            if order == stored.order {
                let known = stored.beside.history.iter().any(|known| known.event_id == delivery.event_id);
                return Ok(((Applied::Known(order.status(), late::why(&order, fact)), known), None));
            }
            let answer = (Applied::New(order.status()), false);
            Ok::<_, Refused>((answer, Some(Edit { order, events, heard: Some(heard.applied(cause.at)), note: None })))
        });
        match applied.await {
            Ok(((Applied::Known(status, why), duplicate), _)) => {
                self.noted.note(id, &heard, (!duplicate).then_some(why), cause.at).await?;
                Ok(Applied::Known(status, if duplicate { "the event was applied before" } else { why }))
            }
            Ok(((applied, _), _)) => Ok(applied),
            Err(Refused::Store(error)) => Err(error),
            Err(Refused::Unknown | Refused::Changed | Refused::TooLate(_) | Refused::NoFlag) => Ok(Applied::Unknown),
        }
    }

    /// Cancels an order, unless that was done before.
    ///
    /// # Errors
    /// [`Refused`]; nothing is changed then.
    pub async fn cancel(&self, id: &OrderId, wish: &Cancellation, at: Timestamp) -> Result<Stored, Refused> {
        let cancelled = self.edit(id, None, at, |stored| {
            let (order, events) = order::cancel(&stored.order, wish.reason, at)?;
            if order == stored.order {
                return Ok(((), None));
            }
            if wish.seen.is_some_and(|seen| seen != stored.version) {
                return Err(Refused::Changed);
            }
            Ok(((), Some(Edit { order, events, heard: None, note: wish.note.clone() })))
        });
        Ok(cancelled.await?.1)
    }

    /// Looks at an order as of `at`; true if that changed it.
    ///
    /// # Errors
    /// [`StoreError`]. A key that is no order's is none: the index may be older than the table.
    pub async fn look(&self, id: &OrderId, at: Timestamp) -> Result<bool, StoreError> {
        let looked = self.edit(id, None, at, |stored| {
            let (order, events) = order::look(&stored.order, self.patience, at);
            let changed = order != stored.order;
            Ok::<_, Refused>((changed, changed.then_some(Edit { order, events, heard: None, note: None })))
        });
        match looked.await {
            Ok((changed, _)) => Ok(changed),
            Err(Refused::Store(error)) => Err(error),
            Err(Refused::Unknown | Refused::Changed | Refused::TooLate(_) | Refused::NoFlag) => Ok(false),
        }
    }

    /// Says again how an order stands.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn announce(&self, id: &OrderId, at: Timestamp) -> Result<Stored, Refused> {
        let announced = self.edit(id, None, at, |stored| {
            let (order, events) = (stored.order.clone(), order::announce(&stored.order));
            Ok::<_, Refused>(((), (!events.is_empty()).then_some(Edit { order, events, heard: None, note: None })))
        });
        Ok(announced.await?.1)
    }

    /// Somebody has taken note of a flag.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn resolve(&self, id: &OrderId, number: u32, resolved: &Resolved) -> Result<Stored, Refused> {
        let done = self.edit(id, None, resolved.at, |stored| {
            let mut order = stored.order.clone();
            if !order.attention.resolve(number, resolved.clone()) {
                return Err(Refused::NoFlag);
            }
            let edit = Edit { order, events: Vec::new(), heard: None, note: None };
            Ok(((), (edit.order != stored.order).then_some(edit)))
        });
        Ok(done.await?.1)
    }

    /// The order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &OrderId) -> Result<Option<Stored>, StoreError> {
        let item = self.table.load::<OrderRecord>(id.as_str()).await?;
        item.map(|item| self.stored(&item)).transpose()
    }

    /// What was heard of an order and changed nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn noted(&self, id: &OrderId) -> Result<Vec<super::Note>, StoreError> {
        self.noted.of(id).await
    }

    /// Loads, decides and writes, and decides again on what stands there if somebody wrote in between. Without a cause
    /// from outside, what is said is caused by the order's own latest event, so that an order's events stay one tree.
    async fn edit<A, E: From<Refused> + From<StoreError>>(
        &self,
        id: &OrderId,
        cause: Option<&Cause>,
        at: Timestamp,
        mut decide: impl FnMut(&Stored) -> Result<(A, Option<Edit>), E>,
    ) -> Result<(A, Stored), E> {
        let written = self.table.update(id.as_str(), |item: Option<&Item<OrderRecord>>| {
            let Some(item) = item else { return Err(E::from(Refused::Unknown)) };
            let stored = self.stored(item)?;
            tracing::Span::current().record("correlation_id", &stored.beside.correlation_id);
            let (answer, edit) = decide(&stored)?;
            let Some(edit) = edit else { return Ok(((answer, stored), None)) };
            let own = || own_cause(&stored, item.revision, at);
            let cause = cause.cloned().unwrap_or_else(own);
            let change = self.change(&edit, stored.beside, &cause, item.revision)?;
            let version = item.revision.version + 1;
            let after = Stored { order: edit.order, beside: change.record.beside.clone(), version };
            Ok(((answer, after), Some(change)))
        });
        written.await
    }

    fn change(
        &self,
        edit: &Edit,
        before: Beside,
        cause: &Cause,
        read: Revision,
    ) -> Result<Change<OrderRecord>, StoreError> {
        let outbox = published::events(&edit.order, &edit.events, cause, read).map_err(|error| self.corrupt(error))?;
        let mut beside = Beside { cancel_note: edit.note.clone().or(before.cancel_note), ..before };
        beside.history.extend(edit.heard.clone());
        let said = (read.emitted + 1..).zip(&edit.events);
        beside.history.extend(said.map(|(sequence, event)| FactRecord::own(&edit.order.id, sequence, event, cause.at)));
        Ok(Change { record: OrderRecord::new(&edit.order, beside), outbox, due: self.due(&edit.order) })
    }

    fn due(&self, order: &Order) -> Option<Timestamp> {
        order::due(order, self.patience)
    }

    fn stored(&self, item: &Item<OrderRecord>) -> Result<Stored, StoreError> {
        let (order, beside) = (self.order(&item.value)?, item.value.beside.clone());
        Ok(Stored { order, beside, version: item.revision.version })
    }

    fn order(&self, record: &OrderRecord) -> Result<Order, StoreError> {
        record.order().map_err(|error| self.corrupt(error))
    }

    fn corrupt(&self, source: impl Into<chassis::BoxError>) -> StoreError {
        StoreError::Corrupt { table: self.table.name().to_owned(), source: source.into() }
    }
}

fn own_cause(stored: &Stored, read: Revision, at: Timestamp) -> Cause {
    let causation_id = contracts::event_id(SOURCE, stored.order.id.as_str(), read.emitted);
    Cause { correlation_id: stored.beside.correlation_id.clone(), causation_id, traceparent: None, at }
}
