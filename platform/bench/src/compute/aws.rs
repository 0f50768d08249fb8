//! What plays AWS: DynamoDB, EventBridge, SQS and Secrets Manager, as far as the measured functions ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::tls::{self, TlsListener};

/// A fake AWS endpoint that serves until this process ends.
pub struct Aws {
    /// For AWS_ENDPOINT_URL.
    pub url: String,
    /// The certificate authority to trust.
    pub authority_pem: String,
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<BTreeMap<String, u64>>,
    order: Mutex<Option<Template>>,
}

/// An item as JSON text, with the id that every other item has another of.
struct Template {
    id: String,
    item: String,
}

impl Aws {
    /// Starts it, over TLS on a free port of loopback.
    pub fn start(runtime: &Handle) -> Result<Self> {
        let tls::Identity { authority_pem, server } = tls::identity()?;
        let state = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        let listener = runtime.block_on(TlsListener::bind(server))?;
        let url = format!("https://localhost:{}", listener.address().port());
        runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the AWS endpoint ended: {error}");
            }
        });
        Ok(Self { url, authority_pem, state })
    }

    /// The id of the order that was written first; every later read finds that order, under the id that it asks for.
    pub fn order(&self) -> Result<String> {
        let order = self.state.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.as_ref().map(|order| order.id.clone()).context("the api role wrote no order")
    }

    /// How many requests of each kind came since this was last asked.
    pub fn take_requests(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut *self.state.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn answer(
    State(state): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> ([(HeaderName, String); 3], String) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or("none");
    let operation = target.rsplit('.').next().unwrap_or(target).to_owned();
    let answer = match operation.as_str() {
        "GetItem" => item(&state, &body),
        "PutItem" => remember(&state, &body),
        "PutEvents" => published(&body),
        "GetSecretValue" => json!({ "Name": "bench", "SecretString": "sk_test_bench" }).to_string(),
        _ => "{}".to_owned(),
    };
    *state.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default() += 1;
    let header = HeaderName::from_static;
    let headers = [
        (header("content-type"), "application/x-amz-json-1.0".to_owned()),
        (header("x-amzn-requestid"), "KBBVHEMKKR0SQ8HVKDVTBR1D2BVV4KQNSO5AEMVJF66Q9ASUAAJG".to_owned()),
        (header("x-amz-crc32"), crc32fast::hash(answer.as_bytes()).to_string()),
    ];
    (headers, answer)
}

fn item(state: &Shared, body: &str) -> String {
    let order = state.order.lock().unwrap_or_else(PoisonError::into_inner);
    match (&*order, key(body, "Key")) {
        (Some(order), Some(id)) => format!(r#"{{"Item":{}}}"#, order.item.replace(&order.id, &id)),
        _ => "{}".to_owned(),
    }
}

fn remember(state: &Shared, body: &str) -> String {
    let mut order = state.order.lock().unwrap_or_else(PoisonError::into_inner);
    if order.is_none()
        && let Some(id) = key(body, "Item")
        && let Ok(request) = serde_json::from_str::<Value>(body)
    {
        *order = Some(Template { id, item: request["Item"].to_string() });
    }
    "{}".to_owned()
}

fn key(body: &str, part: &str) -> Option<String> {
    let request: Value = serde_json::from_str(body).ok()?;
    request[part]["pk"]["S"].as_str().map(str::to_owned)
}

fn published(body: &str) -> String {
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    let entries = request["Entries"].as_array().map_or(0, Vec::len);
    json!({ "FailedEntryCount": 0, "Entries": vec![json!({ "EventId": "1" }); entries] }).to_string()
}
