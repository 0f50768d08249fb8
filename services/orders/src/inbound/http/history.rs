//! `GET /v1/orders/{id}/history`: every fact about an order, and what it did.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chassis::http::{Caller, Problem};
use jiff::Timestamp;
use serde::Serialize;

use super::{Shared, visible};
use crate::outbound::{FactRecord, Note};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    order_id: String,
    correlation_id: String,
    facts: Vec<FactView>,
}

/// A fact. `times` counts how often the event came without changing anything.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FactView {
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

pub(super) async fn show(State(api): Shared, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let stored = visible(&api, &caller, &id).await?;
    let notes = api.orders.noted(&stored.order.id).await?;
    let applied = stored.beside.history.into_iter().map(FactView::from);
    let mut facts: Vec<FactView> = applied.chain(notes.into_iter().map(FactView::from)).collect();
    // Stable: what was written together stays in its order.
    facts.sort_by_key(|fact| fact.at);
    let (order_id, correlation_id) = (stored.order.id.to_string(), stored.beside.correlation_id);
    let history = History { order_id, correlation_id, facts };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(history)).into_response())
}

impl From<FactRecord> for FactView {
    fn from(FactRecord { event_id, event_type, source, at }: FactRecord) -> Self {
        Self { at, event_type, source, event_id, outcome: "APPLIED", why: None, last_at: None, times: None }
    }
}

impl From<Note> for FactView {
    fn from(note: Note) -> Self {
        let outcome = if note.why.is_some() { "IGNORED" } else { "DUPLICATE" };
        let Note { event_id, event_type, source, why, first_at, last_at, times } = note;
        let (last_at, times) = (Some(last_at), Some(times));
        Self { at: first_at, event_type, source, event_id, outcome, why, last_at, times }
    }
}
