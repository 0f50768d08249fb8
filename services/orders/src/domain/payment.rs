//! The facet of the charge: what payments has published about an order. It only moves up in rank.

use super::decision::CancelReason;
use super::ids::PaymentId;

/// What is known of the charge. Declared in rank: a fact moves the facet up or not at all.
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
    /// The charge was forbidden before it happened.
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

/// The facet after a fact. Money that was charged outranks a failure and a void, whichever was published first. The same
/// fact again, also under another event id, leaves the facet as it is.
pub(super) fn payment_failed_after_payment_succeeded(known: Payment, arrived: Payment) -> Payment {
    match (&known, &arrived) {
        (Payment::Succeeded { .. }, Payment::None | Payment::Failed { .. } | Payment::Voided { .. })
        | (Payment::Voided { .. }, Payment::None | Payment::Failed { .. })
        | (Payment::Failed { .. }, Payment::None) => known,
        (Payment::None | Payment::Failed { .. } | Payment::Voided { .. }, Payment::Succeeded { .. })
        | (Payment::None | Payment::Failed { .. }, Payment::Voided { .. })
        | (Payment::None, Payment::Failed { .. }) => arrived,
        (Payment::None, Payment::None)
        | (Payment::Failed { .. }, Payment::Failed { .. })
        | (Payment::Voided { .. }, Payment::Voided { .. })
        | (Payment::Succeeded { .. }, Payment::Succeeded { .. }) => known.max(arrived),
    }
}

/// Why an open order is cancelled when its hold runs out, whatever comes of the charge. A failure that is known already
/// stays the reason; a success that arrives later is owed back ([`super::refund::success_after_cancel`]).
pub(super) fn reservation_expires_while_charging(payment: &Payment) -> CancelReason {
    match payment {
        Payment::Failed { .. } => CancelReason::PaymentFailed,
        Payment::None | Payment::Voided { .. } | Payment::Succeeded { .. } => CancelReason::ReservationExpired,
    }
}
