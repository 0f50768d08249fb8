//! A step is saved: the reservation with its event and the pieces that move, all or nothing. A write that is refused says
//! what is there now.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use chassis::cause::Cause;
use chassis::store::{Attributes, Saved, StoreError, Stored};

use super::group::Hold;
use super::level;
use super::record::CorrelatedReservation;
use super::store::{Store, correlated};
use super::transaction::{Answer, Cancelled, Failed, invalid, transact};
use crate::domain::ids::{OrderId, Sku};
use crate::domain::reservation::Step;
use crate::domain::stock::{Levels, Movement};

/// What is there now, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Now {
    /// The order's reservation, if it has one.
    pub reservation: Option<Stored<CorrelatedReservation>>,
    /// The skus of which there is too little.
    pub levels: Levels,
}

/// Why a step is not written.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// Its conditions do not hold: this is what is there instead.
    Because(Box<Now>),
    /// Others were writing the same items at that moment.
    Busy,
}

impl Store {
    /// What is there now of an order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn now(&self, order: &OrderId) -> Result<Now, StoreError> {
        Ok(Now { reservation: self.reservation(order).await?, ..Now::default() })
    }

    /// Writes a step, if its conditions hold: nobody wrote the reservation since it was read, and the pieces are there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_step(
        &self,
        step: &Step,
        read: Option<&Stored<CorrelatedReservation>>,
        cause: &Cause,
    ) -> Result<Saved<Stored<CorrelatedReservation>, Refused>, StoreError> {
        let correlation_id = read.map_or(&cause.correlation_id, |stored| &stored.value.correlation_id);
        let revision = read.map(|stored| stored.revision.clone()).unwrap_or_default();
        let change = self.change(&step.reservation, step.event.as_ref(), correlation_id, cause, &revision)?;
        let order = &step.reservation.order;
        if step.moved.is_empty() {
            // No stock moves: a single write does, at half the price of a transaction.
            return Ok(match self.reservations.save(order.as_str(), change, &revision).await? {
                Saved::Applied(written) => Saved::Applied(correlated(written)),
                Saved::Conflict(found) => {
                    let found = found.map(correlated);
                    let reservation = if found.is_none() { self.reservation(order).await? } else { found };
                    Saved::Conflict(Refused::Because(Box::new(Now { reservation, ..Now::default() })))
                }
            });
        }
        let (mut put, revision) = self.reservations.put(order.as_str(), &change, &revision)?;
        put.return_values_on_condition_check_failure = Some(AllOld);
        let answer = match step.movement {
            Movement::Reserve => {
                let hold = Hold { order: order.clone(), put, lines: step.moved.clone() };
                let send =
                    async |puts: &[&Put], pieces: &BTreeMap<Sku, u64>| self.send(puts, pieces, Movement::Reserve).await;
                self.together.write(hold, &send).await
            }
            Movement::Release => {
                let pieces = step.moved.iter().map(|line| (line.sku.clone(), u64::from(line.quantity)));
                self.send(&[&put], &pieces.collect(), Movement::Release).await
            }
        };
        let failed = |why| StoreError::Unavailable(self.reservations.name().to_owned(), why);
        Ok(match answer.map_err(failed)? {
            Ok(()) => Saved::Applied(correlated(Stored { value: change.record, revision })),
            Err(Cancelled::Busy) => Saved::Conflict(Refused::Busy),
            Err(Cancelled::Invalid(why)) => return Err(failed(why)),
            Err(Cancelled::Conditions(failed)) => {
                Saved::Conflict(Refused::Because(Box::new(self.what_failed(step, read, &failed).await?)))
            }
        })
    }

    /// What is there now, by what the failed conditions have found. A condition that found no item may have failed for an
    /// item that does not exist; only a read can tell.
    async fn what_failed(
        &self,
        step: &Step,
        read: Option<&Stored<CorrelatedReservation>>,
        failed: &Failed,
    ) -> Result<Now, StoreError> {
        let reservation = match failed.get(&0) {
            None => read.cloned(),
            Some(Some(item)) => Some(correlated(self.reservations.read(item)?)),
            Some(None) => self.reservation(&step.reservation.order).await?,
        };
        let short = (1..).zip(&step.moved).filter_map(|(at, line)| Some((&line.sku, failed.get(&at)?.as_ref())));
        let mut short: Vec<_> = short.collect();
        if !short.is_empty() {
            // A rejection names all that is missing, also of what a second transaction would have moved.
            short.extend(step.unmoved().iter().map(|line| (&line.sku, None)));
        }
        Ok(Now { reservation, levels: self.levels(short.into_iter()).await? })
    }

    /// The levels of some skus, each with the item that is known of it; the others are read.
    pub(super) async fn levels<'a>(
        &self,
        skus: impl Iterator<Item = (&'a Sku, Option<&'a Attributes>)>,
    ) -> Result<Levels, StoreError> {
        let (known, unknown): (Vec<_>, Vec<_>) = skus.partition(|(_, item)| item.is_some());
        let unknown: Vec<&Sku> = unknown.into_iter().map(|(sku, _)| sku).collect();
        let mut levels: Levels = unknown.iter().map(|sku| ((*sku).clone(), None)).collect();
        let found = self.stock.load_all(&unknown).await?;
        for item in known.into_iter().filter_map(|(_, item)| item).chain(&found) {
            let stock = self.read_stock(item)?.value;
            levels.insert(stock.sku, Some(stock.available));
        }
        Ok(levels)
    }

    /// Sends one transaction: the reservations, then the pieces of each sku.
    async fn send(&self, puts: &[&Put], pieces: &BTreeMap<Sku, u64>, movement: Movement) -> Answer {
        let put = |put: &&Put| TransactWriteItem::builder().put((*put).clone()).build();
        let mut writes: Vec<TransactWriteItem> = puts.iter().map(put).collect();
        for (sku, pieces) in pieces {
            let update =
                level::moved(self.stock.name(), sku, *pieces, movement).map_err(|error| invalid(error.to_string()))?;
            writes.push(TransactWriteItem::builder().update(update).build());
        }
        transact(self.reservations.client(), writes).await
    }
}
