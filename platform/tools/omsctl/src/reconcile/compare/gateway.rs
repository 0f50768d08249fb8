//! A payment and what the gateway really took and gave back.

use std::collections::BTreeSet;

use super::{Case, Entries, Finding, Kind, Repair, payments};
use crate::reconcile::world::{Charging, Decision, Hold, Payment};

pub(super) fn compare(case: &Case<'_>) -> Vec<Finding> {
    let Some(entries) = &case.gateway else { return Vec::new() };
    let charge = match (entries.charges.as_slice(), case.payment) {
        ([], Some(payment)) if payment.status == Charging::Succeeded => Some(case.finding(Kind::ChargeMissing)),
        ([], _) => None,
        ([_, _, ..], _) => Some(case.finding(Kind::ChargedTwice)),
        ([charge], Some(payment)) if payment.status == Charging::Succeeded => {
            let own = payment.gateway_reference.as_ref().is_none_or(|it| *it == charge.payment_intent);
            let same = payment.amount.is_none_or(|amount| amount == charge.amount);
            match (own, same) {
                (true, true) => None,
                (true, false) => Some(case.finding(Kind::AmountDiffers)),
                (false, _) => Some(case.finding(Kind::ChargeMissing)),
            }
        }
        ([charge], payment) => {
            let repair = payment.and_then(|payment| learning(case, payment, &charge.payment_intent));
            Some(case.finding(Kind::ChargeUnknown).repair(repair))
        }
    };
    let since = entries.charges.iter().map(|charge| charge.at).max();
    let charge = charge.map(|finding| finding.since(since));
    charge.into_iter().chain(refunds(case, entries)).map(|finding| said(case, entries, finding)).collect()
}

/// A payment that is still open asks the gateway about its own intent as soon as it hears anything; one that has ended
/// does not ask any more, and a charge on another intent is nothing that it would ask about.
fn learning(case: &Case<'_>, payment: &Payment, intent: &str) -> Option<Repair> {
    let asks = payment.is_open() && payment.gateway_reference.as_deref() == Some(intent);
    let held = case.reservation.is_some_and(|reservation| reservation.state == Hold::Reserved);
    match case.order.decision() {
        Decision::Cancelled if asks => Some(case.announce_order()),
        Decision::Open if asks && held => Some(case.announce_reservation()),
        Decision::Open | Decision::Cancelled | Decision::Confirmed | Decision::Completed => None,
    }
}

fn refunds(case: &Case<'_>, entries: &Entries<'_>) -> Vec<Finding> {
    let known = case.payment.map(|payment| payment.refunds.as_slice()).unwrap_or_default();
    let mut taken = BTreeSet::new();
    let mut findings = Vec::new();
    for back in &entries.returned {
        // A second entry of one refund is money that nobody meant to return.
        let id = back.refund_id.as_deref().filter(|id| taken.insert(*id));
        match id.and_then(|id| known.iter().find(|refund| refund.refund_id == id)) {
            Some(refund) if refund.amount == back.amount => {}
            Some(_) => findings.push(case.finding(Kind::AmountDiffers).since(back.at)),
            None => findings.push(case.finding(Kind::RefundUnknown).since(back.at)),
        }
    }
    let missing = known.iter().filter(|refund| !taken.contains(refund.refund_id.as_str()));
    let missing = missing.filter(|refund| refund.refunded_at.is_some());
    findings.extend(missing.map(|refund| case.finding(Kind::RefundMissing).since(refund.refunded_at)));
    findings
}

fn said(case: &Case<'_>, entries: &Entries<'_>, finding: Finding) -> Finding {
    let taken = entries.charges.iter().map(|charge| format!("{} took {}", charge.id, charge.amount));
    let back = entries.returned.iter().map(|back| format!("{} returned {}", back.id, back.amount));
    let words: Vec<String> = taken.chain(back).collect();
    let words = if words.is_empty() { "nothing taken".to_owned() } else { words.join(", ") };
    let payment = case.payment.map_or_else(|| "has not heard of it".to_owned(), payments::spoken);
    finding.says("gateway", words).says("payments", payment)
}
