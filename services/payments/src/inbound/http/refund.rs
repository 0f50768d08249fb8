//! `POST /v1/payments/{id}/refunds`: staff return money.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, Problem, SUPPORT, idempotency_key, note, parse, replayed};
use serde::Deserialize;

use super::response::RefundResponse;
use super::{Shared, find};
use crate::application::refund::{RefundError, refund as request_refund};
use crate::domain::ids::RefundId;
use crate::domain::request::{RefundRefused, RefundRequest};

/// The body. The amount is in minor units of the payment's currency.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    amount: i64,
    #[serde(default)]
    note: Option<String>,
}

pub(super) async fn refund(
    State(service): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    let key = idempotency_key(&headers)?;
    let Body { amount, note: text } = parse(&headers, &body)?;
    let note = text.as_deref().map(|text| note("/note", text)).transpose()?;
    let read = find(&service, &id).await?;
    let refund = RefundId::derive(&read.value.payment.id, &caller.subject, key);
    // A negative amount is refused as zero is.
    let request = RefundRequest { refund, amount: u64::try_from(amount).unwrap_or_default(), note };
    let granted = request_refund(&service, read, &request, &cause).await.map_err(|error| problem(error, amount))?;
    let status = if granted.refund.is_done() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let answer = (status, Json(RefundResponse::new(&granted)));
    Ok(if granted.replayed { replayed(answer) } else { answer.into_response() })
}

fn problem(error: RefundError, amount: i64) -> Problem {
    match error {
        RefundError::Refused(why) => refused(why, amount),
        RefundError::NotWritten => Problem::unavailable(),
        RefundError::Store(error) => error.into(),
    }
}

fn refused(why: RefundRefused, amount: i64) -> Problem {
    let rule = why.to_string();
    match why {
        RefundRefused::NotCharged | RefundRefused::TooMany | RefundRefused::NotConfirmed { .. } => {
            Problem::conflict().because(rule)
        }
        RefundRefused::Nothing | RefundRefused::Exceeds { .. } => {
            Problem::invalid().at("/amount", format!("{rule} (was {amount})"))
        }
        RefundRefused::OtherRequest => Problem::idempotency_key_reused()
            .at("Idempotency-Key", "was used with another body; use a new key for a new refund"),
    }
}
