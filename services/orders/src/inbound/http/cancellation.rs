//! `POST /v1/orders/{id}/cancellation`.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use serde::Deserialize;

use super::{SUPPORT, Shared, remark, shown, visible};
use crate::domain::facets::CancelReason;
use crate::outbound::Cancellation;

/// The body. The note stays with the order, for support alone: it is in no event and no log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    reason: String,
    #[serde(default)]
    note: Option<String>,
}

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
    let request: Request = chassis::http::parse(&headers, &body)?;
    let stored = visible(&api, &caller, &id).await?;
    let reason = reason(&request.reason, &caller)?;
    let note = request.note.as_deref().map(remark).transpose()?;
    let seen = headers.get(header::IF_MATCH).map(|tag| seen(tag.to_str().unwrap_or_default())).transpose()?.flatten();
    let wish = Cancellation { reason, note, seen };
    let stored = api.orders.cancel(&stored.order.id, &wish, cause.at).await?;
    let settled = stored.order.settled();
    tracing::info!(status = stored.order.status().as_str(), settled, by = request.reason, "cancellation asked for");
    Ok(shown(if settled { StatusCode::OK } else { StatusCode::ACCEPTED }, &stored, &caller))
}

fn reason(text: &str, caller: &Caller) -> Result<CancelReason, Problem> {
    match text {
        "CUSTOMER" => Ok(CancelReason::Customer),
        "STAFF" if caller.is_in(SUPPORT) => Ok(CancelReason::Staff),
        "STAFF" => {
            Err(Problem::forbidden().at("/reason", "must be CUSTOMER, unless the caller is in the group support"))
        }
        _ => Err(Problem::invalid().at("/reason", "must be CUSTOMER or STAFF")),
    }
}

/// The version that an entity tag names; none for `*`, which any version matches.
fn seen(tag: &str) -> Result<Option<u64>, Problem> {
    if tag == "*" {
        return Ok(None);
    }
    let version = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
    version.map(Some).ok_or_else(|| Problem::precondition_failed().at("If-Match", "must be an ETag of the order, or *"))
}
