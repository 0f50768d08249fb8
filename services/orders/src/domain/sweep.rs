//! What time alone does to an order: one that is not paid in time is cancelled, one that waits too long needs attention.

use jiff::{SignedDuration, Timestamp};

use super::decision::{CancelReason, Decision, Event};
use super::order::{self, Order};

/// The order after the sweep. One that is still open at its `payBy` is cancelled. One that is decided and has waited for
/// `settle_within` to be settled gets attention entries. `due_by` decides whether it is time; what changes is of `now`.
#[must_use]
pub fn sweep(order: &Order, settle_within: SignedDuration, due_by: Timestamp, now: Timestamp) -> (Order, Vec<Event>) {
    match order.decision {
        Decision::Open => {
            let timed_out = (due_by >= order.pay_by).then_some(Event::Cancelled { reason: CancelReason::TimedOut });
            order::after(order, timed_out, now)
        }
        Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. } => {
            let is_overdue = order.overdue_at(settle_within).is_some_and(|due| due_by >= due);
            (if is_overdue { order.with_overdue(now) } else { order.clone() }, Vec::new())
        }
    }
}

/// When the sweep first looks at a new order. Most orders are decided by then and have not settled for that long, so that
/// this entry of the index serves them until they end: it is written once and removed once.
#[must_use]
pub fn first_look(order: &Order, settle_within: SignedDuration) -> Timestamp {
    order.placed_at.saturating_add(settle_within).unwrap_or(order.pay_by).min(order.pay_by)
}

/// When the sweep has to look at the order next, unless a fact arrives before.
#[must_use]
pub fn due(order: &Order, settle_within: SignedDuration) -> Option<Timestamp> {
    match order.decision {
        Decision::Open => Some(order.pay_by),
        Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. } => {
            order.overdue_at(settle_within)
        }
    }
}
