//! The order: three facets, each a small machine that only moves forward, and the rules that join them.
//!
//! Facts about stock and money come in any order, twice, or late; the fold is the same. The decision is orders' own,
//! taken once by the conditional write that carries it.

use jiff::Timestamp;

use super::ids::{CustomerId, OrderId, PaymentId, PaymentMethod, ReservationId};
use super::line::Line;
use super::money::{Currency, Minor};

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
    /// What payments has said.
    pub payment: Payment,
    /// What orders has decided.
    pub decision: Decision,
}

/// What inventory has said. Declared in rank: a fact moves the facet up or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inventory {
    /// Nothing yet.
    None,
    /// All lines are held.
    Reserved {
        /// The hold.
        reservation: ReservationId,
        /// When it ends unless it is committed.
        expires_at: Timestamp,
    },
    /// A line could not be held.
    Rejected,
    /// Nothing is held any more, and nothing will be.
    Released {
        /// Whether the hold ran out by itself.
        expired: bool,
    },
    /// The pieces are sold.
    Committed {
        /// The hold that became the sale.
        reservation: ReservationId,
    },
}

/// What payments has said. Declared in rank: a fact moves the facet up or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payment {
    /// Nothing yet.
    None,
    /// The total was not charged and will not be.
    Failed {
        /// The payment.
        payment: PaymentId,
        /// How many attempts were made.
        attempts: u32,
    },
    /// A charge was forbidden before it happened.
    Voided {
        /// The payment.
        payment: PaymentId,
    },
    /// The total was charged.
    Succeeded {
        /// The payment.
        payment: PaymentId,
        /// The attempt that succeeded.
        attempts: u32,
    },
}

/// What orders has decided, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// The pivot: from here the order is never cancelled.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Paid and sold.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// Not carried out.
    Cancelled {
        /// Why.
        reason: CancelReason,
        /// When.
        at: Timestamp,
    },
}

/// Why an order is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// A line could not be held.
    OutOfStock,
    /// The payment failed for good.
    PaymentFailed,
    /// The hold ran out before the payment succeeded.
    ReservationExpired,
}

/// Something that another service has made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// From inventory.
    Inventory(Inventory),
    /// From payments.
    Payment(Payment),
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
    let mut order = absorb(order.clone(), fact);
    let mut events = Vec::new();
    while let Some((decision, event)) = decide(&order, at) {
        order.decision = decision;
        events.push(event);
    }
    (order, events)
}

/// The order as it was when it was accepted: what a repeated request is answered with.
#[must_use]
pub fn as_placed(order: Order) -> Order {
    Order { inventory: Inventory::None, payment: Payment::None, decision: Decision::Open, ..order }
}

/// The fold: a facet takes the higher rank of what it has and what it hears.
fn absorb(mut order: Order, fact: Fact) -> Order {
    match fact {
        Fact::Inventory(heard) if heard > order.inventory => order.inventory = heard,
        Fact::Payment(heard) if heard > order.payment => order.payment = heard,
        Fact::Inventory(_) | Fact::Payment(_) => {}
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
        (Decision::Open, Inventory::Rejected, _) => Some(cancel(CancelReason::OutOfStock, at)),
        (Decision::Open, _, Payment::Failed { .. }) => Some(cancel(CancelReason::PaymentFailed, at)),
        (Decision::Open, Inventory::Released { expired: true }, _) => {
            Some(cancel(CancelReason::ReservationExpired, at))
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

fn cancel(reason: CancelReason, at: Timestamp) -> (Decision, Event) {
    (Decision::Cancelled { reason, at }, Event::Cancelled { reason })
}

/// What the world is told of an order; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Accepted; nothing is held or charged yet.
    Pending,
    /// All lines are held.
    InventoryReserved,
    /// The total is charged, the hold not yet known.
    Paid,
    /// Stock and money are spoken for.
    Confirmed,
    /// Carried out.
    Completed,
    /// Cancelled because the payment failed.
    PaymentFailed,
    /// Cancelled because a line could not be held.
    Rejected,
    /// Cancelled for another reason.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::InventoryReserved,
        Self::Paid,
        Self::Confirmed,
        Self::Completed,
        Self::PaymentFailed,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// The status as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InventoryReserved => "INVENTORY_RESERVED",
            Self::Paid => "PAID",
            Self::Confirmed => "CONFIRMED",
            Self::Completed => "COMPLETED",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Whether money is owed back to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// Nothing is owed.
    None,
    /// The total was charged for an order that is cancelled.
    Pending,
}

impl Order {
    /// What the world is told of the order.
    #[must_use]
    pub fn status(&self) -> Status {
        match (&self.decision, &self.payment, &self.inventory) {
            (Decision::Completed { .. }, _, _) => Status::Completed,
            (Decision::Confirmed { .. }, _, _) => Status::Confirmed,
            (Decision::Cancelled { reason: CancelReason::PaymentFailed, .. }, _, _) => Status::PaymentFailed,
            (Decision::Cancelled { reason: CancelReason::OutOfStock, .. }, _, _) => Status::Rejected,
            (Decision::Cancelled { reason: CancelReason::ReservationExpired, .. }, _, _) => Status::Cancelled,
            (Decision::Open, Payment::Succeeded { .. }, _) => Status::Paid,
            (Decision::Open, _, Inventory::Reserved { .. }) => Status::InventoryReserved,
            (Decision::Open, _, _) => Status::Pending,
        }
    }

    /// Whether money is owed back.
    #[must_use]
    pub fn refund(&self) -> Refund {
        match (&self.decision, &self.payment) {
            (Decision::Cancelled { .. }, Payment::Succeeded { .. }) => Refund::Pending,
            (
                Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } | Decision::Cancelled { .. },
                _,
            ) => Refund::None,
        }
    }

    /// Whether the order has ended and nothing is left to come: a cancelled one holds no stock and keeps no money.
    #[must_use]
    pub fn settled(&self) -> bool {
        match self.decision {
            Decision::Open | Decision::Confirmed { .. } => false,
            Decision::Completed { .. } => true,
            Decision::Cancelled { .. } => {
                matches!(self.inventory, Inventory::Rejected | Inventory::Released { .. })
                    && matches!(self.payment, Payment::Failed { .. } | Payment::Voided { .. })
            }
        }
    }
}
