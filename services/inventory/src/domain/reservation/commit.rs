//! Committing: what was reserved is sold.

use super::{Event, Reservation, State, Step};

/// Sells all lines. Their pieces stopped being available when they were reserved, so no stock moves.
pub(super) fn commit(current: &Reservation) -> Step {
    let sold = Reservation { state: State::Committed, ..current.clone() };
    Step::in_place(sold, Some(Event::Committed))
}
