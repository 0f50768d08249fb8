//! One return of money.

use jiff::Timestamp;

use super::ids::RefundId;

/// One return of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its name, and its key at the gateway.
    pub id: RefundId,
    /// How much, in minor units of the payment's currency; at least 1.
    pub amount: u64,
    /// Why it goes back.
    pub reason: Reason,
    /// What staff noted. It is for staff alone.
    pub note: Option<String>,
    /// When it was requested.
    pub wanted_at: Timestamp,
    /// How often it was tried; a question about it without an answer counts as well.
    pub attempts: u32,
    /// The gateway's or the network's reason for the latest failure.
    pub last_code: Option<String>,
    /// When RefundFailed was published.
    pub failed_at: Option<Timestamp>,
    /// How far it is.
    pub progress: RefundProgress,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The order was cancelled after it was paid.
    Cancelled,
    /// The charge succeeded after the order was cancelled.
    LateSuccess,
    /// Staff returned it.
    Staff,
}

/// How far a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundProgress {
    /// Nothing is under way at the gateway.
    Wanted {
        /// When the next try is due.
        next_try_at: Timestamp,
    },
    /// The latest try is under way.
    Sent {
        /// Until then its invocation is taken to be alive; afterwards the gateway is asked.
        lease_ends_at: Timestamp,
    },
    /// The latest try did not go through, as far as is known; the gateway is asked before any other.
    PutOff {
        /// When the gateway is asked.
        ask_at: Timestamp,
    },
    /// The money went back, once.
    Done {
        /// When the gateway's answer arrived.
        at: Timestamp,
    },
}

impl Refund {
    /// A refund that was not tried yet.
    pub(super) fn wanted(id: RefundId, amount: u64, reason: Reason, at: Timestamp) -> Self {
        let progress = RefundProgress::Wanted { next_try_at: at };
        Self { id, amount, reason, note: None, wanted_at: at, attempts: 0, last_code: None, failed_at: None, progress }
    }

    /// When its next step is due, unless it is done.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self.progress {
            RefundProgress::Wanted { next_try_at: due }
            | RefundProgress::Sent { lease_ends_at: due }
            | RefundProgress::PutOff { ask_at: due } => Some(due),
            RefundProgress::Done { .. } => None,
        }
    }

    /// Whether the money went back.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.progress, RefundProgress::Done { .. })
    }
}
