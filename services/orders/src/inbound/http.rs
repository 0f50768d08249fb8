//! The API: requests become wishes and questions, orders become answers.

mod list;
mod view;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, routing::get};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chassis::cause::Cause;
use chassis::http::{Caller, MAX_BODY, Problem};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::Span;

use crate::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use crate::domain::placement::{self, Violation, Wish, WishedLine};
use crate::outbound::{Placed, Store, Stored};
use view::OrderView;

/// The group whose members see every order.
pub const SUPPORT: &str = "support";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotent-replayed";

struct Api {
    orders: Store,
    pay_within: SignedDuration,
}

type Shared = State<Arc<Api>>;

/// The service's routes.
pub fn routes(orders: Store, pay_within: SignedDuration) -> Router {
    Router::new()
        .route("/v1/orders", post(place).get(list::list))
        .route("/v1/orders/{id}", get(show))
        .layer(axum::extract::DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(Api { orders, pay_within }))
}

/// The body of `POST /v1/orders`. Amounts are minor units of `currency`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlaceOrder {
    lines: Vec<PlaceLine>,
    currency: String,
    payment_method: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlaceLine {
    sku: String,
    quantity: i64,
    unit_price: i64,
}

async fn place(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let request: PlaceOrder = chassis::http::parse(&headers, &body)?;
    let customer = customer(&caller)?;
    let id = OrderId::derive(&customer, &key);
    Span::current().record("order_id", id.as_str());
    let fingerprint = fingerprint(&request);
    let order = placement::place(&request.into(), id, customer, cause.at, api.pay_within).map_err(refused)?;
    match api.orders.place(order, fingerprint, &cause).await? {
        Placed::New(stored) => {
            tracing::info!(status = "PENDING", lines = stored.order.lines.len(), "order accepted");
            Ok(accepted(&stored, false))
        }
        Placed::Before(stored) => Ok(accepted(&stored, true)),
        Placed::KeyReused => Err(Problem::idempotency_key_reused()
            .at("Idempotency-Key", "stands for another body; use a new key for a new order")),
    }
}

async fn show(
    State(api): Shared,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found().because("there is no such order");
    let id = OrderId::new(&id).ok_or_else(unknown)?;
    Span::current().record("order_id", id.as_str());
    let stored = api.orders.get(&id).await?;
    // Somebody else's order answers as if it did not exist, so that ids cannot be probed.
    let visible = |stored: &Stored| caller.is_in(SUPPORT) || stored.order.customer.as_str() == caller.subject;
    let stored = stored.filter(visible).ok_or_else(unknown)?;
    let tag = etag(&stored);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| *seen == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(([(header::ETAG, tag)], Json(OrderView::from(&stored))).into_response())
}

fn accepted(stored: &Stored, before: bool) -> Response {
    let location = format!("/v1/orders/{}", stored.order.id);
    let headers = [(header::ETAG, etag(stored)), (header::LOCATION, visible_ascii(location))];
    let mut response = (StatusCode::CREATED, headers, Json(OrderView::from(stored))).into_response();
    if before {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn etag(stored: &Stored) -> HeaderValue {
    visible_ascii(format!("\"{}\"", stored.version))
}

/// A header value made of ids and numbers alone.
fn visible_ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn idempotency_key(headers: &HeaderMap) -> Result<IdempotencyKey, Problem> {
    let missing = || Problem::malformed().at("Idempotency-Key", "is required");
    let text = headers.get(IDEMPOTENCY_KEY).ok_or_else(missing)?.to_str().unwrap_or_default();
    IdempotencyKey::new(text).ok_or_else(|| Problem::malformed().at("Idempotency-Key", IdempotencyKey::RULE))
}

fn customer(caller: &Caller) -> Result<CustomerId, Problem> {
    let unfit = || Problem::unauthenticated().because(format!("the token's subject {}", CustomerId::RULE));
    CustomerId::new(&caller.subject).ok_or_else(unfit)
}

/// Two bodies that say the same have the same fingerprint, however they are spaced.
fn fingerprint(request: &PlaceOrder) -> String {
    let canonical = serde_json::to_vec(request).unwrap_or_default();
    BASE64_STANDARD_NO_PAD.encode(Sha256::digest(canonical))
}

fn refused(broken: Vec<Violation>) -> Problem {
    broken.into_iter().fold(Problem::invalid(), |problem, violation| problem.at(violation.pointer, violation.rule))
}

impl From<PlaceOrder> for Wish {
    fn from(request: PlaceOrder) -> Self {
        let line = |line: PlaceLine| WishedLine { sku: line.sku, quantity: line.quantity, unit_price: line.unit_price };
        Self {
            lines: request.lines.into_iter().map(line).collect(),
            currency: request.currency,
            payment_method: request.payment_method,
        }
    }
}
