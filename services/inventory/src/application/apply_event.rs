//! A fact about an order: its reservation takes step after step until the fact is carried out.

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, retry_on_conflict};
use chassis::verdict::{Classify, Verdict};

use crate::domain::ids::OrderId;
use crate::domain::reservation::{Contradiction, Event, Fact, next};
use crate::outbound::{Now, Refused, Store};

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

/// Carries out a fact about an order; returns the event that it made true, if any.
///
/// An order's creation is nearly always the first that inventory learns of it. So nothing is read before its write, whose
/// conditions answer with what is there otherwise.
///
/// # Errors
/// [`ApplyError`], which says whether a retry can help.
pub async fn apply_event(
    store: &Store,
    order: &OrderId,
    fact: &Fact,
    cause: &Cause,
) -> Result<Option<Event>, ApplyError> {
    let load = || async {
        match fact {
            Fact::Created { .. } => Ok(Now::default()),
            Fact::Confirmed | Fact::Cancelled | Fact::Due(_) => store.now(order).await,
        }
    };
    retry_on_conflict(order.as_str(), load, |now| take_step(store, order, now, fact, cause)).await
}

/// One write: decides on what is there now, and saves. Only the last step has an event.
pub(super) async fn take_step(
    store: &Store,
    order: &OrderId,
    now: Now,
    fact: &Fact,
    cause: &Cause,
) -> Result<Round<Option<Event>, Now>, ApplyError> {
    let reservation = now.reservation.as_ref().map(|stored| &stored.value.reservation);
    let Some(step) = next(order, reservation, fact, &now.levels)? else { return Ok(Round::Done(None)) };
    Ok(match store.save_step(&step, now.reservation.as_ref(), cause).await? {
        Saved::Applied(_) if step.event.is_some() => Round::Done(step.event),
        Saved::Applied(written) => Round::More(Now { reservation: Some(written), ..Now::default() }),
        Saved::Conflict(Refused::Because(now)) => Round::Conflict(*now),
        Saved::Conflict(Refused::Busy) => Round::Lost,
    })
}
