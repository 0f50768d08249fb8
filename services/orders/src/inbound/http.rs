//! The API: requests become wishes and questions, orders become answers.

mod cancellation;
mod history;
mod list;
mod staff;
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
use crate::outbound::{Placed, Refused, Store, Stored};
use view::OrderView;

/// The group whose members see every order.
pub const SUPPORT: &str = "support";
/// The group whose members may repair.
pub const OPERATOR: &str = "operator";
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
        .route("/v1/orders/{id}/history", get(history::show))
        .route("/v1/orders/{id}/cancellation", post(cancellation::cancel))
        .route("/v1/orders/{id}/announcement", post(staff::announce))
        .route("/v1/orders/{id}/attention/{number}/resolution", post(staff::resolve))
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
    let key = IdempotencyKey::trusted(chassis::http::idempotency_key(&headers)?);
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
    let stored = visible(&api, &caller, &id).await?;
    let tag = etag(&stored);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| *seen == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(shown(StatusCode::OK, &stored, &caller))
}

/// The order of this id, if the caller may see it. Somebody else's order answers as if it did not exist, so that ids
/// cannot be probed.
async fn visible(api: &Api, caller: &Caller, id: &str) -> Result<Stored, Problem> {
    let stored = api.orders.get(&named(id)?).await?;
    let visible = |stored: &Stored| caller.is_in(SUPPORT) || stored.order.customer.as_str() == caller.subject;
    stored.filter(visible).ok_or_else(unknown)
}

fn named(id: &str) -> Result<OrderId, Problem> {
    let id = OrderId::new(id).ok_or_else(unknown)?;
    Span::current().record("order_id", id.as_str());
    Ok(id)
}

fn unknown() -> Problem {
    Problem::not_found().because("there is no such order")
}

fn shown(status: StatusCode, stored: &Stored, caller: &Caller) -> Response {
    (status, [(header::ETAG, etag(stored))], Json(OrderView::of(stored, caller.is_in(SUPPORT)))).into_response()
}

/// Why an order was not changed, as its answer.
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => unknown(),
            Refused::NoFlag => Self::not_found().because("the order has no flag of this number"),
            Refused::Changed => Self::precondition_failed().at("If-Match", "is not the order's ETag any more"),
            Refused::TooLate(too_late) => Self::conflict().because(too_late.to_string()),
            Refused::Store(error) => error.into(),
        }
    }
}

/// Words of staff or of a customer: 1 to 500 characters, none of them a control character.
fn remark(text: &str) -> Result<String, Problem> {
    let fits = (1..=500).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let refused = || Problem::invalid().at("/note", "must be 1 to 500 characters, none of them a control character");
    fits.then(|| text.to_owned()).ok_or_else(refused)
}

fn accepted(stored: &Stored, before: bool) -> Response {
    let location = format!("/v1/orders/{}", stored.order.id);
    let headers = [(header::ETAG, etag(stored)), (header::LOCATION, visible_ascii(location))];
    let mut response = (StatusCode::CREATED, headers, Json(OrderView::of(stored, false))).into_response();
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
