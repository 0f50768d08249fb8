//! Reservations for those who look after them: shown, listed, and told once more.

use chassis::cause::Cause;
use chassis::store::{Change, Item, StoreError};
use jiff::Timestamp;
use tracing::Span;

use super::ReservationRecord;
use super::listed::Listed;
use super::store::Store;
use crate::domain::ids::OrderId;
use crate::domain::reservation::{Reservation, announce, due};

/// What every reservation's key begins with.
const PREFIX: &str = "ord_";

/// A reservation as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The reservation.
    pub reservation: Reservation,
    /// The saga's correlation id.
    pub correlation_id: String,
}

impl Store {
    /// The reservation of an order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reservation(&self, order: &OrderId) -> Result<Option<Kept>, StoreError> {
        let item = self.reservations.load::<ReservationRecord>(order.as_str()).await?;
        Ok(item.map(|item| Kept::from(&item.value)))
    }

    /// A page of all reservations, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reservations(&self, after: Option<&str>, limit: i32) -> Result<Listed<Kept>, StoreError> {
        self.listed(PREFIX, after, limit, |_, record: &ReservationRecord| record.into()).await
    }

    /// Says again, as a new event, how the reservation of an order stands, and changes nothing else of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn announce(&self, order: &OrderId, request: &Cause) -> Result<Option<Kept>, StoreError> {
        let decide = |item: Option<&Item<ReservationRecord>>| {
            let Some(item) = item else { return Ok((None, None)) };
            let kept = Kept::from(&item.value);
            let cause = own_cause(order, item, request.at, request.traceparent.clone());
            let event = announce(&kept.reservation);
            let outbox = self.outbox(&kept.reservation, event.as_ref(), &cause, item.revision)?;
            let change = Change { record: item.value.clone(), outbox, due: due(&kept.reservation) };
            Ok((Some(kept), event.is_some().then_some(change)))
        };
        self.reservations.update(order.as_str(), decide).await
    }
}

/// The cause of what no message has caused: it goes on from the reservation's own latest event, or from the order's
/// first, so that an order's events stay one tree. From here on the log lines carry the saga's correlation id.
pub(super) fn own_cause(
    order: &OrderId,
    item: &Item<ReservationRecord>,
    at: Timestamp,
    traceparent: Option<String>,
) -> Cause {
    let correlation_id = item.value.correlation_id.clone();
    Span::current().record("correlation_id", &correlation_id);
    let causation_id = match item.revision.emitted {
        0 => contracts::event_id(contracts::orders::SOURCE, order.as_str(), 1),
        latest => contracts::event_id(contracts::inventory::SOURCE, order.as_str(), latest),
    };
    Cause { correlation_id, causation_id, traceparent, at }
}

impl From<&ReservationRecord> for Kept {
    fn from(record: &ReservationRecord) -> Self {
        Self { reservation: record.into(), correlation_id: record.correlation_id.clone() }
    }
}
