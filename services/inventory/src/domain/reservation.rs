//! The reservation of stock for one order: all lines or none.
//!
//! A hold and its release change stock and reservation together, in one transaction of at most [`MAX_MOVES`] lines. An
//! order with more lines takes a second [`Step`]. A sale changes the reservation alone. The reservation's state says how far it is, so that the next fact completes an interrupted
//! step, and only the last step has an event.
//!
//! [`next`] answers every fact by one of two tables: [`cancel_before_order_created`] and [`expiry_against_commit`].

mod cancel;
mod commit;
mod expire;
mod release;
mod reserve;
mod step;

use jiff::Timestamp;

pub use self::cancel::{CreateOrCancel, cancel_before_order_created};
pub use self::expire::{CommitOrExpiry, expiry_against_commit};
pub use self::step::{MAX_MOVES, Step};
use super::ids::{OrderId, ReservationId, Sku};
use super::stock::Levels;

/// Pieces of one sku.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// What is reserved; no two lines of a reservation have the same.
    pub sku: Sku,
    /// Pieces, at least one.
    pub quantity: u32,
}

/// A line that cannot be reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// What the order asks for.
    pub sku: Sku,
    /// Pieces that it asks for.
    pub requested: u32,
    /// Pieces that were available; absent if the sku was never stocked.
    pub available: Option<u64>,
}

/// The one reservation that an order can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The order that it is for.
    pub order: OrderId,
    /// Derived from the order's id.
    pub id: ReservationId,
    /// The order's lines; empty if its cancel came before its creation.
    pub lines: Vec<Line>,
    /// When the hold ends unless it is committed; absent if the cancel came before the creation.
    pub expires_at: Option<Timestamp>,
    /// How far it is.
    pub state: State,
}

/// How far a reservation is. `held` counts the lines, from the first, whose pieces are reserved now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The first lines are reserved, the others not yet.
    Reserving {
        /// Lines that are reserved.
        held: usize,
    },
    /// All lines are reserved.
    Reserved,
    /// The last lines are released, the others not yet.
    Releasing {
        /// Lines that are still reserved.
        held: usize,
        /// What the reservation becomes.
        end: End,
    },
    /// Final: nothing is reserved any more.
    Released(ReleaseCause),
    /// Final: nothing is reserved, because these lines could not be.
    Rejected(Vec<Shortage>),
    /// Final: the pieces are sold.
    Committed,
}

/// Why nothing is reserved any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseCause {
    /// The order was cancelled.
    Cancelled,
    /// The hold ended before it was committed.
    Expired,
    /// The order was cancelled before anything was reserved.
    NeverReserved,
}

/// What a reservation becomes once its pieces are released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Released, because the order was cancelled.
    Cancelled,
    /// Released, because the hold ended.
    Expired,
    /// Rejected, because these later lines could not be reserved.
    Rejected(Vec<Shortage>),
}

/// What a reservation answers: events of orders, and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Orders accepted an order.
    Created {
        /// Its lines, one a sku.
        lines: Vec<Line>,
        /// When a hold that begins now ends.
        expires_at: Timestamp,
    },
    /// Orders confirmed the order: its stock is sold.
    Confirmed,
    /// Orders cancelled the order.
    Cancelled,
    /// The sweep looks at the reservation as of this time.
    Due(Timestamp),
}

/// What inventory has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// All lines are reserved.
    Reserved,
    /// No line is reserved, because of these.
    Rejected(Vec<Shortage>),
    /// Nothing is reserved any more.
    Released(ReleaseCause),
    /// What was reserved is sold.
    Committed,
}

/// A fact that cannot be true of the reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A confirmed order holds no stock to sell.
    #[error("the order is confirmed but holds no stock")]
    ConfirmedWithoutHold,
    /// A cancelled order's stock is sold already.
    #[error("the order is cancelled but its stock is sold")]
    CancelledAfterCommit,
}

/// The next step for an order after a fact; `None` once the fact is carried out, or was known before.
///
/// `levels` is what an earlier try has learned of the stock. Without it the rule takes the stock for granted: the condition
/// of the write decides.
///
/// # Errors
/// [`Contradiction`], and then nothing changes.
pub fn next(
    order: &OrderId,
    current: Option<&Reservation>,
    fact: &Fact,
    levels: &Levels,
) -> Result<Option<Step>, Contradiction> {
    match fact {
        Fact::Created { lines, expires_at } => {
            let created = CreateOrCancel::Created { lines, expires_at: *expires_at };
            cancel_before_order_created(order, current, created, levels)
        }
        Fact::Cancelled => cancel_before_order_created(order, current, CreateOrCancel::Cancelled, levels),
        Fact::Confirmed => expiry_against_commit(current, CommitOrExpiry::Commit),
        Fact::Due(at) => expiry_against_commit(current, CommitOrExpiry::Expiry { at: *at }),
    }
}

/// When the sweep must look at a reservation unless a fact comes first. It is due exactly while it has pieces reserved:
/// what is reserved of a sku is the sum over what is due.
#[must_use]
pub fn due(reservation: &Reservation) -> Option<Timestamp> {
    match reservation.state {
        State::Reserving { .. } | State::Reserved | State::Releasing { .. } => reservation.expires_at,
        State::Released(_) | State::Rejected(_) | State::Committed => None,
    }
}

/// The event that repeats a reservation's latest decision; `None` while a step is still to be taken.
#[must_use]
pub fn announce(reservation: &Reservation) -> Option<Event> {
    match &reservation.state {
        State::Reserved => Some(Event::Reserved),
        State::Rejected(missing) => Some(Event::Rejected(missing.clone())),
        State::Released(cause) => Some(Event::Released(*cause)),
        State::Committed => Some(Event::Committed),
        State::Reserving { .. } | State::Releasing { .. } => None,
    }
}

impl Line {
    /// How the line cannot be reserved, if so many pieces are available.
    #[must_use]
    pub fn short_of(&self, available: Option<u64>) -> Option<Shortage> {
        let is_short = available.is_none_or(|pieces| pieces < u64::from(self.quantity));
        is_short.then(|| Shortage { sku: self.sku.clone(), requested: self.quantity, available })
    }
}

impl State {
    /// Of so many lines those, from the first, whose pieces are reserved now.
    #[must_use]
    pub fn held(&self, lines: usize) -> usize {
        match self {
            Self::Reserving { held } | Self::Releasing { held, .. } => *held,
            Self::Reserved => lines,
            Self::Released(_) | Self::Rejected(_) | Self::Committed => 0,
        }
    }
}

impl Reservation {
    /// Lines, from the first, whose pieces are reserved now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.state.held(self.lines.len())
    }
}
