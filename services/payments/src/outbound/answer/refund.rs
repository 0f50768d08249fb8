//! What the gateway's HTTP answers about refunds mean.

use serde::Deserialize;

use super::{garbled, not_now, refused};
use crate::domain::gateway::Word;
use crate::domain::ids::RefundId;
use crate::settle::Misconfigured;

/// A refund, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Shown {
    status: String,
    #[serde(default)]
    failure_reason: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    refund_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    data: Vec<Shown>,
    #[serde(default)]
    has_more: bool,
}

/// What an answer to a wish to refund means. None: so much is not left of the charge, perhaps because this very refund
/// was carried out before, so the refunds have to be listed.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn refund_sent(status: u16, body: &[u8]) -> Result<Option<Word>, Misconfigured> {
    if (200..300).contains(&status) {
        return Ok(Some(serde_json::from_slice(body).map_or_else(|_| garbled(), |shown| meant(&shown))));
    }
    let (fault, code) = refused(status, body);
    if let Some(word) = not_now(status, &code) {
        return Ok(Some(word));
    }
    let request = fault.r#type.as_deref() == Some("idempotency_error") || code.starts_with("parameter_");
    match status {
        400 if code == "charge_already_refunded" || fault.param.as_deref() == Some("amount") => Ok(None),
        400 | 402 if !request => Ok(Some(Word::Declined { code })),
        _ => Err(Misconfigured { code: format!("http_{status} {code}") }),
    }
}

/// What a list of a charge's refunds says about one of them.
///
/// # Errors
/// [`Misconfigured`]: the gateway does not take our requests.
pub fn refund_listed(refund: &RefundId, status: u16, body: &[u8]) -> Result<Word, Misconfigured> {
    if !(200..300).contains(&status) {
        let (_, code) = refused(status, body);
        return not_now(status, &code).ok_or_else(|| Misconfigured { code: format!("http_{status} {code}") });
    }
    let Ok(List { data, has_more }) = serde_json::from_slice(body) else { return Ok(garbled()) };
    let ours = |shown: &Shown| shown.metadata.refund_id.as_deref() == Some(refund.as_str());
    let words: Vec<Word> = data.iter().filter(|shown| ours(shown)).map(meant).collect();
    // One that failed may have been followed by one that did not.
    let found = words.iter().find(|word| **word == Word::Refunded).or_else(|| words.first());
    Ok(match found {
        Some(word) => word.clone(),
        None if has_more => Word::Silent { code: "list_too_long".to_owned() },
        None => Word::NotRefunded,
    })
}

fn meant(shown: &Shown) -> Word {
    match shown.status.as_str() {
        "succeeded" => Word::Refunded,
        "failed" | "canceled" => {
            Word::Declined { code: shown.failure_reason.clone().unwrap_or_else(|| shown.status.clone()) }
        }
        // On its way; whether it arrives has to be asked.
        other => Word::Silent { code: other.to_owned() },
    }
}
