//! An order and its stock: every decision against every state of the hold.

use super::{Case, Finding, Kind, Repair};
use crate::reconcile::world::{Cause, Decision, Hold, Reservation, word};

/// What is wrong between an order and its hold.
enum Drift {
    /// Orders has not heard how the hold stands.
    Unheard,
    /// Inventory has not carried out what orders says.
    Behind,
    /// The order is open and its hold was given back for good.
    DeadEnd,
    /// No message explains it.
    Contradiction,
}

pub(super) fn compare(case: &Case<'_>) -> Option<Finding> {
    let (decision, hold) = (case.order.decision(), case.reservation.map(|reservation| reservation.state));
    let awaits = case.order.awaits("inventory").map(|waiting| waiting.since);
    let drift = drift(decision, hold, case.reservation.and_then(|it| it.cause), case.order.lacks_hold())?;
    let says = case.reservation.map_or_else(|| "has not heard of it".to_owned(), spoken);
    let (kind, repair) = match drift {
        Drift::Unheard => (Kind::OrderMissedFact, Some(case.announce_reservation())),
        Drift::Behind => (Kind::DecisionMissed, Some(case.announce_order())),
        Drift::DeadEnd => (Kind::DeadEnd, Some(Repair::CancelOrder { order_id: case.id.to_owned() })),
        Drift::Contradiction => (Kind::Contradiction, None),
    };
    Some(case.finding(kind).says("inventory", says).since(awaits.unwrap_or(case.decided_at())).repair(repair))
}

#[expect(clippy::match_same_arms, reason = "grouped by what orders has decided")]
fn drift(decision: Decision, hold: Option<Hold>, cause: Option<Cause>, lacks: bool) -> Option<Drift> {
    let expires = cause == Some(Cause::Expired);
    match (decision, hold) {
        // Steps of a hold are taken up by the decision that they belong to.
        (Decision::Open, None | Some(Hold::Holding | Hold::Releasing)) => Some(Drift::Behind),
        (Decision::Open, Some(Hold::Reserved)) => lacks.then_some(Drift::Unheard),
        (Decision::Open, Some(Hold::Rejected)) => Some(Drift::Unheard),
        (Decision::Open, Some(Hold::Released)) if expires => Some(Drift::Unheard),
        (Decision::Open, Some(Hold::Released)) => Some(Drift::DeadEnd),

        (Decision::Confirmed, Some(Hold::Reserved | Hold::Committing)) => Some(Drift::Behind),
        (Decision::Confirmed, Some(Hold::Releasing)) if expires => Some(Drift::Behind),
        (Decision::Confirmed, Some(Hold::Released)) if expires => Some(Drift::Unheard),
        (Decision::Confirmed, Some(Hold::Committed)) => Some(Drift::Unheard),

        (Decision::Completed, Some(Hold::Committed)) => None,

        (Decision::Cancelled, None | Some(Hold::Holding | Hold::Reserved | Hold::Releasing)) => Some(Drift::Behind),
        (Decision::Cancelled, Some(Hold::Released | Hold::Rejected)) => lacks.then_some(Drift::Unheard),

        (Decision::Open | Decision::Cancelled, Some(Hold::Committing | Hold::Committed))
        | (Decision::Confirmed, None | Some(Hold::Holding | Hold::Releasing | Hold::Released | Hold::Rejected))
        | (
            Decision::Completed,
            None
            | Some(Hold::Holding | Hold::Reserved | Hold::Releasing | Hold::Committing | Hold::Released | Hold::Rejected),
        ) => Some(Drift::Contradiction),
    }
}

pub(super) fn spoken(reservation: &Reservation) -> String {
    let state = word(reservation.state);
    reservation.cause.map_or_else(|| state.clone(), |cause| format!("{state} ({})", word(cause)))
}
