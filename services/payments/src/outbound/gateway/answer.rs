//! What the gateway's HTTP answers mean.
//!
//! Source: the PaymentIntents and Refunds parts of Stripe's API reference, "Errors" and "The Intents lifecycle".

mod refund;

use serde::Deserialize;

use super::Misconfigured;
use crate::domain::gateway::{Call, GatewayAnswer};
use crate::domain::ids::IntentId;

pub use refund::{refund_answer, refund_list_answer};

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

/// What an answer to a call on an intent means. None: the intent's state did not allow the call, so it has to be
/// retrieved.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn intent_answer(call: &Call, status: u16, body: &[u8]) -> Result<Option<GatewayAnswer>, Misconfigured> {
    if (200..300).contains(&status) {
        return Ok(Some(serde_json::from_slice(body).map_or_else(|_| garbled(), |intent| shown(call, &intent))));
    }
    let (fault, code) = refused(status, body);
    if let Some(answer) = not_now(status, &code) {
        return Ok(Some(answer));
    }
    match status {
        402 => Ok(Some(GatewayAnswer::Declined { code })),
        _ if fault.code.as_deref() == Some("payment_intent_unexpected_state") => Ok(None),
        _ if fault.r#type.as_deref() == Some("card_error") => Ok(Some(GatewayAnswer::Declined { code })),
        // The order itself cannot be charged: its way to pay does not exist, or its amount is outside the limits.
        400 if matches!(fault.param.as_deref(), Some("payment_method" | "amount" | "currency")) => {
            Ok(Some(GatewayAnswer::Declined { code }))
        }
        _ => Err(Misconfigured { code: format!("http_{status} {code}") }),
    }
}

/// A refusal, and its most exact reason.
fn refused(status: u16, body: &[u8]) -> (Fault, String) {
    let fault = serde_json::from_slice(body).map_or_else(|_| Fault::default(), |refusal: Refusal| refusal.error);
    let code = fault.decline_code.clone().or(fault.code.clone()).unwrap_or_else(|| format!("http_{status}"));
    (fault, code)
}

/// What a refusal means whose reason is neither the request nor what it is about.
fn not_now(status: u16, code: &str) -> Option<GatewayAnswer> {
    match status {
        409 => Some(GatewayAnswer::Busy),
        429 => Some(GatewayAnswer::NotCharged { code: code.to_owned() }),
        500.. => Some(GatewayAnswer::Doubtful { code: format!("http_{status}") }),
        _ => None,
    }
}

fn shown(call: &Call, intent: &Intent) -> GatewayAnswer {
    match (call, intent.status.as_str()) {
        (Call::Create { .. }, _) | (_, "requires_confirmation") => GatewayAnswer::Open(IntentId::trusted(&intent.id)),
        (_, "succeeded") => GatewayAnswer::Charged,
        (_, "canceled") => GatewayAnswer::Canceled,
        // A refused intent waits for another way to pay, which never comes; so does one that wants the customer.
        (_, "requires_payment_method" | "requires_action") => {
            let error = intent.last_payment_error.as_ref();
            let code = error.and_then(|error| error.decline_code.clone().or(error.code.clone()));
            GatewayAnswer::Declined { code: code.unwrap_or_else(|| intent.status.clone()) }
        }
        (_, other) => GatewayAnswer::Silent { code: other.to_owned() },
    }
}

fn garbled() -> GatewayAnswer {
    GatewayAnswer::Doubtful { code: "garbled".to_owned() }
}
