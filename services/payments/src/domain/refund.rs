//! What goes back to the customer: who may want how much, and how far it is.
//!
//! All that was ever wanted of a payment stays wanted until it has gone through: a refund is tried for ever. So what is
//! left to be wanted is the charge less all refunds, whatever became of them.

use jiff::Timestamp;

use super::ids::RefundId;
use super::payment::{Payment, Stage};

/// How many refunds a payment may have: so that it stays one item, and one page of the gateway's list.
pub const MAX_REFUNDS: usize = 50;

/// One return of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its name, and its key at the gateway.
    pub id: RefundId,
    /// How much, in minor units of the payment's currency; at least 1.
    pub amount: u64,
    /// Why.
    pub reason: Reason,
    /// What staff noted. It is for staff alone.
    pub note: Option<String>,
    /// When it was wanted.
    pub wanted_at: Timestamp,
    /// How often it was tried; a question about it that nobody answered counts as well.
    pub attempts: u32,
    /// What the latest failed try met: the gateway's or the network's own word.
    pub last_code: Option<String>,
    /// When the world was told that it does not go through.
    pub failed_at: Option<Timestamp>,
    /// How far it is.
    pub state: RefundState,
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
pub enum RefundState {
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
        /// When.
        ask_at: Timestamp,
    },
    /// The money went back, once.
    Done {
        /// When that was learnt.
        at: Timestamp,
    },
}

/// What staff want returned. The same wish twice is one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundWish {
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
    #[error("nothing was charged that could be returned")]
    NotCharged,
    /// Nothing is asked for.
    #[error("must be at least 1")]
    Nothing,
    /// More is asked for than is left of the charge.
    #[error("must be at most {left}, which is left of the charge")]
    Exceeds {
        /// What is left.
        left: u64,
    },
    /// The name stands for another wish.
    #[error("the refund was wanted before, but not so")]
    OtherWish,
    /// The payment has too many refunds.
    #[error("a payment can have {MAX_REFUNDS} refunds")]
    TooMany,
}

/// The payment with the refund that staff want; unchanged if they wanted it before.
///
/// # Errors
/// [`RefundRefused`].
pub fn want_refund(payment: &Payment, wish: &RefundWish, at: Timestamp) -> Result<Payment, RefundRefused> {
    if let Some(before) = payment.refund(&wish.refund) {
        let same = before.amount == wish.amount && before.note == wish.note;
        return if same { Ok(payment.clone()) } else { Err(RefundRefused::OtherWish) };
    }
    match payment.left() {
        _ if payment.charged() == 0 => Err(RefundRefused::NotCharged),
        _ if wish.amount == 0 => Err(RefundRefused::Nothing),
        left if wish.amount > left => Err(RefundRefused::Exceeds { left }),
        _ if payment.refunds.len() >= MAX_REFUNDS => Err(RefundRefused::TooMany),
        _ => {
            let mut granted = payment.clone();
            let wanted = Refund::wanted(wish.refund.clone(), wish.amount, Reason::Staff, at);
            granted.refunds.push(Refund { note: wish.note.clone(), ..wanted });
            Ok(granted)
        }
    }
}

/// When the payment is to be looked at although no message asks for it: the next step of an open refund.
#[must_use]
pub fn due(payment: &Payment) -> Option<Timestamp> {
    payment.refunds.iter().filter_map(Refund::due).min()
}

impl Refund {
    /// A refund that nobody has tried yet.
    #[must_use]
    pub(super) fn wanted(id: RefundId, amount: u64, reason: Reason, at: Timestamp) -> Self {
        let state = RefundState::Wanted { next_try_at: at };
        Self { id, amount, reason, note: None, wanted_at: at, attempts: 0, last_code: None, failed_at: None, state }
    }

    /// When its next step is due, unless it is done.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self.state {
            RefundState::Wanted { next_try_at: due }
            | RefundState::Sent { lease_ends_at: due }
            | RefundState::PutOff { ask_at: due } => Some(due),
            RefundState::Done { .. } => None,
        }
    }

    /// Whether the money went back.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.state, RefundState::Done { .. })
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

    /// What of the charge can still be wanted back.
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
