//! Creation and cancel: the two facts that race for a new order's stock.

use jiff::Timestamp;

use super::release::{release, released};
use super::reserve::reserve;
use super::{Contradiction, End, Line, ReleaseCause, Reservation, State, Step};
use crate::domain::ids::{OrderId, ReservationId};
use crate::domain::stock::Levels;

/// The two facts that race for a new order's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateOrCancel<'a> {
    /// The order asks for these lines.
    Created {
        /// One a sku.
        lines: &'a [Line],
        /// When the hold ends.
        expires_at: Timestamp,
    },
    /// The order asks for nothing any more.
    Cancelled,
}

/// An order's creation and its cancel, in whichever order they reach inventory: a cancelled order reserves nothing.
///
/// A cancel that comes first leaves a tombstone, so that the late creation reserves nothing. A cancel that comes later
/// releases what is reserved. What is released or rejected stays so.
///
/// # Errors
/// [`Contradiction::CancelledAfterCommit`], when the stock is sold.
pub fn cancel_before_order_created(
    order: &OrderId,
    current: Option<&Reservation>,
    fact: CreateOrCancel<'_>,
    levels: &Levels,
) -> Result<Option<Step>, Contradiction> {
    use CreateOrCancel::{Cancelled, Created};
    let Some(current) = current else {
        return Ok(Some(match fact {
            Created { lines, expires_at } => reserve(&begin(order, lines, expires_at), 0, levels),
            Cancelled => tombstone(order),
        }));
    };
    match (&current.state, fact) {
        (State::Reserving { held }, Created { .. }) => Ok(Some(reserve(current, *held, levels))),
        (State::Reserving { .. } | State::Reserved, Cancelled) => {
            Ok(Some(release(current, current.held(), End::Cancelled)))
        }
        // A step that was interrupted is completed as it began: the first write has decided.
        (State::Releasing { held, end }, Created { .. } | Cancelled) => Ok(Some(release(current, *held, end.clone()))),
        (State::Reserved | State::Committed, Created { .. })
        | (State::Released(_) | State::Rejected(_), Created { .. } | Cancelled) => Ok(None),
        (State::Committed, Cancelled) => Err(Contradiction::CancelledAfterCommit),
    }
}

fn begin(order: &OrderId, lines: &[Line], expires_at: Timestamp) -> Reservation {
    Reservation {
        order: order.clone(),
        id: ReservationId::derive(order),
        lines: lines.to_vec(),
        expires_at: Some(expires_at),
        state: State::Reserving { held: 0 },
    }
}

/// What a cancel leaves behind that comes before its order, so that the order's creation reserves nothing.
fn tombstone(order: &OrderId) -> Step {
    let (state, event) = released(ReleaseCause::NeverReserved);
    let id = ReservationId::derive(order);
    let reservation = Reservation { order: order.clone(), id, lines: Vec::new(), expires_at: None, state };
    Step::in_place(reservation, event)
}
