//! `GET /v1/payments`: the payment of one order, or for staff all of them.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chassis::http::{Caller, Problem};
use serde::{Deserialize, Serialize};
use tracing::Span;

use super::view::PaymentView;
use super::{OPERATOR, SUPPORT, Shared};
use crate::domain::ids::OrderId;
use crate::settle::Stored;

const DEFAULT_LIMIT: i32 = 20;
const MAX_LIMIT: i32 = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Parameters {
    order_id: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentList {
    payments: Vec<PaymentView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) async fn list(
    State(api): Shared,
    caller: Caller,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters?;
    let Some(order) = &parameters.order_id else {
        if !caller.is_in(SUPPORT) && !caller.is_in(OPERATOR) {
            return Err(Problem::malformed().at("orderId", "is required"));
        }
        let (limit, after) = page(&parameters)?;
        let (payments, last) = api.payments.page(after.as_ref(), limit).await?;
        return Ok(answer(&caller, &payments, limit, last.as_ref()));
    };
    let order = OrderId::new(order).ok_or_else(|| Problem::malformed().at("orderId", OrderId::RULE))?;
    Span::current().record("order_id", order.as_str());
    let stored = api.payments.get(&order).await?;
    // Somebody else's order answers as if it did not exist, so that ids cannot be probed.
    let stored = stored.filter(|stored| is_visible(&caller, stored));
    let stored = stored.ok_or_else(|| Problem::not_found().because("there is no payment for such an order"))?;
    Ok(answer(&caller, &[stored], DEFAULT_LIMIT, None))
}

fn page(parameters: &Parameters) -> Result<(i32, Option<OrderId>), Problem> {
    let limit = parameters.limit.as_deref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let limit = limit.ok_or_else(|| Problem::malformed().at("limit", format!("must be from 1 to {MAX_LIMIT}")))?;
    let after = parameters.cursor.as_deref().map(|cursor| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        let order = bytes.and_then(|bytes| OrderId::new(std::str::from_utf8(&bytes).ok()?));
        order.ok_or_else(|| Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"))
    });
    Ok((limit, after.transpose()?))
}

fn answer(caller: &Caller, payments: &[Stored], limit: i32, last: Option<&OrderId>) -> Response {
    let payments = payments.iter().map(|stored| PaymentView::new(stored, caller.is_in(SUPPORT))).collect();
    let next_cursor = last.map(|order| BASE64_URL_SAFE_NO_PAD.encode(order.as_str()));
    let link = next_cursor.as_ref().map(|cursor| format!("</v1/payments?limit={limit}&cursor={cursor}>; rel=\"next\""));
    let mut response = Json(PaymentList { payments, next_cursor }).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_visible(caller: &Caller, stored: &Stored) -> bool {
    let customer = stored.payment.terms.as_ref().map(|terms| terms.customer.as_str());
    caller.is_in(SUPPORT) || caller.is_in(OPERATOR) || customer == Some(caller.subject.as_str())
}
