//! The order: facets, each a small machine that only moves up, and the rules that join them.
//!
//! Facts about stock and money arrive in any sequence, twice, or late; the fold is the same. The decision is orders'
//! own, taken once by the conditional write that carries it.

use jiff::Timestamp;

use super::attention::{Attention, AttentionReason, UnprocessedEvent};
use super::decision::{CancelReason, Decision, Event};
use super::ids::{CustomerId, OrderId, PaymentMethod, RefundId};
use super::inventory::{Inventory, expiry_against_commit};
use super::line::Line;
use super::money::{Currency, Minor};
use super::payment::{Payment, payment_failed_after_payment_succeeded, reservation_expires_while_charging};
use super::refund::{Refund, RefundProgress, Returned, success_after_cancel};

/// What is known of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name, for all services.
    pub id: OrderId,
    /// Who placed it.
    pub customer: CustomerId,
    /// What was ordered, in the request's sequence.
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
    /// What inventory has published of its stock.
    pub inventory: Inventory,
    /// What payments has published of the charge.
    pub payment: Payment,
    /// What payments has published of refunds.
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
    /// From the platform: a consumer could not process an event about the order.
    NotProcessed(UnprocessedEvent),
}

impl Order {
    /// Whether money is owed back, or was.
    #[must_use]
    pub fn refund(&self) -> Refund {
        match self.decision {
            _ if self.is_returned() => Refund::Returned,
            Decision::Cancelled { .. } => success_after_cancel(&self.payment, &self.returned),
            Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } => Refund::None,
        }
    }

    /// Whether all of the total went back.
    pub(super) fn is_returned(&self) -> bool {
        self.returned.covers(self.total)
    }
}

/// The order after a fact, and what orders makes true because of it.
/// An unchanged order means that the fact was known, or came too late to matter.
#[must_use]
pub fn apply(order: &Order, fact: Fact, at: Timestamp) -> (Order, Vec<Event>) {
    let mut order = absorb(order.clone(), fact, at);
    let mut events = Vec::new();
    while let Some(event) = decide(&order) {
        order = evolve(order, &event, at);
        events.push(event);
    }
    (order.with_attention(at), events)
}

/// The fold: each fact moves its facet up, or leaves it as it is.
fn absorb(order: Order, fact: Fact, at: Timestamp) -> Order {
    match fact {
        Fact::Inventory(arrived) => Order { inventory: order.inventory.with(arrived), ..order },
        Fact::Payment(arrived) => {
            Order { payment: payment_failed_after_payment_succeeded(order.payment, arrived), ..order }
        }
        Fact::Refunded { refund, total } => {
            Order { returned: order.returned.with(refund, RefundProgress::Done, total), ..order }
        }
        Fact::RefundFailed { refund } => {
            let returned = order.returned.clone().with(refund, RefundProgress::Failing, 0);
            if returned == order.returned {
                return order;
            }
            Order { returned, attention: order.attention.again(AttentionReason::RefundFailed, at), ..order }
        }
        Fact::NotProcessed(event) => Order { attention: order.attention.with_unprocessed(event, at), ..order },
    }
}

/// What follows from the facets as they are now. Once the order has ended nothing does, whatever is redriven.
fn decide(order: &Order) -> Option<Event> {
    match &order.decision {
        Decision::Open => {
            let decided = payment_succeeded_before_inventory_reserved(&order.inventory, &order.payment);
            full_refund_before_confirmation(decided, order.is_returned())
        }
        Decision::Confirmed { .. } => expiry_against_commit(&order.inventory),
        Decision::Completed { .. } | Decision::Cancelled { .. } => None,
    }
}

/// What follows for an open order: stock and money confirm it, whichever of the two was published first.
fn payment_succeeded_before_inventory_reserved(inventory: &Inventory, payment: &Payment) -> Option<Event> {
    let cancelled = |reason| Some(Event::Cancelled { reason });
    match inventory {
        Inventory::Rejected { .. } => cancelled(CancelReason::OutOfStock),
        Inventory::Released { expired: true } => cancelled(reservation_expires_while_charging(payment)),
        Inventory::Reserved { reservation, .. } | Inventory::Committed { reservation } => match payment {
            Payment::Succeeded { payment, .. } => {
                Some(Event::Confirmed { payment: payment.clone(), reservation: reservation.clone() })
            }
            Payment::Failed { .. } => cancelled(CancelReason::PaymentFailed),
            Payment::None | Payment::Voided { .. } => None,
        },
        Inventory::None | Inventory::Released { expired: false } => match payment {
            Payment::Failed { .. } => cancelled(CancelReason::PaymentFailed),
            Payment::None | Payment::Voided { .. } | Payment::Succeeded { .. } => None,
        },
    }
}

/// What follows for an open order whose money may be back: it is not confirmed then, whatever else is known. It is cancelled
/// when its hold ends.
fn full_refund_before_confirmation(decided: Option<Event>, is_returned: bool) -> Option<Event> {
    decided.filter(|event| !is_returned || !matches!(event, Event::Confirmed { .. }))
}

/// The order after an event of its own.
fn evolve(order: Order, event: &Event, at: Timestamp) -> Order {
    let decision = match event {
        Event::Created => Decision::Open,
        Event::Confirmed { .. } => Decision::Confirmed { at },
        Event::Completed => Decision::Completed { at },
        Event::Cancelled { reason } => Decision::Cancelled { reason: *reason, at },
    };
    Order { decision, ..order }
}

/// The order after what a request or the clock has led to, if it has led to anything.
pub(super) fn after(order: &Order, event: Option<Event>, at: Timestamp) -> (Order, Vec<Event>) {
    match event {
        Some(event) => (evolve(order.clone(), &event, at), vec![event]),
        None => (order.clone(), Vec::new()),
    }
}
