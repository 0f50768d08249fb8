//! What the gateway's HTTP answers about refunds mean.

use serde::Deserialize;
use serde_json::Value;

use super::{Fault, Meaning, garbled, misconfigured, not_now, refused};
use crate::domain::gateway::GatewayAnswer;
use crate::domain::ids::RefundId;
use crate::outbound::gateway::Misconfigured;

/// A refund, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Shown {
    status: Option<String>,
    #[serde(default)]
    failure_reason: Option<String>,
}

/// Refunds of a charge. Others than payments make refunds too, so what is not ours may look as it likes.
#[derive(Debug, Deserialize)]
struct List {
    data: Vec<Value>,
    #[serde(default)]
    has_more: bool,
}

/// What the answer to a refund means. None: so much is not left of the charge, perhaps because this very refund
/// was carried out before, so the refunds have to be listed.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn refund_answer(status: u16, body: &[u8]) -> Result<Option<GatewayAnswer>, Misconfigured> {
    if (200..300).contains(&status) {
        return Ok(Some(serde_json::from_slice(body).map_or_else(|_| garbled(), meant)));
    }
    let (meaning, code) = refused(status, body);
    if let Some(answer) = not_now(meaning, status, code.clone()) {
        return Ok(Some(answer));
    }
    match meaning {
        _ if status == 400 && (code == "charge_already_refunded" || Fault::parse(body).is_about_the_amount()) => {
            Ok(None)
        }
        Meaning::Declined | Meaning::SoftDeclined | Meaning::OtherState => Ok(Some(GatewayAnswer::Declined { code })),
        Meaning::NotNow | Meaning::Busy | Meaning::Unknown | Meaning::Misconfigured => {
            Err(misconfigured(status, &code))
        }
    }
}

/// What a list of a charge's refunds means for one of them.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn refund_list_answer(refund: &RefundId, status: u16, body: &[u8]) -> Result<GatewayAnswer, Misconfigured> {
    if !(200..300).contains(&status) {
        let (meaning, code) = refused(status, body);
        return not_now(meaning, status, code.clone()).ok_or_else(|| misconfigured(status, &code));
    }
    let Ok(List { data, has_more }) = serde_json::from_slice(body) else { return Ok(garbled()) };
    let is_ours = |shown: &Value| shown.pointer("/metadata/refundId").and_then(Value::as_str) == Some(refund.as_str());
    let answers: Vec<GatewayAnswer> = data
        .into_iter()
        .filter(is_ours)
        .map(|shown| serde_json::from_value(shown).map_or_else(|_| garbled(), meant))
        .collect();
    // One that failed may have been followed by one that did not.
    let found = answers.iter().find(|answer| **answer == GatewayAnswer::Refunded).or_else(|| answers.first());
    Ok(match found {
        Some(answer) => answer.clone(),
        None if has_more => GatewayAnswer::Silent { code: "list_too_long".to_owned() },
        None => GatewayAnswer::NotRefunded,
    })
}

fn meant(shown: Shown) -> GatewayAnswer {
    let status = shown.status.unwrap_or_else(|| "no_status".to_owned());
    match status.as_str() {
        "succeeded" => GatewayAnswer::Refunded,
        "failed" | "canceled" => GatewayAnswer::Declined { code: shown.failure_reason.unwrap_or(status) },
        // On its way; whether it arrives has to be asked.
        _ => GatewayAnswer::Silent { code: status },
    }
}
