//! The API: a request becomes a command, and the order after it an answer.

mod announcement;
mod attention;
mod cancellation;
mod history;
mod list;
mod problem;
mod request;
mod response;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chassis::cause::Cause;
use chassis::http::{Caller, MAX_BODY, Problem, SUPPORT, replayed};
use chassis::telemetry;
use jiff::SignedDuration;

use self::response::{accepted, etag, shown};
use crate::application::{Orders, PlaceOutcome, StoredOrder};
use crate::domain::ids::OrderId;

struct Api {
    orders: Orders,
    pay_within: SignedDuration,
}

type Shared = State<Arc<Api>>;

/// The service's routes. An order may stay open for `pay_within`.
pub fn routes(orders: Orders, pay_within: SignedDuration) -> Router {
    Router::new()
        .route("/v1/orders", post(place).get(list::list))
        .route("/v1/orders/{id}", get(show))
        .route("/v1/orders/{id}/history", get(history::show))
        .route("/v1/orders/{id}/cancellation", post(cancellation::cancel))
        .route("/v1/orders/{id}/announcement", post(announcement::announce))
        .route("/v1/orders/{id}/attention/{number}/resolution", post(attention::resolve))
        .layer(DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(Api { orders, pay_within }))
}

/// `POST /v1/orders`: 201 with the order, also for a repeated request.
async fn place(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let command = request::place(&headers, &body, &caller, api.pay_within)?;
    telemetry::about(command.id.as_str());
    match api.orders.place(command, &cause).await? {
        PlaceOutcome::New(stored) => {
            tracing::info!(status = "PENDING", lines = stored.value.order.lines.len(), "order accepted");
            Ok(accepted(&stored))
        }
        PlaceOutcome::Replayed(stored) => Ok(replayed(accepted(&stored))),
    }
}

/// `GET /v1/orders/{id}`: 200 with the order, or 304.
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

/// The order of this id, if the caller may see it. Another customer's order answers as if it did not exist, so that ids
/// cannot be probed.
async fn visible(api: &Api, caller: &Caller, id: &str) -> Result<StoredOrder, Problem> {
    let stored = api.orders.get(&order_id(id)?).await?;
    let visible =
        |stored: &StoredOrder| caller.is_in(SUPPORT) || stored.value.order.customer.as_str() == caller.subject;
    stored.filter(visible).ok_or_else(problem::not_found)
}

/// The id that a path names; what does not have its shape cannot exist.
fn order_id(text: &str) -> Result<OrderId, Problem> {
    let id = OrderId::new(text).ok_or_else(problem::not_found)?;
    telemetry::about(id.as_str());
    Ok(id)
}
