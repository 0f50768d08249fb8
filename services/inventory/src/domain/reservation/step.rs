//! What comes next: every state against every fact.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use super::{Contradiction, End, Event, Fact, Line, MAX_MOVES, Movement, Release, Reservation, Shortage, State};
use crate::domain::ids::{OrderId, ReservationId, Sku};
use crate::domain::stock::Level;

/// The next transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The reservation after it.
    pub reservation: Reservation,
    /// Which way the pieces go.
    pub movement: Movement,
    /// The pieces.
    pub moved: Vec<Line>,
    /// What is made true by it.
    pub event: Option<Event>,
}

/// The next step for an order after a fact, until there is none: then the fact is carried out, or was known.
///
/// `levels` are the stock levels of the skus that were ever stocked; they matter only while something is to be held.
///
/// # Errors
/// [`Contradiction`], when the fact cannot be true; nothing is to be changed then.
pub fn next(
    order: &OrderId,
    seen: Option<&Reservation>,
    fact: &Fact,
    levels: &BTreeMap<Sku, Level>,
) -> Result<Option<Step>, Contradiction> {
    let Some(seen) = seen else { return first(order, fact, levels) };
    match (&seen.state, fact) {
        (State::Holding { held }, Fact::Created { .. }) => Ok(Some(hold(seen, *held, levels))),
        (State::Reserved, Fact::Confirmed) => Ok(Some(sell(seen, seen.held()))),
        (State::Holding { .. } | State::Reserved, Fact::Cancelled) => {
            Ok(Some(give_back(seen, seen.held(), End::Cancelled)))
        }
        (State::Holding { .. } | State::Reserved, Fact::Due(at)) => {
            Ok(ran_out(seen, *at).then(|| give_back(seen, seen.held(), End::Expired)))
        }
        // What was begun is ended as it was begun: the first write has decided.
        (State::Releasing { held, end }, Fact::Created { .. } | Fact::Cancelled | Fact::Due(_)) => {
            Ok(Some(give_back(seen, *held, end.clone())))
        }
        (State::Releasing { held, end: End::Expired }, Fact::Confirmed) => {
            Ok(Some(give_back(seen, *held, End::Expired)))
        }
        (State::Committing { held }, Fact::Created { .. } | Fact::Confirmed | Fact::Due(_)) => {
            Ok(Some(sell(seen, *held)))
        }
        (State::Reserved, Fact::Created { .. })
        | (State::Committed, Fact::Created { .. } | Fact::Confirmed | Fact::Due(_))
        | (State::Released(_) | State::Rejected(_), Fact::Created { .. } | Fact::Cancelled | Fact::Due(_))
        // The hold ran out before the confirmation came; the release has said so, and orders acts on it.
        | (State::Released(Release::Expired), Fact::Confirmed) => Ok(None),
        (State::Committing { .. } | State::Committed, Fact::Cancelled) => Err(Contradiction::CancelledAfterCommit),
        (
            State::Holding { .. }
            | State::Releasing { end: End::Cancelled | End::Rejected(_), .. }
            | State::Released(Release::Cancelled | Release::NeverReserved)
            | State::Rejected(_),
            Fact::Confirmed,
        ) => Err(Contradiction::ConfirmedWithoutHold),
    }
}

/// Whether [`next`] will look at stock levels: while something is to be held.
#[must_use]
pub fn wants_levels(seen: Option<&Reservation>, fact: &Fact) -> bool {
    let undecided = seen.is_none_or(|reservation| matches!(reservation.state, State::Holding { .. }));
    undecided && matches!(fact, Fact::Created { .. })
}

fn first(order: &OrderId, fact: &Fact, levels: &BTreeMap<Sku, Level>) -> Result<Option<Step>, Contradiction> {
    let new = |lines, expires_at, state| Reservation {
        order: order.clone(),
        id: ReservationId::derive(order),
        lines,
        expires_at,
        state,
    };
    match fact {
        Fact::Created { lines, expires_at } => {
            Ok(Some(hold(&new(lines.clone(), Some(*expires_at), State::Holding { held: 0 }), 0, levels)))
        }
        // A tombstone: the order's creation, which comes later, must not hold anything.
        Fact::Cancelled => Ok(Some(Step {
            reservation: new(Vec::new(), None, State::Released(Release::NeverReserved)),
            movement: Movement::GiveBack,
            moved: Vec::new(),
            event: Some(Event::Released(Release::NeverReserved)),
        })),
        Fact::Due(_) => Ok(None),
        Fact::Confirmed => Err(Contradiction::ConfirmedWithoutHold),
    }
}

fn ran_out(seen: &Reservation, at: Timestamp) -> bool {
    seen.expires_at.is_some_and(|expires_at| at >= expires_at)
}

fn hold(seen: &Reservation, held: usize, levels: &BTreeMap<Sku, Level>) -> Step {
    let missing = shortages(&seen.lines[held..], levels);
    if !missing.is_empty() {
        return give_back(seen, held, End::Rejected(missing));
    }
    let until = (held + MAX_MOVES).min(seen.lines.len());
    let complete = until == seen.lines.len();
    let state = if complete { State::Reserved } else { State::Holding { held: until } };
    step(seen, state, Movement::Hold, held..until, complete.then_some(Event::Reserved))
}

fn give_back(seen: &Reservation, held: usize, end: End) -> Step {
    let from = held.saturating_sub(MAX_MOVES);
    let (state, event) = match (from, end) {
        (0, End::Cancelled) => released(Release::Cancelled),
        (0, End::Expired) => released(Release::Expired),
        (0, End::Rejected(missing)) => (State::Rejected(missing.clone()), Some(Event::Rejected(missing))),
        (_, end) => (State::Releasing { held: from, end }, None),
    };
    step(seen, state, Movement::GiveBack, from..held, event)
}

fn released(why: Release) -> (State, Option<Event>) {
    (State::Released(why), Some(Event::Released(why)))
}

fn sell(seen: &Reservation, held: usize) -> Step {
    let from = held.saturating_sub(MAX_MOVES);
    let complete = from == 0;
    let state = if complete { State::Committed } else { State::Committing { held: from } };
    step(seen, state, Movement::Sell, from..held, complete.then_some(Event::Committed))
}

fn step(seen: &Reservation, state: State, movement: Movement, moved: Range<usize>, event: Option<Event>) -> Step {
    let moved = seen.lines[moved].to_vec();
    Step { reservation: Reservation { state, ..seen.clone() }, movement, moved, event }
}

fn shortages(wanted: &[Line], levels: &BTreeMap<Sku, Level>) -> Vec<Shortage> {
    let short = |line: &&Line| levels.get(&line.sku).is_none_or(|level| level.available < u64::from(line.quantity));
    let shortage = |line: &Line| Shortage {
        sku: line.sku.clone(),
        requested: line.quantity,
        available: levels.get(&line.sku).map(|level| level.available),
    };
    wanted.iter().filter(short).map(shortage).collect()
}
