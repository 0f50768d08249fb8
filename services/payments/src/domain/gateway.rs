//! What payments asks of the gateway, and what it can answer.
//!
//! A charge is two calls on one intent: it is created, which charges nothing, and confirmed. A cancelled intent can
//! never be charged. Confirm and cancel meet at the gateway, on one object that succeeds at most once: so an order is
//! charged at most once, however many invocations are alive.
//!
//! The gateway keeps its first answer to a key for a day, its own failures included, so every call that may be made again
//! has a key of its own. A refund is one call under the refund's own key, which the gateway carries out once however often it comes.

use jiff::{SignedDuration, Timestamp};

use super::ids::{IntentId, PaymentId, RefundId};
use super::payment::Fact;

/// A call to the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Makes an intent for the payment. Only the one that is written is ever confirmed.
    Create {
        /// The attempt that it is made for.
        attempt: u32,
        /// When that attempt was begun.
        begun_at: Timestamp,
        /// The fact that made it due, if it is yet to be written: it is written with the call's answer.
        fact: Option<Fact>,
    },
    /// Charges, unless the intent was charged or cancelled before.
    Confirm {
        /// The attempt, which has been written before.
        attempt: u32,
    },
    /// Asks for the intent's status.
    Ask {
        /// The attempt whose outcome is not known.
        attempt: u32,
        /// The reason of the latest answer about it.
        code: String,
    },
    /// Forbids any charge, unless the intent was charged before.
    Cancel,
    /// Returns a part of what was charged, unless it was returned under the same key before.
    Refund {
        /// The refund, and its key.
        refund: RefundId,
        /// How much, in minor units of the payment's currency.
        amount: u64,
        /// The try, which has been written before.
        attempt: u32,
    },
    /// Asks what became of a refund.
    AskRefund {
        /// The refund.
        refund: RefundId,
        /// The try whose outcome is not known.
        attempt: u32,
    },
}

/// What a call has brought. `code` is the gateway's or the network's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayAnswer {
    /// The intent exists, and was neither charged nor cancelled. It is all that a create is answered: confirming tells
    /// the rest.
    Open(IntentId),
    /// The amount was charged.
    Charged,
    /// The gateway refused: the way to pay for good, a refund for now.
    Declined {
        /// The gateway's reason.
        code: String,
    },
    /// The card's issuer refused this attempt; another one may go through.
    SoftDeclined {
        /// The gateway's reason.
        code: String,
    },
    /// Nothing can be charged any more.
    Canceled,
    /// The amount was returned.
    Refunded,
    /// The gateway knows no such refund: nothing was returned under its key.
    NotRefunded,
    /// This call surely moved no money and reached no card; it may be repeated.
    NotCharged {
        /// Why it moved none.
        code: String,
        /// How long the gateway wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// The gateway itself failed: it has to be asked what it did.
    Doubtful {
        /// How it failed.
        code: String,
    },
    /// No answer, or none yet: the call may have been carried out, or may still be.
    Silent {
        /// What came instead.
        code: String,
    },
    /// Another call on the same intent is in the way.
    Busy,
}

impl Call {
    /// The key under which the gateway carries it out once. Two creates of one moment are one; any other create may be
    /// answered anew. A charge's attempt and a refund are carried out once however often they are called.
    #[must_use]
    pub fn key(&self, payment: &PaymentId) -> Option<String> {
        match self {
            Self::Create { attempt, begun_at, .. } => {
                Some(format!("{payment}-create-{attempt}-{}", begun_at.as_millisecond()))
            }
            Self::Confirm { attempt } => Some(format!("{payment}-{attempt}")),
            Self::Refund { refund, .. } => Some(refund.to_string()),
            Self::Ask { .. } | Self::Cancel | Self::AskRefund { .. } => None,
        }
    }

    /// Its name in logs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Confirm { .. } => "confirm",
            Self::Ask { .. } => "ask",
            Self::Cancel => "cancel",
            Self::Refund { .. } => "refund",
            Self::AskRefund { .. } => "ask_refund",
        }
    }

    /// The number of the attempt or try that it belongs to.
    #[must_use]
    pub fn attempt(&self) -> Option<u32> {
        match self {
            Self::Create { attempt, .. }
            | Self::Confirm { attempt }
            | Self::Ask { attempt, .. }
            | Self::Refund { attempt, .. }
            | Self::AskRefund { attempt, .. } => Some(*attempt),
            Self::Cancel => None,
        }
    }
}

impl GatewayAnswer {
    /// Its name in logs, and the reason if there is one.
    #[must_use]
    pub fn as_str(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Open(_) => ("open", None),
            Self::Charged => ("charged", None),
            Self::Declined { code } => ("declined", Some(code)),
            Self::SoftDeclined { code } => ("soft_declined", Some(code)),
            Self::Canceled => ("canceled", None),
            Self::Refunded => ("refunded", None),
            Self::NotRefunded => ("not_refunded", None),
            Self::NotCharged { code, .. } => ("not_charged", Some(code)),
            Self::Doubtful { code } => ("doubtful", Some(code)),
            Self::Silent { code } => ("silent", Some(code)),
            Self::Busy => ("busy", None),
        }
    }

    /// The same answer, with how long the gateway wants to be left alone.
    #[must_use]
    pub fn after(self, retry_after: Option<SignedDuration>) -> Self {
        if let Self::NotCharged { code, .. } = self { Self::NotCharged { code, retry_after } } else { self }
    }

    /// The reason; the answer's own name if it has none.
    #[must_use]
    pub fn code(&self) -> String {
        let (name, code) = self.as_str();
        code.unwrap_or(name).to_owned()
    }
}
