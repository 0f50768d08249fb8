//! An order and its money: every decision against every state of the payment.

use jiff::Timestamp;

use super::{Case, Finding, Kind, Repair};
use crate::reconcile::world::{Charging, Decision, Hold, Payment, word};

pub(super) fn compare(case: &Case<'_>) -> Option<Finding> {
    let finding = match (case.order.decision(), case.payment) {
        // Charged with other terms: nothing else that is said of it matters.
        (_, Some(payment)) if payment.amount.is_some_and(|amount| amount != case.order.total) => {
            let owed = format!("owes {}", case.order.total);
            case.finding(Kind::AmountDiffers).says("orders", owed).since(case.decided_at())
        }
        (Decision::Open | Decision::Cancelled, None) => behind(case),
        (Decision::Open, Some(payment)) if payment.amount.is_none() && payment.is_open() => behind(case),
        (Decision::Open, Some(payment)) if payment.is_open() => stands_still(case, payment)?,
        (Decision::Open, Some(payment)) if payment.status == Charging::Voided => {
            let repair = Repair::CancelOrder { order_id: case.id.to_owned() };
            case.finding(Kind::DeadEnd).since(case.decided_at()).repair(repair)
        }
        (Decision::Open, Some(payment)) if payment.status == Charging::Succeeded && !case.order.lacks_payment() => {
            return None;
        }
        (Decision::Open, Some(payment)) => unheard(case, payment),
        (Decision::Confirmed | Decision::Completed, payment) => {
            if payment.is_some_and(|payment| payment.status == Charging::Succeeded) {
                return None;
            }
            case.finding(Kind::Contradiction).since(case.decided_at())
        }
        (Decision::Cancelled, Some(payment)) => cancelled(case, payment)?,
    };
    Some(finding.says("payments", case.payment.map_or_else(|| "has not heard of it".to_owned(), spoken)))
}

/// A cancelled order's money was never taken, or goes back.
fn cancelled(case: &Case<'_>, payment: &Payment) -> Option<Finding> {
    let lacks = case.order.lacks_payment();
    match payment.status {
        Charging::Pending | Charging::Retrying | Charging::Charging | Charging::Unknown => Some(behind(case)),
        Charging::Failed | Charging::Voided => lacks.then(|| unheard(case, payment)),
        Charging::Succeeded => {
            let taken = payment.amount.unwrap_or_default();
            if payment.on_its_way_back() < taken {
                // Hearing of the cancel is what makes payments return it.
                return Some(case.finding(Kind::ChargeKept).since(case.decided_at()).repair(case.announce_order()));
            }
            let missed = case.order.payment.is_none() || lacks && payment.refunded() >= taken;
            missed.then(|| unheard(case, payment))
        }
    }
}

/// Both facts that a charge needs are there, and no attempt is under way or due.
fn stands_still(case: &Case<'_>, payment: &Payment) -> Option<Finding> {
    let held = case.reservation.is_some_and(|reservation| reservation.state == Hold::Reserved);
    // How far an attempt is belongs to payments; a long time after its last step nothing is under way any more.
    let tried = payment.attempts.last().map(|attempt| attempt.ended_at.unwrap_or(attempt.started_at));
    let since = [tried, payment.next_attempt_at].into_iter().flatten().fold(case.order.placed_at, Timestamp::max);
    let stands = held && since <= case.settled_by;
    stands.then(|| case.finding(Kind::PaymentStandsStill).since(since).repair(case.announce_reservation()))
}

fn behind(case: &Case<'_>) -> Finding {
    case.finding(Kind::DecisionMissed).since(case.decided_at()).repair(case.announce_order())
}

fn unheard(case: &Case<'_>, payment: &Payment) -> Finding {
    let since = case.order.awaits("payments").map(|waiting| waiting.since);
    let repair = Repair::AnnouncePayment { payment_id: payment.payment_id.clone() };
    case.finding(Kind::OrderMissedFact).since(since.unwrap_or(case.decided_at())).repair(repair)
}

pub(super) fn spoken(payment: &Payment) -> String {
    let mut words = vec![word(payment.status)];
    words.extend(payment.amount.map(|amount| format!("amount {amount}")));
    words.extend((!payment.attempts.is_empty()).then(|| format!("{} attempts", payment.attempts.len())));
    let (refunded, wanted) = (payment.refunded(), payment.on_its_way_back());
    words.extend((wanted > 0).then(|| format!("{refunded} of {wanted} refunded")));
    words.join(", ")
}
