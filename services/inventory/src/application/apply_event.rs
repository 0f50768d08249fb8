//! A fact about an order: its reservation takes step after step until the fact is carried out.

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use chassis::verdict::{Classify, Verdict};

use crate::domain::ids::OrderId;
use crate::domain::reservation::{Contradiction, Event, Fact, levels_needed, next};
use crate::outbound::{CorrelatedReservation, Store};

/// Why a fact was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// It cannot be true of the reservation.
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

/// What an order's reservation is now; `None` before its first fact.
pub(super) type Current = Option<Stored<CorrelatedReservation>>;

/// Carries out a fact about an order; returns the event that it made true, if any.
///
/// # Errors
/// [`ApplyError`], which says whether a retry can help.
pub async fn apply_event(
    store: &Store,
    order: &OrderId,
    fact: &Fact,
    cause: &Cause,
) -> Result<Option<Event>, ApplyError> {
    let load = || store.reservation(order);
    retry_on_conflict(order.as_str(), load, |current| take_step(store, order, current, fact, cause)).await
}

/// One transaction: loads the levels that the rule compares, decides, and saves. Only the last step has an event.
pub(super) async fn take_step(
    store: &Store,
    order: &OrderId,
    current: Current,
    fact: &Fact,
    cause: &Cause,
) -> Result<Round<Option<Event>, Current>, ApplyError> {
    let reservation = current.as_ref().map(|stored| &stored.value.reservation);
    let levels = store.levels(&levels_needed(reservation, fact)).await?;
    let Some(step) = next(order, reservation, fact, &levels)? else { return Ok(Round::Done(None)) };
    match store.save_step(&step, current.as_ref(), cause).await? {
        Saved::Applied(()) if step.event.is_some() => Ok(Round::Done(step.event)),
        Saved::Applied(()) => Ok(Round::More(store.reservation(order).await?)),
        Saved::Conflict(()) => Ok(Round::Lost),
    }
}
