//! What the gateway's HTTP answers mean.
//!
//! Source: Stripe, "PaymentIntents" and "Refunds" (docs.stripe.com/api), "Idempotent requests"
//! (docs.stripe.com/api/idempotent_requests) and "How PaymentIntents work" (docs.stripe.com/payments/paymentintents/lifecycle).

mod refund;
mod refusal;

use serde::Deserialize;

use super::Misconfigured;
use crate::domain::gateway::{Call, GatewayAnswer};
use crate::domain::ids::IntentId;

use refusal::{Fault, Meaning};

pub use refund::{refund_answer, refund_list_answer};

/// An intent, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Intent {
    id: String,
    status: String,
    #[serde(default)]
    last_payment_error: Option<Fault>,
}

/// What an answer to a call on an intent means. None: the intent's state did not allow the call, so it has to be
/// retrieved.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn intent_answer(call: &Call, status: u16, body: &[u8]) -> Result<Option<GatewayAnswer>, Misconfigured> {
    if (200..300).contains(&status) {
        return Ok(Some(serde_json::from_slice(body).map_or_else(|_| garbled(), |intent| shown(call, &intent))));
    }
    let (meaning, code) = refused(status, body);
    Ok(match meaning {
        Meaning::Declined => Some(GatewayAnswer::Declined { code }),
        Meaning::SoftDeclined => Some(GatewayAnswer::SoftDeclined { code }),
        Meaning::NotNow | Meaning::Busy | Meaning::Unknown => not_now(meaning, status, code),
        Meaning::OtherState => None,
        Meaning::Misconfigured => return Err(misconfigured(status, &code)),
    })
}

/// What a refusal means, and its most exact reason.
fn refused(status: u16, body: &[u8]) -> (Meaning, String) {
    let fault = Fault::parse(body);
    (fault.meaning(status), fault.reason().map_or_else(|| format!("http_{status}"), ToOwned::to_owned))
}

/// What a refusal means whose reason is neither the request nor what it is about.
fn not_now(meaning: Meaning, status: u16, code: String) -> Option<GatewayAnswer> {
    match meaning {
        Meaning::Busy => Some(GatewayAnswer::Busy),
        Meaning::NotNow => Some(GatewayAnswer::NotCharged { code, retry_after: None }),
        Meaning::Unknown => Some(GatewayAnswer::Doubtful { code: format!("http_{status}") }),
        Meaning::Declined | Meaning::SoftDeclined | Meaning::OtherState | Meaning::Misconfigured => None,
    }
}

fn misconfigured(status: u16, code: &str) -> Misconfigured {
    Misconfigured { code: format!("http_{status} {code}") }
}

fn shown(call: &Call, intent: &Intent) -> GatewayAnswer {
    match (call, intent.status.as_str()) {
        (Call::Create { .. }, _) | (_, "requires_confirmation") => GatewayAnswer::Open(IntentId::trusted(&intent.id)),
        (_, "succeeded") => GatewayAnswer::Charged,
        (_, "canceled") => GatewayAnswer::Canceled,
        // A refused intent waits for a way to pay, which the next attempt names; or for the customer, who is not there.
        (_, "requires_payment_method" | "requires_action") => last_refusal(intent),
        (_, other) => GatewayAnswer::Silent { code: other.to_owned() },
    }
}

/// Why an intent is not paid.
fn last_refusal(intent: &Intent) -> GatewayAnswer {
    let error = intent.last_payment_error.as_ref();
    let code = error.and_then(Fault::reason).unwrap_or(&intent.status).to_owned();
    match error.map(|error| error.meaning(402)) {
        Some(Meaning::Declined) | None => GatewayAnswer::Declined { code },
        // Whatever else it was, this way to pay was not refused for good.
        Some(_) => GatewayAnswer::SoftDeclined { code },
    }
}

fn garbled() -> GatewayAnswer {
    GatewayAnswer::Doubtful { code: "garbled".to_owned() }
}
