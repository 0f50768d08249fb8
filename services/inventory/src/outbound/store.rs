//! The tables: stock, and what changes it. Reservations lie under their order's id, adjustments under their own.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use chassis::cause::Cause;
use chassis::store::{Attributes, Change, KEY, Revision, Saved, StoreError, Stored, Table};
use tokio::sync::Mutex;

use super::record::{AdjustmentRecord, CorrelatedReservation, ReservationRecord};
use super::reserved::Sum;
use super::together::Together;
use super::transaction::{Cancelled, transact};
use super::{events, level};
use crate::domain::adjustment::Adjustment;
use crate::domain::ids::{AdjustmentId, OrderId, Sku};
use crate::domain::reservation::{Event, Reservation, due};
use crate::domain::stock::Stock;

/// Stock and what changes it.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) stock: Table,
    pub(super) reservations: Table,
    pub(super) together: Arc<Together<Put>>,
    pub(super) latest_sum: Arc<Mutex<Option<Sum>>>,
}

impl Store {
    /// The tables of these names.
    #[must_use]
    pub fn new(aws: &SdkConfig, stock: String, reservations: String) -> Self {
        let (stock, reservations) = (Table::new(aws, stock), Table::new(aws, reservations).publishing(events::OUTBOX));
        Self { stock, reservations, together: Arc::default(), latest_sum: Arc::default() }
    }

    /// The table whose index names the reservations that are due.
    #[must_use]
    pub fn due(&self) -> &Table {
        &self.reservations
    }

    /// The reservation of an order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reservation(&self, order: &OrderId) -> Result<Option<Stored<CorrelatedReservation>>, StoreError> {
        let stored = self.reservations.load::<ReservationRecord>(order.as_str()).await?;
        Ok(stored.map(correlated))
    }

    /// The adjustment under an id, as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn adjustment(&self, id: &AdjustmentId) -> Result<Option<Adjustment>, StoreError> {
        let stored = self.reservations.load::<AdjustmentRecord>(id.as_str()).await?;
        Ok(stored.map(|stored| stored.value.adjustment(id.as_str())))
    }

    /// The stock of one sku as of now; `None` if it was never stocked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stock(&self, sku: &Sku) -> Result<Option<Stored<Stock>>, StoreError> {
        let get = self.stock.client().get_item().table_name(self.stock.name()).consistent_read(true);
        let found = get.key(KEY, AttributeValue::S(sku.to_string())).send().await;
        let found = found.map_err(|error| self.stock.unavailable(&error))?;
        found.item().map(|item| self.read_stock(item)).transpose()
    }

    /// Writes an event about a reservation that stays as it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_event(
        &self,
        read: &Stored<CorrelatedReservation>,
        event: &Event,
        cause: &Cause,
    ) -> Result<Saved<Stored<CorrelatedReservation>>, StoreError> {
        let CorrelatedReservation { reservation, correlation_id } = &read.value;
        let change = self.change(reservation, Some(event), correlation_id, cause, &read.revision)?;
        Ok(match self.reservations.save(reservation.order.as_str(), change, &read.revision).await? {
            Saved::Applied(written) => Saved::Applied(correlated(written)),
            Saved::Conflict(current) => Saved::Conflict(current.map(correlated)),
        })
    }

    /// Writes an adjustment with its event and the new level, if its id is new and nobody wrote the stock since `read`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_adjustment(
        &self,
        adjustment: &Adjustment,
        read: &Revision,
        cause: &Cause,
    ) -> Result<Saved<(), ()>, StoreError> {
        let event = events::stock_adjusted(adjustment, read.version + 1, cause);
        let event = event.map_err(|error| self.reservations.corrupt(error))?;
        let change = Change { record: AdjustmentRecord::from(adjustment), outbox: vec![event], due: None };
        let (put, _) = self.reservations.put(adjustment.request.id.as_str(), &change, &Revision::default())?;
        let put = TransactWriteItem::builder().put(put).build();
        let level = level::adjusted(self.stock.name(), adjustment, read.version);
        let level = level.map_err(|error| self.stock.corrupt(error))?;
        let level = TransactWriteItem::builder().update(level).build();
        match transact(self.stock.client(), vec![put, level]).await {
            Ok(Ok(())) => Ok(Saved::Applied(())),
            Ok(Err(Cancelled::Conditions(_) | Cancelled::Busy)) => Ok(Saved::Conflict(())),
            Ok(Err(Cancelled::Invalid(why))) | Err(why) => {
                Err(StoreError::Unavailable(self.stock.name().to_owned(), why))
            }
        }
    }

    pub(super) fn change(
        &self,
        reservation: &Reservation,
        event: Option<&Event>,
        correlation_id: &str,
        cause: &Cause,
        read: &Revision,
    ) -> Result<Change<ReservationRecord>, StoreError> {
        let outbox = events::reservation_events(reservation, event, cause, read);
        let outbox = outbox.map_err(|error| self.reservations.corrupt(error))?;
        let record = ReservationRecord::new(reservation, correlation_id.to_owned());
        Ok(Change { record, outbox, due: due(reservation) })
    }

    /// Stock publishes nothing, so its item counts no events.
    pub(super) fn read_stock(&self, item: &Attributes) -> Result<Stored<Stock>, StoreError> {
        let missing = |name: &str| self.stock.corrupt(format!("{name} is missing"));
        let count = |name: &str| {
            let digits = item.get(name).and_then(|value| value.as_n().ok());
            digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| missing(name))
        };
        let sku = item.get(KEY).and_then(|value| value.as_s().ok()).ok_or_else(|| missing(KEY))?;
        let (available, version) = (count("available")?, count("version")?);
        let revision = Revision { version, emitted: 0, ..Revision::default() };
        Ok(Stored { value: Stock { sku: Sku::trusted(sku), available }, revision })
    }
}

pub(super) fn correlated(stored: Stored<ReservationRecord>) -> Stored<CorrelatedReservation> {
    Stored { value: stored.value.into(), revision: stored.revision }
}
