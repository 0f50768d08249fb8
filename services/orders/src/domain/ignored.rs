//! Why a fact changed nothing.

use super::order::{Fact, Order};
use super::refund::RefundProgress;

/// Why the order is the same after the fact, for those who read its history.
#[must_use]
pub fn reason(order: &Order, fact: &Fact) -> &'static str {
    match fact {
        Fact::Inventory(arrived) if *arrived == order.inventory => "the order already knows this from inventory",
        Fact::Inventory(_) => "inventory has published a fact that outranks it",
        Fact::Payment(arrived) if *arrived == order.payment => "the order already knows this from payments",
        Fact::Payment(_) => "payments has published a fact that outranks it",
        Fact::Refunded { .. } => "the order already knows this refund",
        Fact::RefundFailed { refund } if order.returned.refunds.get(refund) == Some(&RefundProgress::Done) => {
            "the refund has gone through since"
        }
        Fact::RefundFailed { .. } => "the order already has an attention entry for this refund",
        Fact::NotProcessed(event) if order.attention.is_listed(event) => {
            "the order already has an attention entry for this event"
        }
        Fact::NotProcessed(_) => "the order has too many attention entries, and one that says so",
    }
}
