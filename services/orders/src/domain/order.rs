//! The order: [facets](super::facets), each a small machine that only moves forward, and the rules that join them.
//!
//! Facts about stock and money come in any order, twice, or late; the fold is the same. The decision is orders' own,
//! taken once by the conditional write that carries it.

use jiff::{SignedDuration, Timestamp};

use super::attention::{Attention, Missed};
use super::facets::{CancelReason, Decision, Inventory, Payment, Returned, Told};
use super::ids::{CustomerId, OrderId, PaymentId, PaymentMethod, RefundId, ReservationId};
use super::line::Line;
use super::money::{Currency, Minor};
use super::status::Status;

/// What is known of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name, for all services.
    pub id: OrderId,
    /// Who placed it.
    pub customer: CustomerId,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// Sum over the lines.
    pub total: Minor,
    /// Currency of every amount.
    pub currency: Currency,
    /// How the customer pays.
    pub payment_method: PaymentMethod,
    /// When it was accepted.
    pub placed_at: Timestamp,
    /// When an order that is still open is cancelled.
    pub pay_by: Timestamp,
    /// What inventory has said.
    pub inventory: Inventory,
    /// What payments has said of the charge.
    pub payment: Payment,
    /// What payments has said of refunds.
    pub returned: Returned,
    /// What orders has decided.
    pub decision: Decision,
    /// What is wrong that the order cannot settle itself.
    pub attention: Attention,
}

/// Something that another service has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// From inventory.
    Inventory(Inventory),
    /// From payments, of the charge.
    Payment(Payment),
    /// From payments: money went back.
    Refunded {
        /// The refund.
        refund: RefundId,
        /// Minor units that all refunds have returned, this one included.
        total: u64,
    },
    /// From payments: a refund does not go through so far.
    RefundFailed {
        /// The refund.
        refund: RefundId,
    },
    /// From the platform: a consumer could not handle an event about the order.
    NotProcessed(Missed),
}

/// Something that orders has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order was accepted.
    Created,
    /// Stock and money are spoken for.
    Confirmed {
        /// The payment that covers the total.
        payment: PaymentId,
        /// The hold that becomes a sale.
        reservation: ReservationId,
    },
    /// The order is carried out.
    Completed,
    /// The order will not be carried out.
    Cancelled {
        /// Why.
        reason: CancelReason,
    },
}

/// The order after a fact, and what orders makes true because of it.
/// An unchanged order means that the fact was known, or came too late to matter.
#[must_use]
pub fn apply(order: &Order, fact: Fact, at: Timestamp) -> (Order, Vec<Event>) {
    let mut order = absorb(order.clone(), fact, at);
    let mut events = Vec::new();
    while let Some((decision, event)) = decide(&order, at) {
        order.decision = decision;
        events.push(event);
    }
    (order.with_attention(at), events)
}

/// A cancel comes after the pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the order is {} and can no longer be cancelled", .0.as_str())]
pub struct TooLate(pub Status);

/// The order after somebody has asked to cancel it; unchanged if it was cancelled before, for whatever reason.
///
/// # Errors
/// [`TooLate`] after the pivot.
pub fn cancel(order: &Order, reason: CancelReason, at: Timestamp) -> Result<(Order, Vec<Event>), TooLate> {
    match order.decision {
        Decision::Open => Ok(cancelled(order, reason, at)),
        Decision::Cancelled { .. } => Ok((order.clone(), Vec::new())),
        Decision::Confirmed { .. } | Decision::Completed { .. } => Err(TooLate(order.status())),
    }
}

/// The order after the sweep has looked at it: one that is open for too long is cancelled, one that waits for longer
/// than `patience` to be settled is flagged.
#[must_use]
pub fn look(order: &Order, patience: SignedDuration, at: Timestamp) -> (Order, Vec<Event>) {
    match order.decision {
        Decision::Open if at >= order.pay_by => cancelled(order, CancelReason::TimedOut, at),
        _ if order.overdue_at(patience).is_some_and(|due| at >= due) => (order.with_overdue(at), Vec::new()),
        Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. } => {
            (order.clone(), Vec::new())
        }
    }
}

/// When the sweep is to look at the order, if nothing is heard before.
#[must_use]
pub fn due(order: &Order, patience: SignedDuration) -> Option<Timestamp> {
    match order.decision {
        Decision::Open => Some(order.pay_by),
        Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. } => {
            order.overdue_at(patience)
        }
    }
}

/// What to say to whoever missed it: how the order stands.
#[must_use]
pub fn announce(order: &Order) -> Vec<Event> {
    let event = match (&order.decision, &order.payment, &order.inventory) {
        (Decision::Open, _, _) => Event::Created,
        (Decision::Confirmed { .. }, Payment::Succeeded { payment, .. }, held) => match held.reservation() {
            Some(reservation) => Event::Confirmed { payment: payment.clone(), reservation: reservation.clone() },
            None => return Vec::new(),
        },
        (Decision::Confirmed { .. }, _, _) => return Vec::new(),
        (Decision::Completed { .. }, _, _) => Event::Completed,
        (Decision::Cancelled { reason, .. }, _, _) => Event::Cancelled { reason: *reason },
    };
    vec![event]
}

fn cancelled(order: &Order, reason: CancelReason, at: Timestamp) -> (Order, Vec<Event>) {
    let (decision, event) = cancel_for(reason, at);
    (Order { decision, ..order.clone() }, vec![event])
}

/// The order as it was when it was accepted: what a repeated request is answered with.
#[must_use]
pub fn as_placed(order: Order) -> Order {
    let (returned, attention) = (Returned::default(), Attention::default());
    let (inventory, payment, decision) = (Inventory::None, Payment::None, Decision::Open);
    Order { inventory, payment, returned, decision, attention, ..order }
}

/// The fold: a facet takes the higher rank of what it has and what it hears.
fn absorb(mut order: Order, fact: Fact, at: Timestamp) -> Order {
    match fact {
        Fact::Inventory(heard) if heard > order.inventory => order.inventory = heard,
        Fact::Payment(heard) if heard > order.payment => order.payment = heard,
        Fact::Inventory(_) | Fact::Payment(_) => {}
        Fact::Refunded { refund, total } => order.returned.hear(refund, Told::Done, total),
        Fact::RefundFailed { refund } => order.returned.hear(refund, Told::Failing, 0),
        Fact::NotProcessed(missed) => order.attention.flag_missed(missed, at),
    }
    order
}

/// What follows from the facets as they stand.
fn decide(order: &Order, at: Timestamp) -> Option<(Decision, Event)> {
    match (&order.decision, &order.inventory, &order.payment) {
        (
            Decision::Open,
            Inventory::Reserved { reservation, .. } | Inventory::Committed { reservation },
            Payment::Succeeded { payment, .. },
        ) => {
            let event = Event::Confirmed { payment: payment.clone(), reservation: reservation.clone() };
            Some((Decision::Confirmed { at }, event))
        }
        (Decision::Open, Inventory::Rejected, _) => Some(cancel_for(CancelReason::OutOfStock, at)),
        (Decision::Open, _, Payment::Failed { .. }) => Some(cancel_for(CancelReason::PaymentFailed, at)),
        // Also after the pivot: the hold ran out before inventory heard of it, and nothing is left to be sold.
        (Decision::Open | Decision::Confirmed { .. }, Inventory::Released { expired: true }, _) => {
            Some(cancel_for(CancelReason::ReservationExpired, at))
        }
        (Decision::Confirmed { .. }, Inventory::Committed { .. }, _) => {
            Some((Decision::Completed { at }, Event::Completed))
        }
        (
            Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. },
            _,
            _,
        ) => None,
    }
}

fn cancel_for(reason: CancelReason, at: Timestamp) -> (Decision, Event) {
    (Decision::Cancelled { reason, at }, Event::Cancelled { reason })
}
