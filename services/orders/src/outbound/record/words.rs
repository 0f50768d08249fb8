//! Enumerations as an item holds them: a word for each state.

use crate::domain::decision::CancelReason;
use crate::domain::inventory::Shortfall;

/// An enumeration whose states are words.
pub(super) trait Words: Sized {
    fn word(self) -> &'static str;

    /// The state of a word; none if it is not one.
    fn read(word: &str) -> Option<Self>;
}

/// Both directions from one list, so that what is written is read. A state without a word does not compile.
macro_rules! words {
    ($name:ident { $($state:ident = $word:literal),+ $(,)? }) => {
        impl Words for $name {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$state => $word,)+
                }
            }

            fn read(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$state),)+
                    _ => None,
                }
            }
        }
    };
}

words!(CancelReason {
    OutOfStock = "OUT_OF_STOCK",
    PaymentFailed = "PAYMENT_FAILED",
    ReservationExpired = "RESERVATION_EXPIRED",
    TimedOut = "TIMED_OUT",
    Customer = "CUSTOMER",
    Staff = "STAFF",
});

words!(Shortfall { InsufficientStock = "INSUFFICIENT_STOCK", UnknownSku = "UNKNOWN_SKU" });

/// The states of the facet of stock that have a text.
pub(super) enum InventoryState {
    Reserved,
    Rejected,
    Released,
    Expired,
    Committed,
}

words!(InventoryState {
    Reserved = "RESERVED",
    Rejected = "REJECTED",
    Released = "RELEASED",
    Expired = "EXPIRED",
    Committed = "COMMITTED",
});

/// The states of the facet of the charge that have a text.
pub(super) enum PaymentState {
    Failed,
    Voided,
    Succeeded,
}

words!(PaymentState { Failed = "FAILED", Voided = "VOIDED", Succeeded = "SUCCEEDED" });

/// The decisions that have a text.
pub(super) enum DecisionState {
    Confirmed,
    Completed,
    Cancelled,
}

words!(DecisionState { Confirmed = "CONFIRMED", Completed = "COMPLETED", Cancelled = "CANCELLED" });
