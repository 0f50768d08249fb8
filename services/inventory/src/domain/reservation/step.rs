//! One transaction: the reservation after it, and the pieces that move with it.

use std::ops::Range;

use super::{Event, Line, Reservation, State};
use crate::domain::stock::Movement;

/// The lines that one transaction can move: DynamoDB takes 100 actions, and one of them is the reservation's own.
pub const MAX_MOVES: usize = 99;

/// The next transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The reservation after it.
    pub reservation: Reservation,
    /// Which way the pieces move.
    pub movement: Movement,
    /// The pieces that move; none for a sale, and for the tombstone of an order that was cancelled first.
    pub moved: Vec<Line>,
    /// What it makes true; only the last step has one.
    pub event: Option<Event>,
}

impl Step {
    /// The lines of a hold that are left to a later step.
    #[must_use]
    pub fn unmoved(&self) -> &[Line] {
        let done = self.reservation.held();
        self.reservation.lines.get(done..).unwrap_or_default()
    }

    /// A step that moves no pieces: one write of the reservation does.
    pub(super) fn in_place(reservation: Reservation, event: Option<Event>) -> Self {
        Self { reservation, movement: Movement::Release, moved: Vec::new(), event }
    }
}

/// The step that moves some of the reservation's lines and leads to `state`.
pub(super) fn step(
    current: &Reservation,
    state: State,
    movement: Movement,
    lines: Range<usize>,
    event: Option<Event>,
) -> Step {
    let moved = current.lines.iter().take(lines.end).skip(lines.start).cloned().collect();
    Step { reservation: Reservation { state, ..current.clone() }, movement, moved, event }
}
