//! `POST /v1/orders/{id}/attention/{number}/resolution`.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem, SUPPORT, note, parse};

use super::problem::no_attention_entry;
use super::request::ResolutionBody;
use super::response::shown;
use super::{Shared, order_id};
use crate::domain::attention::Resolution;

/// 200 with the order; the first resolution of an entry remains.
pub(super) async fn resolve(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    let body: ResolutionBody = parse(&headers, &body)?;
    let number = number.parse().map_err(|_| no_attention_entry())?;
    let resolution = Resolution { at: cause.at, by: caller.subject.clone(), note: note("/note", &body.note)? };
    let stored = api.orders.resolve(&order_id(&id)?, number, &resolution, &cause).await?;
    tracing::info!(number, "attention entry resolved");
    Ok(shown(StatusCode::OK, &stored, &caller))
}
