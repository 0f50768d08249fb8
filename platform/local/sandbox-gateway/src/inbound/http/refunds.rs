//! Stripe's `/v1/refunds`.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chassis::clock;
use serde_json::{Value, json};

use super::{id, key};
use crate::application::Gateway;
use crate::domain::intent::Refund;
use crate::domain::refund::RefundRequest;
use crate::inbound::answer::{Fault, refund_body, refunded};
use crate::inbound::form::Form;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 100;

pub(super) async fn create(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    let form = Form::parse(&body)?;
    let of = form.intent()?;
    let request = RefundRequest {
        amount: form.refund_amount()?,
        refund: Refund {
            id: id("re_", key(&headers)),
            amount: 0,
            metadata: form.metadata(),
            idempotency_key: key(&headers).map(ToOwned::to_owned),
            request: form.0.clone(),
            created: clock::now(),
        },
    };
    let answered = gateway.refund(of, &request).await?;
    let (intent, answer) = answered.ok_or_else(|| Fault::missing("payment_intent", "payment_intent", of))?;
    refunded(&intent, answer)
}

/// The newest first, as Stripe lists them.
pub(super) async fn list(
    State(gateway): State<Gateway>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<Value>, Fault> {
    let missing = || {
        let message = "Missing required param: payment_intent.".to_owned();
        Fault::parameter("parameter_missing", "payment_intent", message)
    };
    let of = query.get("payment_intent").ok_or_else(missing)?;
    let intent = gateway.store.get(of).await?;
    let intent = intent.ok_or_else(|| Fault::missing("payment_intent", "payment_intent", of))?.value;
    let limit = query.get("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let newest: Vec<&Refund> = match query.get("starting_after") {
        Some(last) => intent.refunds.iter().rev().skip_while(|refund| refund.id != *last).skip(1).collect(),
        None => intent.refunds.iter().rev().collect(),
    };
    let data: Vec<Value> = newest.iter().take(limit).map(|refund| refund_body(&intent, refund)).collect();
    Ok(Json(json!({ "object": "list", "url": "/v1/refunds", "has_more": newest.len() > limit, "data": data })))
}
