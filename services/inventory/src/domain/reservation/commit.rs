//! Committing: what was reserved is sold.

use super::step::step;
use super::{Event, MAX_MOVES, Reservation, State, Step};
use crate::domain::stock::Movement;

/// Sells the last of the `held` lines, as far as one transaction goes.
pub(super) fn commit(current: &Reservation, held: usize) -> Step {
    let from = held.saturating_sub(MAX_MOVES);
    let complete = from == 0;
    let state = if complete { State::Committed } else { State::Committing { held: from } };
    step(current, state, Movement::Commit, from..held, complete.then_some(Event::Committed))
}
