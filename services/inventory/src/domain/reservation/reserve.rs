//! Reserving: every line of the order, or none.

use std::collections::BTreeMap;

use super::release::release;
use super::step::step;
use super::{End, Event, Fact, Line, MAX_MOVES, Reservation, Shortage, State, Step};
use crate::domain::ids::Sku;
use crate::domain::stock::Movement;

/// Reserves the lines from `held` on, as far as one transaction goes; releases all of them if one cannot be reserved.
pub(super) fn reserve(current: &Reservation, held: usize, levels: &BTreeMap<Sku, u64>) -> Step {
    let missing = shortages(current.lines.iter().skip(held), levels);
    if !missing.is_empty() {
        return release(current, held, End::Rejected(missing));
    }
    let until = (held + MAX_MOVES).min(current.lines.len());
    let complete = until == current.lines.len();
    let state = if complete { State::Reserved } else { State::Reserving { held: until } };
    step(current, state, Movement::Reserve, held..until, complete.then_some(Event::Reserved))
}

/// The skus whose levels [`next`](super::next) compares: those of an order that is still to be reserved.
#[must_use]
pub fn levels_needed(current: Option<&Reservation>, fact: &Fact) -> Vec<Sku> {
    let skus = |lines: &[Line]| lines.iter().map(|line| line.sku.clone()).collect();
    match (current.map(|reservation| (&reservation.state, &reservation.lines)), fact) {
        (None, Fact::Created { lines, .. }) | (Some((State::Reserving { .. }, lines)), Fact::Created { .. }) => {
            skus(lines)
        }
        (_, Fact::Created { .. } | Fact::Confirmed | Fact::Cancelled | Fact::Due(_)) => Vec::new(),
    }
}

fn shortages<'a>(lines: impl Iterator<Item = &'a Line>, levels: &BTreeMap<Sku, u64>) -> Vec<Shortage> {
    let available = |line: &Line| levels.get(&line.sku).copied();
    let short = |line: &&Line| available(line).is_none_or(|pieces| pieces < u64::from(line.quantity));
    let shortage =
        |line: &Line| Shortage { sku: line.sku.clone(), requested: line.quantity, available: available(line) };
    lines.filter(short).map(shortage).collect()
}
