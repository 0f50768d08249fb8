//! `GET /v1/orders`: whose orders, which of them, and where the next page begins.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use chassis::store::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::view::OrderView;
use super::{Api, SUPPORT, Shared, customer, visible_ascii};
use crate::domain::ids::CustomerId;
use crate::domain::status::Status;
use crate::outbound::{Page, Stored};

const DEFAULT_LIMIT: i32 = 20;
const MAX_LIMIT: i32 = 100;
/// How many pages of the table one request reads in search of a status, before it hands the cursor back.
const MAX_READS: u32 = 5;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Parameters {
    customer_id: Option<String>,
    status: Option<String>,
    overdue: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// Where a list stands. It names no customer: whose orders are listed follows from the request alone.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    from: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderList {
    orders: Vec<OrderView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Whose orders and which.
struct Question {
    customer: Option<CustomerId>,
    status: Option<Status>,
    limit: i32,
    from: Option<String>,
}

pub(super) async fn list(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters?;
    if let Some(wanted) = &parameters.overdue {
        return overdue(&api, &caller, &parameters, wanted, cause.at).await;
    }
    let question = question(&caller, &parameters)?;
    let (orders, next) = answer(&api, &question).await?;
    let view = |stored: &Stored| OrderView::of(stored, caller.is_in(SUPPORT));
    let next_cursor = next.map(|from| encode(&Cursor { from }));
    let link = next_cursor.as_ref().map(|cursor| link(&parameters, cursor));
    let mut response = Json(OrderList { orders: orders.iter().map(view).collect(), next_cursor }).into_response();
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, visible_ascii(link));
    }
    response
        .headers_mut()
        .insert(HeaderName::from_static("cache-control"), header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The orders that wait longer than they should, of all customers: for support, and in one page.
async fn overdue(
    api: &Api,
    caller: &Caller,
    parameters: &Parameters,
    wanted: &str,
    at: Timestamp,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    if wanted != "true" {
        return Err(Problem::malformed().at("overdue", "must be true, or absent"));
    }
    let Parameters { customer_id, status, limit, cursor, .. } = parameters;
    if [customer_id, status, limit, cursor].iter().any(|other| other.is_some()) {
        return Err(Problem::malformed().at("overdue", "stands alone: all such orders are in one answer"));
    }
    let orders = api.orders.overdue(at).await?;
    let orders = orders.iter().map(|stored| OrderView::of(stored, true)).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(OrderList { orders, next_cursor: None })).into_response())
}

fn question(caller: &Caller, parameters: &Parameters) -> Result<Question, Problem> {
    let asked = parameters.customer_id.as_deref();
    let asked =
        asked.map(|id| CustomerId::new(id).ok_or_else(|| Problem::malformed().at("customerId", CustomerId::RULE)));
    let own = customer(caller)?;
    let customer = match asked.transpose()? {
        any if caller.is_in(SUPPORT) => any,
        Some(other) if other != own => return Err(Problem::forbidden().at("customerId", "must be the caller's own")),
        Some(_) | None => Some(own),
    };
    let status = parameters.status.as_deref().map(|text| {
        let found = Status::ALL.into_iter().find(|status| status.as_str() == text);
        let rule = || format!("must be one of {}", Status::ALL.map(Status::as_str).join(", "));
        found.ok_or_else(|| Problem::malformed().at("status", rule()))
    });
    let limit = parameters.limit.as_deref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let limit = limit.ok_or_else(|| Problem::malformed().at("limit", format!("must be from 1 to {MAX_LIMIT}")))?;
    let from = parameters.cursor.as_deref().map(decode).transpose()?;
    Ok(Question { customer, status: status.transpose()?, limit, from })
}

async fn answer(api: &Api, question: &Question) -> Result<(Vec<Stored>, Option<String>), StoreError> {
    let (mut found, mut from) = (Vec::new(), question.from.clone());
    for _ in 0..MAX_READS {
        let wanted = question.limit - i32::try_from(found.len()).unwrap_or(question.limit);
        let Page { orders, next } = match &question.customer {
            Some(customer) => api.orders.of_customer(customer, from.as_deref(), wanted).await?,
            None => api.orders.of_everybody(from.as_deref(), wanted).await?,
        };
        found.extend(orders.into_iter().filter(|stored| question.status.is_none_or(|s| stored.order.status() == s)));
        from = next;
        if from.is_none() || i32::try_from(found.len()).is_ok_and(|count| count >= question.limit) {
            break;
        }
    }
    Ok((found, from))
}

fn link(parameters: &Parameters, cursor: &str) -> String {
    let given = [
        ("customerId", parameters.customer_id.as_deref()),
        ("status", parameters.status.as_deref()),
        ("limit", parameters.limit.as_deref()),
        ("cursor", Some(cursor)),
    ];
    let given = given.iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}")));
    format!("</v1/orders?{}>; rel=\"next\"", given.collect::<Vec<_>>().join("&"))
}

fn encode(cursor: &Cursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

fn decode(text: &str) -> Result<String, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
    let invalid = || Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer");
    cursor.map(|cursor| cursor.from).ok_or_else(invalid)
}
