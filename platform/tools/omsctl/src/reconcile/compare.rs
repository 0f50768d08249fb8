//! The comparison: pure, over what each side says.
//!
//! What moved a moment ago is not compared: its news is on the way. An order's latest movement is the latest time that
//! any side tells about it.

mod gateway;
mod inventory;
mod payments;
mod stock;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, Kind, Repair, Subject};
use super::world::{Charge, Order, Payment, Reservation, Returned, World, word};

pub use stock::CORRECTION;

/// Everything that is said about one order.
struct Case<'a> {
    id: &'a str,
    order: &'a Order,
    reservation: Option<&'a Reservation>,
    payment: Option<&'a Payment>,
    /// Nothing where the gateway's ledger cannot be read.
    gateway: Option<Entries<'a>>,
    /// What moved after this is still on its way.
    settled_by: Timestamp,
}

/// The gateway's entries for one order.
#[derive(Default, Clone)]
struct Entries<'a> {
    charges: Vec<&'a Charge>,
    returned: Vec<&'a Returned>,
}

/// What does not agree, by subject. What moved less than `grace` before `now` is left out.
#[must_use]
pub fn compare(world: &World, now: Timestamp, grace: SignedDuration) -> Vec<Finding> {
    let mut findings = orders(world, now, grace);
    findings.extend(stock::compare(world));
    findings.sort_by(|one, other| (&one.subject, one.kind).cmp(&(&other.subject, other.kind)));
    findings
}

/// What does not agree about orders, whatever the stock says. The world may hold some orders alone.
#[must_use]
pub fn orders(world: &World, now: Timestamp, grace: SignedDuration) -> Vec<Finding> {
    let settled_by = now.saturating_sub(grace).unwrap_or(Timestamp::MIN);
    let gateway = world.ledger.as_ref().map(|_| entries(world));
    let mut findings = Vec::new();
    for (id, order) in &world.orders {
        let case = Case {
            id,
            order,
            reservation: world.reservations.get(id),
            payment: world.payments.get(id),
            gateway: gateway.as_ref().map(|all| all.get(id.as_str()).cloned().unwrap_or_default()),
            settled_by,
        };
        if case.moved_at(now) <= settled_by {
            findings.extend(inventory::compare(&case));
            findings.extend(payments::compare(&case));
            findings.extend(gateway::compare(&case));
        }
    }
    findings.extend(without_order(world, settled_by));
    findings.sort_by(|one, other| (&one.subject, one.kind).cmp(&(&other.subject, other.kind)));
    findings
}

impl Case<'_> {
    /// The latest time before `now` at which any side says that something happened.
    fn moved_at(&self, now: Timestamp) -> Timestamp {
        let decided = self.order.decided_at;
        let held = self.reservation.and_then(|reservation| reservation.expires_at);
        let attempts = self.payment.into_iter().flat_map(|payment| &payment.attempts);
        let attempted = attempts.flat_map(|attempt| [Some(attempt.started_at), attempt.ended_at]).flatten();
        let refunds = self.payment.into_iter().flat_map(|payment| &payment.refunds);
        let refunded = refunds.flat_map(|refund| [Some(refund.wanted_at), refund.refunded_at]).flatten();
        let cancelled = self.payment.and_then(|payment| payment.cancelled_at);
        let entries = self.gateway.iter();
        let taken = entries.clone().flat_map(|entries| entries.charges.iter().map(|charge| charge.at));
        let returned = entries.flat_map(|entries| entries.returned.iter().map(|returned| returned.at));
        let times = decided.into_iter().chain(held).chain(attempted).chain(refunded).chain(cancelled);
        let times = times.chain(taken).chain(returned).filter(|time| *time <= now);
        times.fold(self.order.placed_at, Timestamp::max)
    }

    fn finding(&self, kind: Kind) -> Finding {
        let waits: Vec<&str> = self.order.waiting_for.iter().map(|waiting| waiting.fact.as_str()).collect();
        let status = word(self.order.status);
        let says = if waits.is_empty() { status } else { format!("{status}, waits for {}", waits.join(" and ")) };
        Finding::new(kind, Subject::OrderId(self.id.to_owned())).says("orders", says)
    }

    fn announce_order(&self) -> Repair {
        Repair::AnnounceOrder { order_id: self.id.to_owned() }
    }

    fn announce_reservation(&self) -> Repair {
        Repair::AnnounceReservation { order_id: self.id.to_owned() }
    }

    /// When orders decided, or else accepted the order.
    fn decided_at(&self) -> Timestamp {
        self.order.decided_at.unwrap_or(self.order.placed_at)
    }
}

fn entries(world: &World) -> BTreeMap<&str, Entries<'_>> {
    let mut by_order: BTreeMap<&str, Entries<'_>> = BTreeMap::new();
    let ledger = world.ledger.iter();
    for (order, charge) in
        ledger.clone().flat_map(|it| &it.charges).filter_map(|it| Some((it.order_id.as_deref()?, it)))
    {
        by_order.entry(order).or_default().charges.push(charge);
    }
    for (order, back) in ledger.flat_map(|it| &it.refunds).filter_map(|it| Some((it.order_id.as_deref()?, it))) {
        by_order.entry(order).or_default().returned.push(back);
    }
    by_order
}

/// What is held, paid or charged for an order that orders does not know. Orders are read last, so none is merely new.
fn without_order(world: &World, settled_by: Timestamp) -> Vec<Finding> {
    let taken = world.ledger.iter().flat_map(|ledger| &ledger.charges).filter(|charge| charge.at <= settled_by);
    let charged: BTreeSet<&str> = taken.filter_map(|charge| charge.order_id.as_deref()).collect();
    let held = world.reservations.keys().map(String::as_str);
    let ids: BTreeSet<&str> = held.chain(world.payments.keys().map(String::as_str)).chain(charged.clone()).collect();
    let unknown = ids.into_iter().filter(|id| !world.orders.contains_key(*id));
    let finding = |id: &str| {
        let finding = Finding::new(Kind::WithoutOrder, Subject::OrderId(id.to_owned())).says("orders", "unknown");
        let finding = match world.reservations.get(id) {
            Some(reservation) => finding.says("inventory", inventory::spoken(reservation)),
            None => finding,
        };
        let finding = match world.payments.get(id) {
            Some(payment) => finding.says("payments", payments::spoken(payment)),
            None => finding,
        };
        if charged.contains(id) { finding.says("gateway", "charged") } else { finding }
    };
    unknown.map(finding).collect()
}
