//! Stripe's paths, and the ledger's.

mod ledger;
mod refunds;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chassis::clock;
use uuid::Uuid;

use super::answer::{self, Fault};
use super::form::Form;
use crate::application::Gateway;
use crate::domain::intent::{self, Intent};

/// Namespace from which the ids of what has a key are derived.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7069_5e74_8000_7061_796d_6501);

/// The gateway's routes; each needs a key.
pub fn routes(gateway: Gateway) -> Router {
    Router::new()
        .route("/v1/payment_intents", post(create))
        .route("/v1/payment_intents/{id}", get(retrieve))
        .route("/v1/payment_intents/{id}/confirm", post(confirm))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/v1/refunds", post(refunds::create).get(refunds::list))
        .route("/sandbox/ledger", get(ledger::ledger))
        .route_layer(middleware::from_fn(with_key))
        .with_state(gateway)
}

/// Any key is accepted: the sandbox holds nothing to steal.
async fn with_key(request: Request, next: Next) -> Response {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = value.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    if key.is_some_and(|key| !key.is_empty()) { next.run(request).await } else { Fault::no_key().into_response() }
}

async fn create(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    let form = Form::parse(&body)?;
    let created = gateway.create(requested(&form, key(&headers))?, form.to_confirm()).await?;
    let (intent, answer) = created.ok_or_else(Fault::key_reused)?;
    answer::confirmed(intent, answer)
}

fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("idempotency-key").and_then(|value| value.to_str().ok()).filter(|key| !key.is_empty())
}

/// The same key leads to the same id.
fn id(prefix: &str, key: Option<&str>) -> String {
    let drawn = || clock::new_id("").replace('-', "");
    let derived = |key: &str| Uuid::new_v5(&NAMESPACE, key.as_bytes()).simple().to_string();
    format!("{prefix}{}", key.map_or_else(drawn, derived))
}

fn requested(form: &Form, key: Option<&str>) -> Result<Intent, Fault> {
    let method = form.method()?;
    Ok(Intent {
        id: id("pi_", key),
        amount: form.amount()?,
        currency: form.currency()?,
        method: method.map(ToOwned::to_owned),
        metadata: form.metadata(),
        idempotency_key: key.map(ToOwned::to_owned),
        request: form.0.clone(),
        created: clock::now(),
        state: intent::State::first(method),
        confirms: 0,
        refunds: Vec::new(),
        refund_calls: 0,
    })
}

async fn retrieve(State(gateway): State<Gateway>, Path(id): Path<String>) -> Result<Response, Fault> {
    let intent = gateway.store.get(&id).await?.ok_or_else(|| Fault::no_intent(&id))?;
    Ok(Json(answer::body(&intent.value)).into_response())
}

async fn confirm(State(gateway): State<Gateway>, Path(id): Path<String>, body: Bytes) -> Result<Response, Fault> {
    let form = Form::parse(&body)?;
    let confirmed = gateway.confirm(&id, form.method()?, clock::now()).await?;
    let (intent, answer) = confirmed.ok_or_else(|| Fault::no_intent(&id))?;
    answer::confirmed(intent, answer)
}

async fn cancel(State(gateway): State<Gateway>, Path(id): Path<String>) -> Result<Response, Fault> {
    let (intent, canceled) = gateway.cancel(&id).await?.ok_or_else(|| Fault::no_intent(&id))?;
    if canceled {
        Ok(Json(answer::body(&intent)).into_response())
    } else {
        Err(Fault::unexpected_state(intent, "cancel"))
    }
}
