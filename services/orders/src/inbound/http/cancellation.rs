//! `POST /v1/orders/{id}/cancellation`.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem, parse};

use super::request::CancelBody;
use super::response::{cancel_reason, shown};
use super::{Shared, visible};

/// 200 with the order when nothing is left to come, 202 while stock or money is. The same again for an order that was
/// cancelled before, for whatever reason; 409 for one that is confirmed.
pub(super) async fn cancel(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let body: CancelBody = parse(&headers, &body)?;
    let stored = visible(&api, &caller, &id).await?;
    let command = body.command(&headers, &caller)?;
    let stored = api.orders.cancel(&stored.value.order.id, &command, &cause).await?;
    let (status, settled) = (stored.value.order.status().as_str(), stored.value.order.settled());
    tracing::info!(status, settled, by = cancel_reason(command.reason), "cancellation requested");
    Ok(shown(if settled { StatusCode::OK } else { StatusCode::ACCEPTED }, &stored, &caller))
}
