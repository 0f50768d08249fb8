//! What the gateway's refusals mean: one table, the same as in the README. The first row that fits decides.
//!
//! Source: Stripe, "Error codes" (docs.stripe.com/error-codes), "Decline codes" (docs.stripe.com/declines/codes), "Errors"
//! (docs.stripe.com/api/errors) and "Advanced error handling" (docs.stripe.com/error-low-level).

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

use serde::Deserialize;

/// The gateway's reasons for a refusal. Its text is not among them: nothing of it is logged.
#[derive(Debug, Default, Deserialize)]
pub struct Fault {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    advice_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    message: Option<Message>,
}

/// What is recognised of a message: a fault of ours that no code tells.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
enum Message {
    /// It refuses the API version.
    Version,
    /// A test mode key was used for an object of live mode.
    TestKey,
    Other,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This payment cannot be charged.
    Declined,
    /// The card's issuer refused this attempt; another one may go through.
    SoftDeclined,
    /// Nothing was done; later it may be.
    NotNow,
    /// Another call on the same object is under way.
    Busy,
    /// The intent's state did not allow the call.
    OtherState,
    /// It may have been done.
    Unknown,
    /// Operators have to mend it; the order is not to blame.
    Misconfigured,
}

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    status: &'static [RangeInclusive<u16>],
    r#type: Is,
    /// The decline code; without one, the code.
    code: Is,
    advice: Is,
    param: Is,
    means: Meaning,
}

/// What a field has to be.
#[derive(Debug)]
enum Is {
    Any,
    OneOf(&'static [&'static str]),
    /// It begins so, and `param` is not one of the payment's own.
    Prefix(&'static str),
}

/// A request that was understood, and refused.
const ANSWERED: &[RangeInclusive<u16>] = &[400..=400, 402..=402];
/// What a customer chose or what an order costs. A refusal of these is about one payment.
const OF_THE_PAYMENT: &[&str] = &["payment_method", "amount", "currency"];
/// Declines that the gateway advises to attempt again. Source: "Decline codes", column "Next steps".
const SOFT: &[&str] =
    &["approve_with_id", "issuer_not_available", "processing_error", "reenter_transaction", "try_again_later"];
/// What payments itself puts into its forms, the same for every order.
const OF_OUR_FORMS: &[&str] =
    &["payment_method_types", "confirm", "error_on_requires_action", "off_session", "metadata", "limit"];
/// Faults of the account, its key or our requests. Source: "Error codes".
const OURS: &[&str] = &[
    "account_invalid",
    "api_key_expired",
    LIVEMODE,
    "payment_method_unactivated",
    "platform_account_required",
    "platform_api_key_expired",
    "secret_key_required",
    "testmode_charges_only",
    "tls_version_unsupported",
    VERSION,
];
/// Our word for a refused API version, which has no code.
const VERSION: &str = "api_version_invalid";
/// A key of the wrong mode. If it is what hides the object, the code is `resource_missing`, and only the message tells.
const LIVEMODE: &str = "livemode_mismatch";
/// The types of a refusal of what was asked for. Source: "Errors".
const OF_THE_REQUEST: &[&str] = &["card_error", "invalid_request_error"];

const ROW: Row =
    Row { status: &[], r#type: Is::Any, code: Is::Any, advice: Is::Any, param: Is::Any, means: Meaning::Misconfigured };

/// The table. An empty status fits every one.
pub const TABLE: &[Row] = &[
    Row { status: &[401..=401, 403..=403], ..ROW },
    Row { status: &[409..=409], means: Meaning::Busy, ..ROW },
    Row { status: &[429..=429], means: Meaning::NotNow, ..ROW },
    Row { status: &[424..=424, 500..=599], means: Meaning::Unknown, ..ROW },
    Row { r#type: Is::OneOf(&["api_error"]), means: Meaning::Unknown, ..ROW },
    Row { r#type: Is::OneOf(&["authentication_error"]), ..ROW },
    Row { r#type: Is::OneOf(&["rate_limit_error"]), means: Meaning::NotNow, ..ROW },
    Row { code: Is::OneOf(&["payment_intent_unexpected_state"]), means: Meaning::OtherState, ..ROW },
    // Another request was made under the key. What became of it has to be asked, and the next one has another key.
    Row { r#type: Is::OneOf(&["idempotency_error"]), means: Meaning::Unknown, ..ROW },
    Row { code: Is::OneOf(OURS), ..ROW },
    Row { code: Is::OneOf(&["parameter_unknown"]), ..ROW },
    Row { code: Is::Prefix("parameter_"), ..ROW },
    Row { param: Is::OneOf(OF_OUR_FORMS), ..ROW },
    Row { status: ANSWERED, advice: Is::OneOf(&["try_again_later"]), means: Meaning::SoftDeclined, ..ROW },
    Row {
        status: ANSWERED,
        advice: Is::OneOf(&["do_not_try_again", "confirm_card_data"]),
        means: Meaning::Declined,
        ..ROW
    },
    Row {
        status: ANSWERED,
        r#type: Is::OneOf(&["card_error"]),
        code: Is::OneOf(SOFT),
        means: Meaning::SoftDeclined,
        ..ROW
    },
    Row { code: Is::OneOf(&["resource_missing"]), param: Is::OneOf(&["intent", "payment_intent"]), ..ROW },
    Row {
        status: &[404..=404],
        code: Is::OneOf(&["resource_missing"]),
        param: Is::OneOf(&["payment_method"]),
        means: Meaning::Declined,
        ..ROW
    },
    Row { status: ANSWERED, r#type: Is::OneOf(OF_THE_REQUEST), means: Meaning::Declined, ..ROW },
    // Not the gateway's own error: who answered, and what the gateway did, is not known.
    Row { status: ANSWERED, means: Meaning::Unknown, ..ROW },
    ROW,
];

impl Fault {
    /// The error in a body; an empty one if the body is not the gateway's.
    pub fn parse(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Refusal {
            error: Fault,
        }
        serde_json::from_slice(body).map_or_else(|_| Self::default(), |refusal: Refusal| refusal.error)
    }

    /// The most exact reason, if there is one.
    pub fn reason(&self) -> Option<&str> {
        let word = match self.message {
            Some(Message::Version) => Some(VERSION),
            Some(Message::TestKey) => Some(LIVEMODE),
            Some(Message::Other) | None => None,
        };
        word.or(self.decline_code.as_deref()).or(self.code.as_deref())
    }

    /// Whether the amount of the request is refused.
    pub fn is_about_the_amount(&self) -> bool {
        self.param.as_deref() == Some("amount")
    }

    /// What it means, with this status.
    pub fn meaning(&self, status: u16) -> Meaning {
        TABLE.iter().find(|row| row.fits(status, self)).map_or(Meaning::Misconfigured, |row| row.means)
    }
}

impl Row {
    fn fits(&self, status: u16, fault: &Fault) -> bool {
        // A field of a list or an object, as `metadata[orderId]`, is named after the whole.
        let param = fault.param.as_deref().map(|param| param.split_once('[').map_or(param, |(whole, _)| whole));
        (self.status.is_empty() || self.status.iter().any(|range| range.contains(&status)))
            && self.r#type.fits(fault.r#type.as_deref(), param)
            && self.code.fits(fault.reason(), param)
            && self.advice.fits(fault.advice_code.as_deref(), param)
            && self.param.fits(param, param)
    }
}

impl Is {
    fn fits(&self, value: Option<&str>, param: Option<&str>) -> bool {
        match (self, value) {
            (Self::Any, _) => true,
            (_, None) => false,
            (Self::OneOf(values), Some(value)) => values.contains(&value),
            (Self::Prefix(start), Some(value)) => {
                value.starts_with(start) && !param.is_some_and(|param| OF_THE_PAYMENT.contains(&param))
            }
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        if text.starts_with("Invalid Stripe API version") {
            Self::Version
        } else if text.contains("exists in live mode, but a test mode key was used") {
            // The other way round it is the customer who named what does not exist.
            Self::TestKey
        } else {
            Self::Other
        }
    }
}

/// The row as the README has it.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |range: &RangeInclusive<u16>| match (range.start(), range.end()) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first} to {last}"),
        };
        let status: Vec<String> = self.status.iter().map(range).collect();
        let status = if status.is_empty() { "any".to_owned() } else { status.join(", ") };
        let Self { r#type, code, advice, param, means, .. } = self;
        write!(f, "| {status} | {type} | {code} | {advice} | {param} | {} |", means.as_str())
    }
}

impl fmt::Display for Is {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::OneOf(values) => {
                let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                f.write_str(&quoted.join(", "))
            }
            Self::Prefix(start) => write!(f, "`{start}…`, `param` not of the payment"),
        }
    }
}

impl Meaning {
    fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::SoftDeclined => "an attempt that may be repeated",
            Self::NotNow => "not now",
            Self::Busy => "busy",
            Self::OtherState => "ask for the intent",
            Self::Unknown => "unknown",
            Self::Misconfigured => "misconfigured",
        }
    }
}
