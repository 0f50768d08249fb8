//! The tables: stock, and the reservations and adjustments that change it.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, TransactWriteItem, Update};
use chassis::cause::Cause;
use chassis::clock;
use chassis::consumer::{Classify, Verdict};
use chassis::store::{Attributes, Change, Item, KEY, Revision, Saved, StoreError, Table};
use jiff::Timestamp;

use super::listed::Listed;
use super::reservations::own_cause;
use super::transaction::{self, Ended, MAX_TRIES};
use super::{ReservationRecord, published};
use crate::domain::ids::{OrderId, Sku};
use crate::domain::reservation::{
    Contradiction, Event, Fact, Line, Movement, Reservation, Step, due, next, wants_levels,
};
use crate::domain::stock::Level;

/// Stock and what changes it.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) stock: Table,
    /// Everything that publishes: reservations under their order's id, adjustments under their own.
    pub(super) reservations: Table,
}

/// Stock of one sku as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stocked {
    /// The sku.
    pub sku: Sku,
    /// Its pieces.
    pub level: Level,
    /// How often it was written.
    pub version: u64,
}

/// Why a fact was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// It cannot be true.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for ApplyError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Contradiction(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Contradiction(Contradiction::ConfirmedWithoutHold) => "confirmed_without_hold",
            Self::Contradiction(Contradiction::CancelledAfterCommit) => "cancelled_after_commit",
            Self::Store(error) => error.class(),
        }
    }
}

impl Store {
    /// The tables of these names.
    #[must_use]
    pub fn new(aws: &SdkConfig, stock: String, reservations: String) -> Self {
        Self { stock: Table::new(aws, stock), reservations: Table::new(aws, reservations) }
    }

    /// The table whose index names the reservations that are due.
    #[must_use]
    pub fn waiting(&self) -> &Table {
        &self.reservations
    }

    /// Carries out a fact about an order, step by step; returns the event that the last step made true, if any.
    ///
    /// # Errors
    /// [`ApplyError`], which says whether a retry can help.
    pub async fn apply(&self, order: &OrderId, fact: &Fact, cause: &Cause) -> Result<Option<Event>, ApplyError> {
        let item = self.reservations.load(order.as_str()).await?;
        self.carry_out(order, item, fact, cause).await
    }

    /// Carries out what time has made true of an order's reservation: a hold that ran out ends, a step that was
    /// interrupted is taken up. Returns the event that came of it, if any.
    ///
    /// # Errors
    /// [`ApplyError`], which says whether a retry can help.
    pub async fn catch_up(&self, order: &OrderId, at: Timestamp) -> Result<Option<Event>, ApplyError> {
        let Some(item) = self.reservations.load(order.as_str()).await? else { return Ok(None) };
        let cause = own_cause(order, &item, clock::now(), None);
        self.carry_out(order, Some(item), &Fact::Due(at), &cause).await
    }

    async fn carry_out(
        &self,
        order: &OrderId,
        mut item: Option<Item<ReservationRecord>>,
        fact: &Fact,
        cause: &Cause,
    ) -> Result<Option<Event>, ApplyError> {
        let mut tries = 0;
        while tries < MAX_TRIES {
            let seen = item.as_ref().map(|item| Reservation::from(&item.value));
            let levels = if wants_levels(seen.as_ref(), fact) {
                self.levels(wanted(seen.as_ref(), fact)).await?
            } else {
                BTreeMap::new()
            };
            let Some(step) = next(order, seen.as_ref(), fact, &levels)? else { return Ok(None) };
            match self.write(&step, item.as_ref(), cause).await? {
                // The step that makes something true is the last.
                Ended::Applied if step.event.is_some() => return Ok(step.event),
                Ended::Applied => {}
                Ended::Lost => {
                    tries += 1;
                    transaction::back_off(tries).await;
                }
            }
            item = self.reservations.load(order.as_str()).await?;
        }
        Err(StoreError::Contended { key: order.to_string() }.into())
    }

    async fn write(
        &self,
        step: &Step,
        read: Option<&Item<ReservationRecord>>,
        cause: &Cause,
    ) -> Result<Ended, StoreError> {
        let correlation_id = read.map_or(&cause.correlation_id, |item| &item.value.correlation_id).clone();
        let read = read.map(|item| item.revision).unwrap_or_default();
        let record = ReservationRecord::new(&step.reservation, correlation_id);
        let outbox = self.outbox(&step.reservation, step.event.as_ref(), cause, read)?;
        let change = Change { record, outbox, due: due(&step.reservation) };
        if step.moved.is_empty() {
            // No stock moves: a single write does, at half the price of a transaction.
            return Ok(match self.reservations.save(step.reservation.order.as_str(), change, read).await? {
                Saved::Applied(_) => Ended::Applied,
                Saved::Conflict(_) => Ended::Lost,
            });
        }
        let (put, _) = self.reservations.put(step.reservation.order.as_str(), &change, read)?;
        let mut items = vec![TransactWriteItem::builder().put(put).build()];
        for line in &step.moved {
            let update = self.movement(line, step.movement)?;
            items.push(TransactWriteItem::builder().update(update).build());
        }
        transaction::send(self.reservations.client(), self.reservations.name(), items).await
    }

    pub(super) fn outbox(
        &self,
        reservation: &Reservation,
        event: Option<&Event>,
        cause: &Cause,
        read: Revision,
    ) -> Result<Vec<String>, StoreError> {
        let table = || self.reservations.name().to_owned();
        published::events(reservation, event, cause, read)
            .map_err(|error| StoreError::Corrupt { table: table(), source: error.into() })
    }

    /// The condition, not what was read, decides whether the pieces are there.
    fn movement(&self, line: &Line, movement: Movement) -> Result<Update, StoreError> {
        let (change, condition) = match movement {
            Movement::Hold => {
                ("available = available - :pieces, reserved = reserved + :pieces", "available >= :pieces")
            }
            Movement::GiveBack => {
                ("available = available + :pieces, reserved = reserved - :pieces", "reserved >= :pieces")
            }
            Movement::Sell => ("reserved = reserved - :pieces", "reserved >= :pieces"),
        };
        Update::builder()
            .table_name(self.stock.name())
            .key(KEY, AttributeValue::S(line.sku.to_string()))
            .update_expression(format!("SET {change}, version = version + :one"))
            .condition_expression(condition)
            .expression_attribute_values(":pieces", number(line.quantity.into()))
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(|error| self.stock.unavailable(&error))
    }

    /// The levels of those skus that were ever stocked.
    async fn levels(&self, skus: Vec<Sku>) -> Result<BTreeMap<Sku, Level>, StoreError> {
        let mut levels = BTreeMap::new();
        for hundred in skus.chunks(100) {
            let key = |sku: &Sku| Attributes::from([(KEY.to_owned(), AttributeValue::S(sku.to_string()))]);
            let mut wanted: Vec<Attributes> = hundred.iter().map(key).collect();
            while !wanted.is_empty() {
                let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
                let keys = keys.map_err(|error| self.stock.unavailable(&error))?;
                let request = self.stock.client().batch_get_item().request_items(self.stock.name(), keys);
                let answer = request.send().await.map_err(|error| self.stock.unavailable(&error))?;
                for item in answer.responses().and_then(|tables| tables.get(self.stock.name())).into_iter().flatten() {
                    let stocked = self.stocked(item)?;
                    levels.insert(stocked.sku, stocked.level);
                }
                let rest = answer.unprocessed_keys().and_then(|tables| tables.get(self.stock.name()));
                wanted = rest.map(|keys| keys.keys().to_vec()).unwrap_or_default();
                if !wanted.is_empty() {
                    transaction::back_off(1).await;
                }
            }
        }
        Ok(levels)
    }

    /// The stock of one sku as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn level(&self, sku: &Sku) -> Result<Option<Stocked>, StoreError> {
        let get = self.stock.client().get_item().table_name(self.stock.name()).consistent_read(true);
        let found = get.key(KEY, AttributeValue::S(sku.to_string())).send().await;
        let found = found.map_err(|error| self.stock.unavailable(&error))?;
        found.item().map(|item| self.stocked(item)).transpose()
    }

    /// A page of all stock, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all(&self, after: Option<&str>, limit: i32) -> Result<Listed<Stocked>, StoreError> {
        let mut scan = self.stock.client().scan().table_name(self.stock.name()).limit(limit);
        if let Some(sku) = after {
            scan = scan.exclusive_start_key(KEY, AttributeValue::S(sku.to_owned()));
        }
        let found = scan.send().await.map_err(|error| self.stock.unavailable(&error))?;
        let next = found.last_evaluated_key().and_then(|key| key.get(KEY)?.as_s().ok()).cloned();
        let items = found.items().iter().map(|item| self.stocked(item)).collect::<Result<_, _>>()?;
        Ok(Listed { items, next })
    }

    fn stocked(&self, item: &Attributes) -> Result<Stocked, StoreError> {
        let corrupt = |name: &str| StoreError::Corrupt {
            table: self.stock.name().to_owned(),
            source: format!("no {name}").into(),
        };
        let count = |name: &str| {
            let digits = item.get(name).and_then(|value| value.as_n().ok());
            digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| corrupt(name))
        };
        let sku = item.get(KEY).and_then(|value| value.as_s().ok()).ok_or_else(|| corrupt(KEY))?;
        let level = Level { available: count("available")?, reserved: count("reserved")? };
        Ok(Stocked { sku: Sku::trusted(sku), level, version: count("version")? })
    }
}

fn wanted(seen: Option<&Reservation>, fact: &Fact) -> Vec<Sku> {
    let lines = match (seen, fact) {
        (Some(reservation), _) => &reservation.lines,
        (None, Fact::Created { lines, .. }) => lines,
        (None, Fact::Confirmed | Fact::Cancelled | Fact::Due(_)) => return Vec::new(),
    };
    lines.iter().map(|line| line.sku.clone()).collect()
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
