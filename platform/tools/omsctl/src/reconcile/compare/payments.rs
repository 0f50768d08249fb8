//! An order against its payment: every decision with every status.

use jiff::Timestamp;

use super::{Case, Finding, Kind, Repair};
use crate::reconcile::snapshot::{Decision, Payment, PaymentStatus, ReservationState, api_word};

pub(super) fn compare(case: &Case<'_>) -> Option<Finding> {
    let finding = match (case.order.decision(), case.payment) {
        // With another amount, nothing else about the payment matters.
        (_, Some(payment)) if payment.amount.is_some_and(|amount| amount != case.order.total) => {
            let total = format!("total {}", case.order.total);
            case.finding(Kind::AmountDiffers).known("orders", total).since(case.decided_at())
        }
        (Decision::Open | Decision::Cancelled, None) => decision_missed(case),
        (Decision::Open, Some(payment)) if payment.amount.is_none() && payment.is_open() => decision_missed(case),
        (Decision::Open, Some(payment)) if payment.is_open() => stalled(case, payment)?,
        (Decision::Open, Some(payment)) if payment.status == PaymentStatus::Voided => {
            let repair = Repair::CancelOrder { order_id: case.id.to_owned() };
            case.finding(Kind::DeadEnd).since(case.decided_at()).repair(repair)
        }
        (Decision::Open, Some(payment))
            if payment.status == PaymentStatus::Succeeded && !case.order.lacks_payment() =>
        {
            return None;
        }
        (Decision::Open, Some(payment)) => fact_missed(case, payment),
        (Decision::Confirmed | Decision::Completed, payment) => {
            if payment.is_some_and(|payment| payment.status == PaymentStatus::Succeeded) {
                return None;
            }
            case.finding(Kind::Contradiction).since(case.decided_at())
        }
        (Decision::Cancelled, Some(payment)) => cancelled(case, payment)?,
    };
    Some(finding.known("payments", case.payment.map_or_else(super::unknown, describe)))
}

/// A cancelled order was never charged, or its money is returned.
fn cancelled(case: &Case<'_>, payment: &Payment) -> Option<Finding> {
    let lacks = case.order.lacks_payment();
    match payment.status {
        PaymentStatus::Pending | PaymentStatus::Retrying | PaymentStatus::Charging | PaymentStatus::Unknown => {
            Some(decision_missed(case))
        }
        PaymentStatus::Failed | PaymentStatus::Voided => lacks.then(|| fact_missed(case, payment)),
        PaymentStatus::Succeeded => {
            let charged = payment.amount.unwrap_or_default();
            if payment.refund_total() < charged {
                // Payments returns the money when it consumes the cancellation.
                return Some(case.finding(Kind::ChargeKept).since(case.decided_at()).repair(case.announce_order()));
            }
            let missed = case.order.payment.is_none() || lacks && payment.refunded() >= charged;
            missed.then(|| fact_missed(case, payment))
        }
    }
}

/// Payments has both facts that a charge needs, but no attempt is under way or due.
fn stalled(case: &Case<'_>, payment: &Payment) -> Option<Finding> {
    let reserved = case.reservation.is_some_and(|reservation| reservation.state == ReservationState::Reserved);
    // Payments does not show the steps of an attempt; long after its last step, it is no longer under way.
    let tried = payment.attempts.last().map(|attempt| attempt.ended_at.unwrap_or(attempt.started_at));
    let since = [tried, payment.next_attempt_at].into_iter().flatten().fold(case.order.placed_at, Timestamp::max);
    let is_stalled = reserved && since <= case.settled_by;
    is_stalled.then(|| case.finding(Kind::PaymentStalled).since(since).repair(case.announce_reservation()))
}

fn decision_missed(case: &Case<'_>) -> Finding {
    case.finding(Kind::DecisionMissed).since(case.decided_at()).repair(case.announce_order())
}

fn fact_missed(case: &Case<'_>, payment: &Payment) -> Finding {
    let since = case.order.awaits("payments").map(|waiting| waiting.since);
    let repair = Repair::AnnouncePayment { payment_id: payment.payment_id.clone() };
    case.finding(Kind::OrderMissedFact).since(since.unwrap_or(case.decided_at())).repair(repair)
}

pub(super) fn describe(payment: &Payment) -> String {
    let mut words = vec![api_word(payment.status)];
    words.extend(payment.amount.map(|amount| format!("amount {amount}")));
    words.extend((!payment.attempts.is_empty()).then(|| format!("{} attempts", payment.attempts.len())));
    let (refunded, total) = (payment.refunded(), payment.refund_total());
    words.extend((total > 0).then(|| format!("{refunded} of {total} refunded")));
    words.join(", ")
}
