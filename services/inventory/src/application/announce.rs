//! An operator has a reservation's latest event published again, under a new id, for a consumer that missed it.

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};

use crate::domain::ids::OrderId;
use crate::domain::reservation;
use crate::outbound::{CorrelatedReservation, Store, latest_event_id};

/// Publishes an order's reservation again, and changes nothing else of it. Returns the reservation; `None` if the order
/// has none.
///
/// # Errors
/// [`StoreError`].
pub async fn announce(
    store: &Store,
    order: &OrderId,
    request: &Cause,
) -> Result<Option<Stored<CorrelatedReservation>>, StoreError> {
    let round = |current: Option<Stored<CorrelatedReservation>>| async move {
        let Some(stored) = current else { return Ok(Round::Done(None)) };
        let Some(event) = reservation::announce(&stored.value.reservation) else {
            return Ok(Round::Done(Some(stored)));
        };
        let cause = request.in_saga(&stored.value.correlation_id, latest_event_id(order, &stored.revision));
        Ok(match store.save_event(&stored, &event, &cause).await? {
            Saved::Applied(written) => Round::Done(Some(written)),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    retry_on_conflict(order.as_str(), || store.reservation(order), round).await
}
