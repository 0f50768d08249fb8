//! A payment against the charges and refunds in the gateway's ledger.

use std::collections::BTreeSet;

use super::{Case, Finding, Kind, LedgerEntries, Repair, payments};
use crate::reconcile::snapshot::{Decision, Payment, PaymentStatus, ReservationState};

pub(super) fn compare(case: &Case<'_>) -> Vec<Finding> {
    let Some(entries) = &case.gateway else { return Vec::new() };
    let charge = match (entries.charges.as_slice(), case.payment) {
        ([], Some(payment)) if payment.status == PaymentStatus::Succeeded => Some(case.finding(Kind::ChargeMissing)),
        ([], _) => None,
        ([_, _, ..], _) => Some(case.finding(Kind::ChargedTwice)),
        ([charge], Some(payment)) if payment.status == PaymentStatus::Succeeded => {
            let own = payment.gateway_reference.as_ref().is_none_or(|it| *it == charge.payment_intent);
            let same = payment.amount.is_none_or(|amount| amount == charge.amount);
            match (own, same) {
                (true, true) => None,
                (true, false) => Some(case.finding(Kind::AmountDiffers)),
                (false, _) => Some(case.finding(Kind::ChargeMissing)),
            }
        }
        ([charge], payment) => {
            let repair = payment.and_then(|payment| announcement(case, payment, &charge.payment_intent));
            Some(case.finding(Kind::ChargeUnknown).repair(repair))
        }
    };
    let since = entries.charges.iter().map(|charge| charge.at).max();
    let charge = charge.map(|finding| finding.since(since));
    charge.into_iter().chain(refunds(case, entries)).map(|finding| with_amounts(case, entries, finding)).collect()
}

/// The announcement that makes an open payment ask the gateway about its own intent. A payment with an outcome does not
/// ask again, and none asks about another intent.
fn announcement(case: &Case<'_>, payment: &Payment, intent: &str) -> Option<Repair> {
    let asks = payment.is_open() && payment.gateway_reference.as_deref() == Some(intent);
    let reserved = case.reservation.is_some_and(|reservation| reservation.state == ReservationState::Reserved);
    match case.order.decision() {
        Decision::Cancelled if asks => Some(case.announce_order()),
        Decision::Open if asks && reserved => Some(case.announce_reservation()),
        Decision::Open | Decision::Cancelled | Decision::Confirmed | Decision::Completed => None,
    }
}

fn refunds(case: &Case<'_>, entries: &LedgerEntries<'_>) -> Vec<Finding> {
    let known = case.payment.map(|payment| payment.refunds.as_slice()).unwrap_or_default();
    let mut matched = BTreeSet::new();
    let mut findings = Vec::new();
    for entry in &entries.refunds {
        // A second entry for the same refund returned money by mistake.
        let id = entry.refund_id.as_deref().filter(|id| matched.insert(*id));
        match id.and_then(|id| known.iter().find(|refund| refund.refund_id == id)) {
            Some(refund) if refund.amount == entry.amount => {}
            Some(_) => findings.push(case.finding(Kind::AmountDiffers).since(entry.at)),
            None => findings.push(case.finding(Kind::RefundUnknown).since(entry.at)),
        }
    }
    let missing = known.iter().filter(|refund| !matched.contains(refund.refund_id.as_str()));
    let missing = missing.filter(|refund| refund.refunded_at.is_some());
    findings.extend(missing.map(|refund| case.finding(Kind::RefundMissing).since(refund.refunded_at)));
    findings
}

fn with_amounts(case: &Case<'_>, entries: &LedgerEntries<'_>, finding: Finding) -> Finding {
    let charges = entries.charges.iter().map(|charge| format!("{} charged {}", charge.id, charge.amount));
    let refunds = entries.refunds.iter().map(|refund| format!("{} returned {}", refund.id, refund.amount));
    let amounts: Vec<String> = charges.chain(refunds).collect();
    let amounts = if amounts.is_empty() { "no charge".to_owned() } else { amounts.join(", ") };
    finding.known("gateway", amounts).known("payments", case.payment.map_or_else(super::unknown, payments::describe))
}
