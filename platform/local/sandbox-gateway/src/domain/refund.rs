//! Refunds: parts of a charge that go back, never more than was charged.

use super::intent::{Intent, Pace, Refund, State};
use super::method::Method;

/// The answer to a request for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The refund, created now or under the same key before.
    Done(Refund),
    /// The key was used for another request.
    OtherRequest,
    /// Nothing was charged.
    NoCharge,
    /// All of the charge went back before.
    AlreadyRefunded,
    /// The charge has less left than that.
    TooMuch {
        /// What is left, in minor units.
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

/// A request for a refund: the refund as it would be. Without an amount it is all that is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// How much, in minor units, if the client named it.
    pub amount: Option<u64>,
    /// The refund, but for its amount.
    pub refund: Refund,
}

impl Intent {
    /// What is left of the charge, in minor units.
    #[must_use]
    pub fn left(&self) -> u64 {
        let back: u64 = self.refunds.iter().map(|refund| refund.amount).sum();
        self.amount.saturating_sub(back)
    }
}

/// Refunds a charge. The call is counted if it could have moved money.
#[must_use]
pub fn refund(intent: &Intent, request: &RefundRequest) -> (Intent, Answer, Pace) {
    let prompt = |answer| (intent.clone(), answer, Pace::Prompt);
    let key = request.refund.idempotency_key.as_ref();
    if let Some(before) = intent.refunds.iter().find(|refund| key.is_some() && refund.idempotency_key.as_ref() == key) {
        let same = before.request == request.refund.request;
        return prompt(if same { Answer::Done(before.clone()) } else { Answer::OtherRequest });
    }
    let (left, amount) = (intent.left(), request.amount.unwrap_or(intent.left()));
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
            let refund = Refund { amount, ..request.refund.clone() };
            next.refunds.push(refund.clone());
            let late = behaviour == Some(Method::RefundAnswersLate);
            (next, Answer::Done(refund), if late { Pace::Late } else { Pace::Prompt })
        }
    }
}
