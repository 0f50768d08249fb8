//! A reservation is due: a hold that ran out ends, and an interrupted step is completed.

use chassis::cause::Cause;
use chassis::store::{Round, Stored, retry_on_conflict};
use jiff::Timestamp;
use tracing::Span;

use super::apply_event::{ApplyError, take_step};
use crate::domain::ids::OrderId;
use crate::domain::reservation::{Event, Fact};
use crate::outbound::{CorrelatedReservation, Now, Store, latest_event_id};

/// Carries out what is due of an order's reservation as of `due`; returns the event that it made true, if any. `now` is
/// the event's time.
///
/// # Errors
/// [`ApplyError`]; the reservation stays due.
pub async fn sweep(
    store: &Store,
    order: &OrderId,
    due: Timestamp,
    now: Timestamp,
) -> Result<Option<Event>, ApplyError> {
    let fact = &Fact::Due(due);
    let round = |found: Now| async move {
        let Some(stored) = &found.reservation else { return Ok(Round::Done(None)) };
        let cause = own_cause(stored, now);
        take_step(store, order, found, fact, &cause).await
    };
    retry_on_conflict(order.as_str(), || store.now(order), round).await
}

/// No message causes what a sweep does: the reservation's own latest event does, so that an order's events stay one tree.
/// From here on the log lines carry the saga's correlation id.
fn own_cause(stored: &Stored<CorrelatedReservation>, now: Timestamp) -> Cause {
    let CorrelatedReservation { reservation, correlation_id } = &stored.value;
    Span::current().record("correlation_id", correlation_id);
    let causation_id = latest_event_id(&reservation.order, &stored.revision);
    Cause::new(correlation_id, causation_id, now)
}
