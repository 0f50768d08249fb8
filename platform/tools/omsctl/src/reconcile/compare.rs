//! The comparison of a snapshot: pure.
//!
//! An order that changed a moment ago is not compared: its events are still on their way. Its latest change is the
//! latest time that any service has for it.

mod gateway;
mod inventory;
mod payments;
mod stock;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, Kind, Repair, Subject};
use super::snapshot::{Charge, GatewayRefund, Order, Payment, Reservation, Snapshot, api_word};

pub use stock::CORRECTION;

/// What all services know about one order.
struct Case<'a> {
    id: &'a str,
    order: &'a Order,
    reservation: Option<&'a Reservation>,
    payment: Option<&'a Payment>,
    /// `None` where the gateway's ledger cannot be read.
    gateway: Option<LedgerEntries<'a>>,
    /// Events about later changes can still be on their way.
    settled_by: Timestamp,
}

/// The gateway's entries for one order.
#[derive(Default, Clone)]
struct LedgerEntries<'a> {
    charges: Vec<&'a Charge>,
    refunds: Vec<&'a GatewayRefund>,
}

/// Every difference, by subject. Orders that changed less than `grace` before `now` are left out.
#[must_use]
pub fn compare(snapshot: &Snapshot, now: Timestamp, grace: SignedDuration) -> Vec<Finding> {
    let mut findings = orders(snapshot, now, grace);
    let stock = stock::compare(snapshot, &findings);
    findings.extend(stock);
    findings.sort_by(|one, other| (&one.subject, one.kind).cmp(&(&other.subject, other.kind)));
    findings
}

/// Every difference about orders; stock is not compared, so the snapshot may have some orders alone.
#[must_use]
pub fn orders(snapshot: &Snapshot, now: Timestamp, grace: SignedDuration) -> Vec<Finding> {
    let settled_by = now.saturating_sub(grace).unwrap_or(Timestamp::MIN);
    let gateway = snapshot.ledger.as_ref().map(|_| ledger_entries(snapshot));
    let mut findings = Vec::new();
    for (id, order) in &snapshot.orders {
        let case = Case {
            id,
            order,
            reservation: snapshot.reservations.get(id),
            payment: snapshot.payments.get(id),
            gateway: gateway.as_ref().map(|all| all.get(id.as_str()).cloned().unwrap_or_default()),
            settled_by,
        };
        if case.changed_at(now) <= settled_by {
            findings.extend(inventory::compare(&case));
            findings.extend(payments::compare(&case));
            findings.extend(gateway::compare(&case));
        }
    }
    findings.extend(without_order(snapshot, settled_by));
    findings.sort_by(|one, other| (&one.subject, one.kind).cmp(&(&other.subject, other.kind)));
    findings
}

impl Case<'_> {
    /// The latest time up to `now` that any service has for the order.
    fn changed_at(&self, now: Timestamp) -> Timestamp {
        let decided = self.order.decided_at;
        let expired = self.reservation.and_then(|reservation| reservation.expires_at);
        let attempts = self.payment.into_iter().flat_map(|payment| &payment.attempts);
        let attempted = attempts.flat_map(|attempt| [Some(attempt.started_at), attempt.ended_at]).flatten();
        let refunds = self.payment.into_iter().flat_map(|payment| &payment.refunds);
        let refunded = refunds.flat_map(|refund| [Some(refund.requested_at), refund.refunded_at]).flatten();
        let cancelled = self.payment.and_then(|payment| payment.cancelled_at);
        let entries = self.gateway.iter();
        let charges = entries.clone().flat_map(|entries| entries.charges.iter().map(|charge| charge.at));
        let returns = entries.flat_map(|entries| entries.refunds.iter().map(|refund| refund.at));
        let times = decided.into_iter().chain(expired).chain(attempted).chain(refunded).chain(cancelled);
        let times = times.chain(charges).chain(returns).filter(|time| *time <= now);
        times.fold(self.order.placed_at, Timestamp::max)
    }

    fn finding(&self, kind: Kind) -> Finding {
        let waits: Vec<&str> = self.order.waiting_for.iter().map(|waiting| waiting.fact.as_str()).collect();
        let status = api_word(self.order.status);
        let known = if waits.is_empty() { status } else { format!("{status}, waits for {}", waits.join(" and ")) };
        Finding::new(kind, Subject::OrderId(self.id.to_owned())).known("orders", known)
    }

    fn announce_order(&self) -> Repair {
        Repair::AnnounceOrder { order_id: self.id.to_owned() }
    }

    fn announce_reservation(&self) -> Repair {
        Repair::AnnounceReservation { order_id: self.id.to_owned() }
    }

    /// When orders decided the order, or accepted it if it is open.
    fn decided_at(&self) -> Timestamp {
        self.order.decided_at.unwrap_or(self.order.placed_at)
    }
}

fn unknown() -> String {
    "does not know the order".to_owned()
}

fn ledger_entries(snapshot: &Snapshot) -> BTreeMap<&str, LedgerEntries<'_>> {
    let mut by_order: BTreeMap<&str, LedgerEntries<'_>> = BTreeMap::new();
    let ledger = snapshot.ledger.iter();
    for (order, charge) in
        ledger.clone().flat_map(|it| &it.charges).filter_map(|it| Some((it.order_id.as_deref()?, it)))
    {
        by_order.entry(order).or_default().charges.push(charge);
    }
    for (order, refund) in ledger.flat_map(|it| &it.refunds).filter_map(|it| Some((it.order_id.as_deref()?, it))) {
        by_order.entry(order).or_default().refunds.push(refund);
    }
    by_order
}

/// Reservations, payments and charges of an order that orders does not know. Orders are read last, so it is not new.
fn without_order(snapshot: &Snapshot, settled_by: Timestamp) -> Vec<Finding> {
    let settled = snapshot.ledger.iter().flat_map(|ledger| &ledger.charges).filter(|charge| charge.at <= settled_by);
    let charged: BTreeSet<&str> = settled.filter_map(|charge| charge.order_id.as_deref()).collect();
    let reserved = snapshot.reservations.keys().map(String::as_str);
    let ids: BTreeSet<&str> =
        reserved.chain(snapshot.payments.keys().map(String::as_str)).chain(charged.clone()).collect();
    let unknown = ids.into_iter().filter(|id| !snapshot.orders.contains_key(*id));
    let finding = |id: &str| {
        let finding = Finding::new(Kind::WithoutOrder, Subject::OrderId(id.to_owned())).known("orders", "unknown");
        let finding = match snapshot.reservations.get(id) {
            Some(reservation) => finding.known("inventory", inventory::describe(reservation)),
            None => finding,
        };
        let finding = match snapshot.payments.get(id) {
            Some(payment) => finding.known("payments", payments::describe(payment)),
            None => finding,
        };
        if charged.contains(id) { finding.known("gateway", "charged") } else { finding }
    };
    unknown.map(finding).collect()
}
