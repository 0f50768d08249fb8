//! What staff can do about an order: say again how it stands, and take note of a flag.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use serde::Deserialize;

use super::{OPERATOR, SUPPORT, Shared, named, remark, shown};
use crate::domain::attention::Resolved;

/// `POST /v1/orders/{id}/announcement`: 202, and the order's events of how it stands are on their way.
pub(super) async fn announce(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let stored = api.orders.announce(&named(&id)?, cause.at).await?;
    tracing::info!(status = stored.order.status().as_str(), "order announced");
    Ok(shown(StatusCode::ACCEPTED, &stored, &caller))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolution {
    note: String,
}

/// `POST /v1/orders/{id}/attention/{number}/resolution`: 200 with the order; the first resolution stands.
pub(super) async fn resolve(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    let Resolution { note } = chassis::http::parse(&headers, &body)?;
    let number = number.parse().map_err(|_| Problem::not_found().because("flags have numbers"))?;
    let resolved = Resolved { at: cause.at, by: caller.subject.clone(), note: remark(&note)? };
    let stored = api.orders.resolve(&named(&id)?, number, &resolved).await?;
    tracing::info!(flag = number, "flag resolved");
    Ok(shown(StatusCode::OK, &stored, &caller))
}
