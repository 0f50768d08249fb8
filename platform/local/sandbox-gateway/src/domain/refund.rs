//! Refunds: parts of a charge that go back, never more than it took.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::intent::{Intent, Pace, State};
use super::method::Method;

/// A part of a charge that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// In minor units of the intent's currency.
    pub amount: u64,
    /// What the client attached.
    pub metadata: BTreeMap<String, String>,
    /// The client's key for the request that made the refund.
    pub idempotency_key: Option<String>,
    /// The request that made the refund; a repetition must have the same.
    pub request: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
}

/// What a wish for a refund is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The refund, made now or under the same key before.
    Done(Refund),
    /// The key was used for another request.
    OtherRequest,
    /// Nothing was charged.
    NoCharge,
    /// All of the charge went back before.
    AlreadyRefunded,
    /// So much is not left of the charge.
    TooMuch {
        /// What is left.
        left: u64,
    },
    /// The gateway refuses, now and always: the customer took the money back through their bank.
    Disputed,
    /// The gateway is unavailable; nothing went back.
    Unavailable,
}

impl Answer {
    /// The word for it in logs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::OtherRequest => "other_request",
            Self::NoCharge => "no_charge",
            Self::AlreadyRefunded => "already_refunded",
            Self::TooMuch { .. } => "too_much",
            Self::Disputed => "disputed",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What is wanted: the refund as it would be. Without an amount it is all that is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// How much, if it was said.
    pub amount: Option<u64>,
    /// The refund, but for its amount.
    pub refund: Refund,
}

impl Intent {
    /// What of the charge did not go back.
    #[must_use]
    pub fn left(&self) -> u64 {
        let back: u64 = self.refunds.iter().map(|refund| refund.amount).sum();
        self.amount.saturating_sub(back)
    }
}

/// What a wish for a refund does. The call is counted if it could have moved money.
#[must_use]
pub fn refund(intent: &Intent, wish: &Wish) -> (Intent, Answer, Pace) {
    let prompt = |answer| (intent.clone(), answer, Pace::Prompt);
    let key = wish.refund.idempotency_key.as_ref();
    if let Some(before) = intent.refunds.iter().find(|refund| key.is_some() && refund.idempotency_key.as_ref() == key) {
        let same = before.request == wish.refund.request;
        return prompt(if same { Answer::Done(before.clone()) } else { Answer::OtherRequest });
    }
    let (left, amount) = (intent.left(), wish.amount.unwrap_or(intent.left()));
    if !matches!(intent.state, State::Succeeded(_)) {
        return prompt(Answer::NoCharge);
    } else if left == 0 {
        return prompt(Answer::AlreadyRefunded);
    } else if amount > left {
        return prompt(Answer::TooMuch { left });
    }
    let mut next = Intent { refund_calls: intent.refund_calls + 1, ..intent.clone() };
    match intent.method.as_deref().and_then(Method::named) {
        Some(Method::RefundRefused) => (next, Answer::Disputed, Pace::Prompt),
        Some(Method::RefundFailsFirst(times)) if next.refund_calls <= times => {
            (next, Answer::Unavailable, Pace::Prompt)
        }
        behaviour => {
            let refund = Refund { amount, ..wish.refund.clone() };
            next.refunds.push(refund.clone());
            let late = behaviour == Some(Method::RefundAnswersLate);
            (next, Answer::Done(refund), if late { Pace::Late } else { Pace::Prompt })
        }
    }
}
