//! The hold on stock for one order: all lines or none.
//!
//! Stock and reservation change together, in one transaction of at most [`MAX_MOVES`] lines. An order with more
//! lines than that takes a second step, and the reservation says how far it is: a step that was interrupted is taken
//! up where it stopped, and nothing is told to the world before the last. [`next`] is the rule.

mod step;

use jiff::Timestamp;

pub use self::step::{Step, next, wants_levels};
use super::ids::{OrderId, ReservationId, Sku};

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
    /// When it ends unless it is committed; never set for an order that was cancelled before it was heard of.
    pub expires_at: Option<Timestamp>,
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
    Released(Release),
    /// Nothing is held, because these lines could not be.
    Rejected(Vec<Shortage>),
    /// The pieces are sold.
    Committed,
}

/// Why nothing is held any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The order was cancelled.
    Cancelled,
    /// The hold ran out before it was committed.
    Expired,
    /// The order was cancelled before anything was held.
    NeverReserved,
}

/// Why pieces are given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The order was cancelled.
    Cancelled,
    /// The hold ran out.
    Expired,
    /// A later line could not be held.
    Rejected(Vec<Shortage>),
}

/// What orders has made true, or time.
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
    /// It is as late as this, and nobody has said anything.
    Due(Timestamp),
}

/// What inventory has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// All lines are held.
    Reserved,
    /// None is, because of these.
    Rejected(Vec<Shortage>),
    /// Nothing is held any more, and nothing will be.
    Released(Release),
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

/// When the reservation is to be looked at if nobody says anything before: while pieces are held, or on their way.
#[must_use]
pub fn due(reservation: &Reservation) -> Option<Timestamp> {
    match reservation.state {
        State::Holding { .. } | State::Reserved | State::Releasing { .. } | State::Committing { .. } => {
            reservation.expires_at
        }
        State::Released(_) | State::Rejected(_) | State::Committed => None,
    }
}

/// What to say to somebody who missed it: how the reservation stands. Nothing, while a step is still to be taken.
#[must_use]
pub fn announce(reservation: &Reservation) -> Option<Event> {
    match &reservation.state {
        State::Reserved => Some(Event::Reserved),
        State::Rejected(missing) => Some(Event::Rejected(missing.clone())),
        State::Released(why) => Some(Event::Released(*why)),
        State::Committed => Some(Event::Committed),
        State::Holding { .. } | State::Releasing { .. } | State::Committing { .. } => None,
    }
}

impl Reservation {
    /// How many of its lines, from the first, are held now.
    #[must_use]
    pub fn held(&self) -> usize {
        match self.state {
            State::Holding { held } | State::Releasing { held, .. } | State::Committing { held } => held,
            State::Reserved => self.lines.len(),
            State::Released(_) | State::Rejected(_) | State::Committed => 0,
        }
    }
}
