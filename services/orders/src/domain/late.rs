//! Why a fact changed nothing.

use super::facets::Told;
use super::order::{Fact, Order};

/// Why the order is the same after the fact, for those who read its history.
#[must_use]
pub fn why(order: &Order, fact: &Fact) -> &'static str {
    match fact {
        Fact::Inventory(heard) if *heard == order.inventory => "the order knows this of inventory",
        Fact::Inventory(_) => "inventory has said something since that outranks it",
        Fact::Payment(heard) if *heard == order.payment => "the order knows this of payments",
        Fact::Payment(_) => "payments has said something since that outranks it",
        Fact::Refunded { .. } => "the order knows of this refund",
        Fact::RefundFailed { refund } if order.returned.refunds.get(refund) == Some(&Told::Done) => {
            "the refund has gone through since"
        }
        Fact::RefundFailed { .. } => "the order is flagged for this refund",
        Fact::NotProcessed(_) => "the order is flagged for this event",
    }
}
