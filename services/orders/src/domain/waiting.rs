//! What an order waits for, and when it has waited for too long.

use jiff::{SignedDuration, Timestamp};

use super::attention::AttentionReason;
use super::decision::Decision;
use super::inventory::{Inventory, inventory_reserved_after_cancel};
use super::order::Order;
use super::payment::Payment;

/// A fact that an order waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The event that would bring it.
    pub fact: &'static str,
    /// The service that owes it.
    pub owed_by: &'static str,
    /// Since when.
    pub since: Timestamp,
}

impl Order {
    /// What the order waits for, and since when.
    #[must_use]
    pub fn waits_for(&self) -> Vec<Waiting> {
        let waiting = |fact, owed_by, since| Waiting { fact, owed_by, since };
        match (&self.decision, &self.inventory, &self.payment) {
            (Decision::Completed { .. }, _, _) => Vec::new(),
            (Decision::Open, Inventory::None, _) => vec![waiting("InventoryReserved", "inventory", self.placed_at)],
            (Decision::Open, _, Payment::Succeeded { .. }) if self.is_returned() => {
                vec![waiting("InventoryReleased", "inventory", self.placed_at)]
            }
            (Decision::Open, _, _) => vec![waiting("PaymentSucceeded", "payments", self.placed_at)],
            (Decision::Confirmed { at }, _, _) => vec![waiting("InventoryCommitted", "inventory", *at)],
            (Decision::Cancelled { at, .. }, inventory, payment) => {
                let charged = matches!(payment, Payment::Succeeded { .. });
                let money = if charged { "PaymentRefunded" } else { "PaymentVoided" };
                let owes_stock = inventory_reserved_after_cancel(inventory);
                let stock = owes_stock.then(|| waiting("InventoryReleased", "inventory", *at));
                stock.into_iter().chain(self.owes_money().then(|| waiting(money, "payments", *at))).collect()
            }
        }
    }

    /// Whether the order has ended and nothing is left to come: a cancelled one holds no stock and no money.
    #[must_use]
    pub fn settled(&self) -> bool {
        match self.decision {
            Decision::Open | Decision::Confirmed { .. } => false,
            Decision::Completed { .. } => true,
            Decision::Cancelled { .. } => !inventory_reserved_after_cancel(&self.inventory) && !self.owes_money(),
        }
    }

    /// When an order that is decided has waited too long, unless its attention entries cover that already.
    pub(super) fn overdue_at(&self, settle_within: SignedDuration) -> Option<Timestamp> {
        let decided = match self.decision {
            Decision::Confirmed { at } | Decision::Cancelled { at, .. } => at,
            Decision::Open | Decision::Completed { .. } => return None,
        };
        let is_covered = self.overdue().iter().all(|reason| self.attention.has(reason));
        (!is_covered).then(|| decided.saturating_add(settle_within).unwrap_or(Timestamp::MAX))
    }

    /// The order with an attention entry for each fact that it has waited for too long.
    pub(super) fn with_overdue(&self, at: Timestamp) -> Self {
        let attention = self.attention.clone();
        let attention = self.overdue().into_iter().fold(attention, |attention, reason| attention.with(reason, at));
        Self { attention, ..self.clone() }
    }

    /// The order with the attention entries that follow from how it is now.
    pub(super) fn with_attention(mut self, at: Timestamp) -> Self {
        let overdue = self.overdue();
        let is_failing = self.returned.is_failing();
        self.attention.entries.retain(|entry| match &entry.reason {
            AttentionReason::EventNotProcessed(_) | AttentionReason::MoreNotProcessed => true,
            AttentionReason::RefundFailed => is_failing,
            AttentionReason::CommitOverdue | AttentionReason::ReleaseOverdue | AttentionReason::MoneyOverdue => {
                overdue.contains(&entry.reason)
            }
        });
        if is_failing {
            self.attention = self.attention.with(AttentionReason::RefundFailed, at);
        }
        self
    }

    /// What would be wrong with the order, if it stayed as it is.
    fn overdue(&self) -> Vec<AttentionReason> {
        match self.decision {
            Decision::Open | Decision::Completed { .. } => Vec::new(),
            Decision::Confirmed { .. } => vec![AttentionReason::CommitOverdue],
            Decision::Cancelled { .. } => {
                let owes_stock = inventory_reserved_after_cancel(&self.inventory);
                let stock = owes_stock.then_some(AttentionReason::ReleaseOverdue);
                stock.into_iter().chain(self.owes_money().then_some(AttentionReason::MoneyOverdue)).collect()
            }
        }
    }

    /// Whether payments still has to call off the charge of a cancelled order, or to return it.
    fn owes_money(&self) -> bool {
        match self.payment {
            Payment::None | Payment::Succeeded { .. } => !self.is_returned(),
            Payment::Failed { .. } | Payment::Voided { .. } => false,
        }
    }
}
