//! `POST /v1/payments/{id}/refunds`: staff return money, and the gateway is asked for it at once.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::clock;
use chassis::consumer::Classify;
use chassis::http::{Caller, Problem, idempotency_key, parse};
use serde::Deserialize;

use super::view::RefundAnswer;
use super::{Api, SUPPORT, Shared};
use crate::domain::decide::Heard;
use crate::domain::ids::RefundId;
use crate::domain::refund::{RefundRefused, RefundWish, want_refund};
use crate::inbound::own_cause;
use crate::settle::{Stored, Unsettled, settle};

const REPLAYED: &str = "idempotent-replayed";
const MAX_NOTE: usize = 500;

/// The body. The amount is in minor units of the payment's currency.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WantRefund {
    amount: i64,
    #[serde(default)]
    note: Option<String>,
}

pub(super) async fn refund(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    let key = idempotency_key(&headers)?;
    let WantRefund { amount, note } = parse(&headers, &body)?;
    let note = note.map(fit_note).transpose()?;
    let read = api.named(&id).await?;
    let refund = RefundId::derive(&read.payment.id, &caller.subject, key);
    // A negative amount is refused as nothing is.
    let wish = RefundWish { refund, amount: u64::try_from(amount).unwrap_or_default(), note };
    want_refund(&read.payment, &wish, cause.at).map_err(refused)?;
    let replayed = read.payment.refund(&wish.refund).is_some();
    let stored = api.carry_out(read, &wish, &cause).await?;
    // Others may have been granted what was still left a moment ago.
    want_refund(&stored.payment, &wish, cause.at).map_err(refused)?;
    let answer = RefundAnswer::of(&stored, &wish.refund).ok_or_else(Problem::unavailable)?;
    let status = if answer.is_done() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let mut response = (status, Json(answer)).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

impl Api {
    /// Writes the wish down and asks the gateway. What the gateway does not do now, the sweep goes on with.
    async fn carry_out(&self, read: Stored, wish: &RefundWish, request: &Cause) -> Result<Stored, Problem> {
        let cause = own_cause(&read, request.traceparent.clone(), request.at);
        let (order, heard) = (read.payment.order.clone(), Heard::Wanted(wish.clone()));
        match settle(&self.payments, &self.gateway, clock::now, &self.rules, read, heard, &cause).await {
            Ok(stored) => {
                tracing::info!(refund_id = %wish.refund, amount = wish.amount, owed = stored.payment.owed(), "refund wanted");
                Ok(stored)
            }
            Err(Unsettled::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!(error_class = error.class(), %error, refund_id = %wish.refund, "the refund is not through yet");
                Ok(self.payments.get(&order).await?.ok_or_else(Problem::unavailable)?)
            }
        }
    }
}

fn fit_note(note: String) -> Result<String, Problem> {
    let fits = note.chars().count() <= MAX_NOTE && !note.chars().any(char::is_control);
    let rule = || format!("must have at most {MAX_NOTE} characters and no control characters");
    if fits { Ok(note) } else { Err(Problem::invalid().at("/note", rule())) }
}

fn refused(why: RefundRefused) -> Problem {
    let rule = why.to_string();
    match why {
        RefundRefused::NotCharged | RefundRefused::TooMany => Problem::conflict().because(rule),
        RefundRefused::Nothing | RefundRefused::Exceeds { .. } => Problem::invalid().at("/amount", rule),
        RefundRefused::OtherWish => Problem::idempotency_key_reused()
            .at("Idempotency-Key", "stands for another body; use a new key for a new refund"),
    }
}
