//! How money goes back: what a cancelled order is owed, what staff may request, and what each try leads to.
//!
//! A refund that was requested stays until it has gone through: it is tried until it succeeds. So what can still be
//! requested is the charge less all refunds, whatever became of them.
//!
//! Each try is written before it is sent, and sent under the refund's own key. Before any further try the gateway is
//! asked, for it may have forgotten the key by then, and only what it does not know is sent again. Any invocation takes
//! the step that is due; a refund that fails waits for the sweep.

mod tries;

use jiff::Timestamp;

use super::decision::Change;
use super::ids::RefundId;
use super::payment::{Payment, Stage};

pub(super) use tries::{gateway_timeout_then_refund, repay, sent};

/// How many refunds a payment may have: so that it stays one item, and one page of the gateway's list.
pub const MAX_REFUNDS: usize = 50;

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

/// Staff's request to return money. The same request twice is one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The refund that it is to be.
    pub refund: RefundId,
    /// How much, in minor units of the payment's currency.
    pub amount: u64,
    /// Why, in words, for other staff.
    pub note: Option<String>,
}

/// Why a refund is not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Nothing was charged, or not yet.
    #[error("the payment has not been charged")]
    NotCharged,
    /// The request is for nothing.
    #[error("must be at least 1")]
    Nothing,
    /// The request is for more than is left of the charge.
    #[error("must be at most {left}, the part of the charge that is not refunded")]
    Exceeds {
        /// What is left.
        left: u64,
    },
    /// The key was used for another request.
    #[error("an earlier request with this key had another amount or note")]
    OtherRequest,
    /// The payment has too many refunds.
    #[error("a payment can have at most {MAX_REFUNDS} refunds")]
    TooMany,
}

/// The payment with the refund that staff request; unchanged if they requested it before.
///
/// # Errors
/// [`RefundRefused`].
pub fn request_refund(payment: &Payment, request: &RefundRequest, at: Timestamp) -> Result<Payment, RefundRefused> {
    if let Some(before) = payment.refund(&request.refund) {
        return refund_asked_for_twice(before, request).map(|()| payment.clone());
    }
    match payment.left() {
        _ if payment.charged() == 0 => Err(RefundRefused::NotCharged),
        _ if request.amount == 0 => Err(RefundRefused::Nothing),
        left if request.amount > left => Err(RefundRefused::Exceeds { left }),
        _ if payment.refunds.len() >= MAX_REFUNDS => Err(RefundRefused::TooMany),
        _ => {
            let mut granted = payment.clone();
            let wanted = Refund::wanted(request.refund.clone(), request.amount, Reason::Staff, at);
            granted.refunds.push(Refund { note: request.note.clone(), ..wanted });
            Ok(granted)
        }
    }
}

/// The race "refund asked for twice": the refund's name follows from staff's key, so the same request is the refund
/// that exists, and another one under the same key is refused.
fn refund_asked_for_twice(before: &Refund, request: &RefundRequest) -> Result<(), RefundRefused> {
    match (before.amount == request.amount, before.note == request.note) {
        (true, true) => Ok(()),
        (false, _) | (_, false) => Err(RefundRefused::OtherRequest),
    }
}

/// The payment of a cancelled order with the refund that it owes: what was charged, as far as it is not on its way back.
pub(super) fn owed(change: Change, reason: Reason, at: Timestamp) -> Change {
    let Change { mut payment, events } = change;
    let amount = payment.left();
    if amount > 0 {
        payment.refunds.push(Refund::wanted(RefundId::of(&payment.id), amount, reason, at));
    }
    Change { payment, events }
}

/// When the sweep is to look at the payment: the next step of an open refund. No message asks for it.
#[must_use]
pub fn due(payment: &Payment) -> Option<Timestamp> {
    payment.refunds.iter().filter_map(Refund::due).min()
}

impl Refund {
    /// A refund that was not tried yet.
    fn wanted(id: RefundId, amount: u64, reason: Reason, at: Timestamp) -> Self {
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
}
