//! Reserving: every line of the order, or none.

use super::release::release;
use super::step::step;
use super::{End, Event, Line, MAX_MOVES, Reservation, Shortage, State, Step};
use crate::domain::stock::{Levels, Movement};

/// Reserves the lines from `held` on, as far as one transaction goes; releases all of them if one is known to be short.
pub(super) fn reserve(current: &Reservation, held: usize, levels: &Levels) -> Step {
    let missing = shortages(current.lines.iter().skip(held), levels);
    if !missing.is_empty() {
        return release(current, held, End::Rejected(missing));
    }
    let until = (held + MAX_MOVES).min(current.lines.len());
    let complete = until == current.lines.len();
    let state = if complete { State::Reserved } else { State::Reserving { held: until } };
    step(current, state, Movement::Reserve, held..until, complete.then_some(Event::Reserved))
}

fn shortages<'a>(lines: impl Iterator<Item = &'a Line>, levels: &Levels) -> Vec<Shortage> {
    lines.filter_map(|line| line.short_of(*levels.get(&line.sku)?)).collect()
}
