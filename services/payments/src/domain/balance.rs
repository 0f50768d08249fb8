//! What was charged, what went back of it, and what is still to go back.

use super::ids::RefundId;
use super::payment::{Payment, Stage};
use super::refund::Refund;

/// A payment's money, in minor units of its currency.
impl Payment {
    /// What was charged.
    #[must_use]
    pub fn charged(&self) -> u64 {
        match (&self.stage, &self.terms) {
            (Stage::Succeeded { .. }, Some(terms)) => terms.amount,
            _ => 0,
        }
    }

    /// What went back.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        self.refunds.iter().filter(|refund| refund.is_done()).map(|refund| refund.amount).sum()
    }

    /// What is to go back but has not yet.
    #[must_use]
    pub fn owed(&self) -> u64 {
        self.refunds.iter().filter(|refund| !refund.is_done()).map(|refund| refund.amount).sum()
    }

    /// What of the charge can still be requested.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.charged().saturating_sub(self.refunded() + self.owed())
    }

    /// The refund of this name.
    #[must_use]
    pub fn refund(&self, id: &RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == *id)
    }

    /// The payment with this refund in the place of the one of its name.
    pub(super) fn with_refund(mut self, refund: &Refund) -> Self {
        if let Some(known) = self.refunds.iter_mut().find(|known| known.id == refund.id) {
            known.clone_from(refund);
        }
        self
    }
}
