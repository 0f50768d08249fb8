//! `GET /v1/orders/{id}/history`: every fact about an order, and what it did.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chassis::http::{Caller, Problem};
use jiff::Timestamp;
use serde::Serialize;

use super::{Shared, visible};
use crate::application::{AppliedFact, IgnoredEvent};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    order_id: String,
    correlation_id: String,
    facts: Vec<FactResponse>,
}

/// A fact. `times` counts how often the event changed nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FactResponse {
    at: Timestamp,
    event_type: String,
    source: String,
    event_id: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
}

/// 200 with the facts, the oldest first.
pub(super) async fn show(State(api): Shared, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let stored = visible(&api, &caller, &id).await?;
    let id = &stored.value.order.id;
    let ignored = api.orders.ignored_events(id).await?.into_iter().map(FactResponse::from);
    let (order_id, metadata) = (id.to_string(), stored.value.metadata);
    let mut facts: Vec<FactResponse> = metadata.history.into_iter().map(FactResponse::from).chain(ignored).collect();
    // A stable sort: facts of one write keep their sequence.
    facts.sort_by_key(|fact| fact.at);
    let history = History { order_id, correlation_id: metadata.correlation_id, facts };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(history)).into_response())
}

impl From<AppliedFact> for FactResponse {
    fn from(AppliedFact { event_id, event_type, source, at }: AppliedFact) -> Self {
        Self { at, event_type, source, event_id, outcome: "APPLIED", why: None, last_at: None, times: None }
    }
}

impl From<IgnoredEvent> for FactResponse {
    fn from(event: IgnoredEvent) -> Self {
        let IgnoredEvent { event_id, event_type, source, reason: why, first_at: at, last_at, times } = event;
        let outcome = if why.is_some() { "IGNORED" } else { "DUPLICATE" };
        Self { at, event_type, source, event_id, outcome, why, last_at: Some(last_at), times: Some(times) }
    }
}
