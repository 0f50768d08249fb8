//! Releasing: what was reserved becomes available again, once.

use super::step::step;
use super::{End, Event, MAX_MOVES, ReleaseCause, Reservation, State, Step};
use crate::domain::stock::Movement;

/// Releases the last of the `held` lines, as far as one transaction goes.
pub(super) fn release(current: &Reservation, held: usize, end: End) -> Step {
    let from = held.saturating_sub(MAX_MOVES);
    let (state, event) = match (from, end) {
        (0, End::Cancelled) => released(ReleaseCause::Cancelled),
        (0, End::Expired) => released(ReleaseCause::Expired),
        (0, End::Rejected(missing)) => (State::Rejected(missing.clone()), Some(Event::Rejected(missing))),
        (_, end) => (State::Releasing { held: from, end }, None),
    };
    step(current, state, Movement::Release, from..held, event)
}

pub(super) fn released(cause: ReleaseCause) -> (State, Option<Event>) {
    (State::Released(cause), Some(Event::Released(cause)))
}
