//! An intent to pay: it succeeds at most once, and not after it was canceled.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::method::{Decline, Method};

/// The largest amount. Source: Stripe, "Minimum and maximum charge amounts".
pub const MAX_AMOUNT: u64 = 99_999_999;

/// An intent to pay, its charge and its refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// `pi_…`.
    pub id: String,
    /// In minor units of the currency.
    pub amount: u64,
    /// ISO 4217, in lower case as Stripe has it.
    pub currency: String,
    /// The name of the payment method, if one was given.
    pub method: Option<String>,
    /// What the client attached.
    pub metadata: BTreeMap<String, String>,
    /// The client's key of the request that created the intent.
    pub idempotency_key: Option<String>,
    /// The parameters of the request that created the intent; a repetition must have the same.
    pub request: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// How far it is.
    pub state: State,
    /// How often a confirmation was requested, whatever the answer.
    pub confirms: u32,
    /// The refunds of its charge.
    pub refunds: Vec<Refund>,
    /// How often a refund was requested that could have moved money, whatever the answer.
    pub refund_calls: u32,
}

/// How far an intent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It lacks a method, perhaps because the last one was declined.
    RequiresPaymentMethod(Option<Decline>),
    /// It waits to be confirmed.
    RequiresConfirmation,
    /// The amount was charged: the ledger's entry.
    Succeeded(Charge),
    /// It was canceled.
    Canceled,
}

/// A charge of the intent's amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// `ch_…`.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

/// A part of a charge that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// In minor units of the intent's currency.
    pub amount: u64,
    /// What the client attached.
    pub metadata: BTreeMap<String, String>,
    /// The client's key of the request that created the refund.
    pub idempotency_key: Option<String>,
    /// The parameters of the request that created the refund; a repetition must have the same.
    pub request: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
}

/// The answer to a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The intent as it is now.
    Done,
    /// The issuer refused.
    Declined(Decline),
    /// The gateway is unavailable; nothing was charged.
    Unavailable,
    /// The intent's state does not allow it.
    UnexpectedState,
}

/// When a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    Prompt,
    /// Later than a client waits.
    Late,
}

impl State {
    /// The state of a new intent.
    #[must_use]
    pub fn first(method: Option<&str>) -> Self {
        if method.is_some() { Self::RequiresConfirmation } else { Self::RequiresPaymentMethod(None) }
    }

    /// Stripe's word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod(_) => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::Succeeded(_) => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// Confirms an intent; `method` replaces the intent's own. Every call is counted.
#[must_use]
pub fn confirm(intent: &Intent, method: Option<&str>, at: Timestamp) -> (Intent, Answer, Pace) {
    let mut next = Intent { confirms: intent.confirms + 1, ..intent.clone() };
    let usable = match &intent.state {
        State::RequiresConfirmation => method.or(intent.method.as_deref()),
        State::RequiresPaymentMethod(_) => method,
        State::Succeeded(_) | State::Canceled => None,
    };
    let Some((name, behaviour)) = usable.and_then(|name| Some((name, Method::named(name)?))) else {
        return (next, Answer::UnexpectedState, Pace::Prompt);
    };
    next.method = Some(name.to_owned());
    let charged = State::Succeeded(Charge { id: intent.id.replacen("pi_", "ch_", 1), at });
    let (state, answer, pace) = match behaviour {
        Method::AnswersLate => (charged, Answer::Done, Pace::Late),
        Method::FailsFirst(times) if next.confirms > times => (charged, Answer::Done, Pace::Prompt),
        Method::DeclinesFirst(times) if next.confirms > times => (charged, Answer::Done, Pace::Prompt),
        Method::Down | Method::FailsFirst(_) => (State::RequiresConfirmation, Answer::Unavailable, Pace::Prompt),
        Method::StallsFirst if next.confirms <= 1 => (State::RequiresConfirmation, Answer::Unavailable, Pace::Late),
        Method::Succeeds
        | Method::StallsFirst
        | Method::RefundFailsFirst(_)
        | Method::RefundAnswersLate
        | Method::RefundRefused => (charged, Answer::Done, Pace::Prompt),
        Method::Declines(why) => declined(&mut next, why),
        Method::DeclinesFirst(_) => declined(&mut next, Decline::TryAgainLater),
    };
    next.state = state;
    (next, answer, pace)
}

/// A refused intent waits for a way to pay to be named again.
fn declined(intent: &mut Intent, why: Decline) -> (State, Answer, Pace) {
    intent.method = None;
    (State::RequiresPaymentMethod(Some(why)), Answer::Declined(why), Pace::Prompt)
}

/// The intent canceled, unless it has ended.
#[must_use]
pub fn cancel(intent: &Intent) -> Option<Intent> {
    match intent.state {
        State::RequiresConfirmation | State::RequiresPaymentMethod(_) => {
            Some(Intent { state: State::Canceled, ..intent.clone() })
        }
        State::Succeeded(_) | State::Canceled => None,
    }
}

/// What a repetition of the request that created an intent leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// The request is another one: the key was used twice.
    OtherRequest,
    /// The answer follows from the intent as it is now.
    Answered(Answer),
    /// The first request was to confirm and found the gateway unavailable: it is carried out now.
    Unfinished,
}

/// What a request with a used idempotency key leads to.
#[must_use]
pub fn repeat(intent: &Intent, request: &BTreeMap<String, String>, to_confirm: bool) -> Repetition {
    match &intent.state {
        _ if intent.request != *request => Repetition::OtherRequest,
        State::RequiresConfirmation if to_confirm => Repetition::Unfinished,
        State::RequiresPaymentMethod(Some(why)) if to_confirm => Repetition::Answered(Answer::Declined(*why)),
        State::RequiresConfirmation | State::RequiresPaymentMethod(_) | State::Succeeded(_) | State::Canceled => {
            Repetition::Answered(Answer::Done)
        }
    }
}
