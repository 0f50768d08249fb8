//! Money that goes back: what payments has published of refunds, and whether a refund is owed.

use std::collections::BTreeMap;

use super::ids::RefundId;
use super::money::Minor;
use super::payment::Payment;

/// What went back of what was charged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// Minor units that all refunds have returned; it only grows.
    pub total: u64,
    /// Every refund that payments has published.
    pub refunds: BTreeMap<RefundId, RefundProgress>,
}

/// How far a refund is. Declared in rank: a fact moves it up or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefundProgress {
    /// It does not go through so far.
    Failing,
    /// The money went back.
    Done,
}

/// Whether money is owed back to the customer, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// Nothing is owed.
    None,
    /// The total was charged for an order that is cancelled, and not all of it is back.
    Pending,
    /// All of it is back.
    Returned,
    /// It is owed, and does not go through so far.
    Failed,
}

impl Refund {
    /// The value as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Pending => "PENDING",
            Self::Returned => "REFUNDED",
            Self::Failed => "FAILED",
        }
    }
}

impl Returned {
    /// Whether a refund does not go through so far.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.refunds.values().any(|progress| *progress == RefundProgress::Failing)
    }

    /// What is returned after a fact about one refund; `total` counts all refunds.
    pub(super) fn with(mut self, refund: RefundId, progress: RefundProgress, total: u64) -> Self {
        let known = self.refunds.entry(refund).or_insert(progress);
        *known = progress.max(*known);
        self.total = self.total.max(total);
        self
    }

    /// Whether this is all that was charged.
    pub(super) fn covers(&self, charged: Minor) -> bool {
        self.total >= charged.units()
    }
}

/// Whether a cancelled order owes its customer money, of which not all is back yet. A success that arrives after the
/// cancel changes the payment facet alone; payments refunds it, and until then the order is not settled.
pub(super) fn success_after_cancel(payment: &Payment, returned: &Returned) -> Refund {
    match payment {
        Payment::Succeeded { .. } if returned.is_failing() => Refund::Failed,
        Payment::Succeeded { .. } => Refund::Pending,
        Payment::None | Payment::Failed { .. } | Payment::Voided { .. } => Refund::None,
    }
}
