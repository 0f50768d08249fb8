//! What the gateway's HTTP answers mean.
//!
//! Source: the PaymentIntents and Refunds parts of Stripe's API reference, "Errors" and "The Intents lifecycle".

mod refund;

use serde::Deserialize;

use crate::domain::gateway::Word;
use crate::domain::ids::IntentId;
use crate::settle::Misconfigured;

pub use refund::{refund_listed, refund_sent};

/// What was asked, as far as the meaning of an answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To make an intent, which charges nothing.
    Create,
    /// To charge it.
    Confirm,
    /// To show it.
    Retrieve,
    /// To cancel it.
    Cancel,
}

/// An intent, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Intent {
    id: String,
    status: String,
    #[serde(default)]
    last_payment_error: Option<Fault>,
}

#[derive(Debug, Default, Deserialize)]
struct Fault {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error: Fault,
}

/// What an answer means. None: the intent's state did not allow what was asked, so it has to be retrieved.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn classify(asked: Asked, status: u16, body: &[u8]) -> Result<Option<Word>, Misconfigured> {
    if (200..300).contains(&status) {
        return Ok(Some(serde_json::from_slice(body).map_or_else(|_| garbled(), |intent| shown(asked, &intent))));
    }
    let (fault, code) = refused(status, body);
    if let Some(word) = not_now(status, &code) {
        return Ok(Some(word));
    }
    match status {
        402 => Ok(Some(Word::Declined { code })),
        _ if fault.code.as_deref() == Some("payment_intent_unexpected_state") => Ok(None),
        _ if fault.r#type.as_deref() == Some("card_error") => Ok(Some(Word::Declined { code })),
        // The order itself cannot be charged: its way to pay does not exist, or its amount is outside the limits.
        400 if matches!(fault.param.as_deref(), Some("payment_method" | "amount" | "currency")) => {
            Ok(Some(Word::Declined { code }))
        }
        _ => Err(Misconfigured { code: format!("http_{status} {code}") }),
    }
}

/// A refusal, and the word for it: the most exact that it has.
fn refused(status: u16, body: &[u8]) -> (Fault, String) {
    let fault = serde_json::from_slice(body).map_or_else(|_| Fault::default(), |refusal: Refusal| refusal.error);
    let code = fault.decline_code.clone().or(fault.code.clone()).unwrap_or_else(|| format!("http_{status}"));
    (fault, code)
}

/// What a refusal means whose reason is neither the request nor what it is about.
fn not_now(status: u16, code: &str) -> Option<Word> {
    match status {
        409 => Some(Word::Busy),
        429 => Some(Word::NotCharged { code: code.to_owned() }),
        500.. => Some(Word::Doubtful { code: format!("http_{status}") }),
        _ => None,
    }
}

fn shown(asked: Asked, intent: &Intent) -> Word {
    match (asked, intent.status.as_str()) {
        (Asked::Create, _) | (_, "requires_confirmation") => Word::Open(IntentId::trusted(&intent.id)),
        (_, "succeeded") => Word::Charged,
        (_, "canceled") => Word::Canceled,
        // A refused intent waits for another way to pay, which nobody will bring; so does one that wants the customer.
        (_, "requires_payment_method" | "requires_action") => {
            let error = intent.last_payment_error.as_ref();
            let code = error.and_then(|error| error.decline_code.clone().or(error.code.clone()));
            Word::Declined { code: code.unwrap_or_else(|| intent.status.clone()) }
        }
        (_, other) => Word::Silent { code: other.to_owned() },
    }
}

fn garbled() -> Word {
    Word::Doubtful { code: "garbled".to_owned() }
}
