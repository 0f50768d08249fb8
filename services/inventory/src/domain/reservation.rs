//! The hold on stock for one order: all lines or none.
//!
//! Stock and reservation change together, in one transaction of at most [`MAX_MOVES`] lines. An order with more
//! lines than that takes a second step, and the reservation says how far it is: a step that was interrupted is taken
//! up where it stopped, and nothing is told to the world before the last.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ids::{OrderId, ReservationId, Sku};
use super::stock::Level;

/// The lines that one transaction can move: DynamoDB takes 100 actions, and one of them is the reservation's own.
pub const MAX_MOVES: usize = 99;

/// So many pieces of a sku.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is held.
    pub sku: Sku,
    /// How many pieces.
    pub quantity: u32,
}

/// A line that cannot be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// What was wanted.
    pub sku: Sku,
    /// How many pieces were wanted.
    pub requested: u32,
    /// How many could have been held; none if the sku was never stocked.
    pub available: Option<u64>,
}

/// The hold of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Whose it is.
    pub order: OrderId,
    /// Its name.
    pub id: ReservationId,
    /// What it is for; nothing where the order was cancelled before it was heard of.
    pub lines: Vec<Line>,
    /// When it ends unless it is committed.
    pub expires_at: Timestamp,
    /// How far it is.
    pub state: State,
}

/// How far a reservation is. `held` counts the lines, from the first, whose pieces are held now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The first lines are held, the others not yet.
    Holding {
        /// Lines that are held.
        held: usize,
    },
    /// All lines are held.
    Reserved,
    /// Pieces are being given back.
    Releasing {
        /// Lines that are still held.
        held: usize,
        /// What comes after.
        end: End,
    },
    /// Pieces are being sold.
    Committing {
        /// Lines that are still held.
        held: usize,
    },
    /// Nothing is held any more, and nothing will be.
    Released,
    /// A line could not be held, so none is.
    Rejected,
    /// The pieces are sold.
    Committed,
}

/// Why pieces are given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The order was cancelled.
    Cancelled,
    /// A later line could not be held.
    Rejected(Vec<Shortage>),
}

/// What orders has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An order with these lines was accepted.
    Created {
        /// What it wants.
        lines: Vec<Line>,
        /// When a hold for it would end.
        expires_at: Timestamp,
    },
    /// Its hold becomes a sale.
    Confirmed,
    /// It will not be carried out.
    Cancelled,
}

/// What inventory has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// All lines are held.
    Reserved,
    /// None is, because of these.
    Rejected(Vec<Shortage>),
    /// What was held is given back.
    Released,
    /// Nothing was held, and nothing will be.
    NeverReserved,
    /// What was held is sold.
    Committed,
}

/// Which way pieces go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// From available to reserved.
    Hold,
    /// From reserved to available.
    GiveBack,
    /// Out of the warehouse.
    Sell,
}

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

/// What orders must not have made true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Stock would be sold that is not held.
    #[error("the order is confirmed but holds no stock")]
    ConfirmedWithoutHold,
    /// Stock would be given back that is sold.
    #[error("the order is cancelled but its stock is sold")]
    CancelledAfterCommit,
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
    let all = seen.lines.len();
    match (&seen.state, fact) {
        (State::Holding { held }, Fact::Created { .. }) => Ok(Some(hold(seen, *held, levels))),
        (State::Holding { held }, Fact::Cancelled) => Ok(Some(give_back(seen, *held, End::Cancelled))),
        (State::Reserved, Fact::Cancelled) => Ok(Some(give_back(seen, all, End::Cancelled))),
        (State::Reserved, Fact::Confirmed) => Ok(Some(sell(seen, all))),
        (State::Releasing { held, end }, Fact::Created { .. } | Fact::Cancelled) => {
            Ok(Some(give_back(seen, *held, end.clone())))
        }
        (State::Committing { held }, Fact::Created { .. } | Fact::Confirmed) => Ok(Some(sell(seen, *held))),
        (State::Committed, Fact::Created { .. } | Fact::Confirmed)
        | (State::Reserved, Fact::Created { .. })
        | (State::Released | State::Rejected, Fact::Created { .. } | Fact::Cancelled) => Ok(None),
        (State::Committing { .. } | State::Committed, Fact::Cancelled) => Err(Contradiction::CancelledAfterCommit),
        (State::Holding { .. } | State::Releasing { .. } | State::Released | State::Rejected, Fact::Confirmed) => {
            Err(Contradiction::ConfirmedWithoutHold)
        }
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
            Ok(Some(hold(&new(lines.clone(), *expires_at, State::Holding { held: 0 }), 0, levels)))
        }
        // A tombstone: the order's creation, which comes later, must not hold anything.
        Fact::Cancelled => Ok(Some(Step {
            reservation: new(Vec::new(), Timestamp::UNIX_EPOCH, State::Released),
            movement: Movement::GiveBack,
            moved: Vec::new(),
            event: Some(Event::NeverReserved),
        })),
        Fact::Confirmed => Err(Contradiction::ConfirmedWithoutHold),
    }
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
        (0, End::Cancelled) => (State::Released, Some(Event::Released)),
        (0, End::Rejected(missing)) => (State::Rejected, Some(Event::Rejected(missing))),
        (_, end) => (State::Releasing { held: from, end }, None),
    };
    step(seen, state, Movement::GiveBack, from..held, event)
}

fn sell(seen: &Reservation, held: usize) -> Step {
    let from = held.saturating_sub(MAX_MOVES);
    let complete = from == 0;
    let state = if complete { State::Committed } else { State::Committing { held: from } };
    step(seen, state, Movement::Sell, from..held, complete.then_some(Event::Committed))
}

fn step(
    seen: &Reservation,
    state: State,
    movement: Movement,
    moved: std::ops::Range<usize>,
    event: Option<Event>,
) -> Step {
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
