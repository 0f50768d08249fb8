//! An order against its reservation: every decision with every state.

use super::{Case, Finding, Kind, Repair};
use crate::reconcile::snapshot::{Cause, Decision, Reservation, ReservationState, api_word};

/// A difference between an order and its reservation.
enum Difference {
    /// Orders missed a fact about the reservation.
    OrderBehind,
    /// Inventory missed a decision of orders.
    InventoryBehind,
    /// The order is open, but its reservation was released.
    DeadEnd,
    /// No missed message explains it.
    Contradiction,
}

pub(super) fn compare(case: &Case<'_>) -> Option<Finding> {
    let (decision, state) = (case.order.decision(), case.reservation.map(|reservation| reservation.state));
    let awaits = case.order.awaits("inventory").map(|waiting| waiting.since);
    let difference =
        difference(decision, state, case.reservation.and_then(|it| it.cause), case.order.lacks_reservation())?;
    let known = case.reservation.map_or_else(super::unknown, describe);
    let (kind, repair) = match difference {
        Difference::OrderBehind => (Kind::OrderMissedFact, Some(case.announce_reservation())),
        Difference::InventoryBehind => (Kind::DecisionMissed, Some(case.announce_order())),
        Difference::DeadEnd => (Kind::DeadEnd, Some(Repair::CancelOrder { order_id: case.id.to_owned() })),
        Difference::Contradiction => (Kind::Contradiction, None),
    };
    Some(case.finding(kind).known("inventory", known).since(awaits.unwrap_or(case.decided_at())).repair(repair))
}

#[expect(clippy::match_same_arms, reason = "grouped by the decision of orders")]
fn difference(
    decision: Decision,
    state: Option<ReservationState>,
    cause: Option<Cause>,
    lacks: bool,
) -> Option<Difference> {
    use ReservationState::{Committed, Rejected, Released, Releasing, Reserved, Reserving};

    let expired = cause == Some(Cause::Expired);
    match (decision, state) {
        // An announcement of the order makes inventory continue an interrupted reservation.
        (Decision::Open, None | Some(Reserving | Releasing)) => Some(Difference::InventoryBehind),
        (Decision::Open, Some(Reserved)) => lacks.then_some(Difference::OrderBehind),
        (Decision::Open, Some(Rejected)) => Some(Difference::OrderBehind),
        (Decision::Open, Some(Released)) if expired => Some(Difference::OrderBehind),
        (Decision::Open, Some(Released)) => Some(Difference::DeadEnd),

        (Decision::Confirmed, Some(Reserved)) => Some(Difference::InventoryBehind),
        (Decision::Confirmed, Some(Releasing)) if expired => Some(Difference::InventoryBehind),
        (Decision::Confirmed, Some(Released)) if expired => Some(Difference::OrderBehind),
        (Decision::Confirmed, Some(Committed)) => Some(Difference::OrderBehind),

        (Decision::Completed, Some(Committed)) => None,

        (Decision::Cancelled, None | Some(Reserving | Reserved | Releasing)) => Some(Difference::InventoryBehind),
        (Decision::Cancelled, Some(Released | Rejected)) => lacks.then_some(Difference::OrderBehind),

        (Decision::Open | Decision::Cancelled, Some(Committed))
        | (Decision::Confirmed, None | Some(Reserving | Releasing | Released | Rejected))
        | (Decision::Completed, None | Some(Reserving | Reserved | Releasing | Released | Rejected)) => {
            Some(Difference::Contradiction)
        }
    }
}

pub(super) fn describe(reservation: &Reservation) -> String {
    let state = api_word(reservation.state);
    reservation.cause.map_or_else(|| state.clone(), |cause| format!("{state} ({})", api_word(cause)))
}
