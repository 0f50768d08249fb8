//! The stock API.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chassis::cause::Cause;
use chassis::http::{Caller, MAX_BODY, Problem};
use serde::{Deserialize, Serialize};

use crate::domain::ids::{AdjustmentId, Sku};
use crate::outbound::{Adjusted, Adjustment, Stocked, Store, Wish};

/// The group whose members change stock.
pub const OPERATOR: &str = "operator";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const MAX_DELTA: i64 = 1_000_000;
const MAX_REASON: usize = 200;
const DEFAULT_LIMIT: i32 = 50;
const MAX_LIMIT: i32 = 100;

type Shared = State<Arc<Store>>;

/// The service's routes.
pub fn routes(inventory: Store) -> Router {
    Router::new()
        .route("/v1/stock", get(list))
        .route("/v1/stock/{sku}", get(show))
        .route("/v1/stock/{sku}/adjustments", post(adjust))
        .layer(axum::extract::DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(inventory))
}

/// Stock of one sku as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StockView {
    sku: String,
    on_hand: u64,
    reserved: u64,
    available: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StockList {
    stock: Vec<StockView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The body of an adjustment: pieces added, or taken if negative, and why.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Adjust {
    delta: i64,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AdjustmentView {
    adjustment_id: String,
    delta: i64,
    #[serde(flatten)]
    stock: StockView,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    limit: Option<String>,
    cursor: Option<String>,
}

async fn list(
    State(inventory): Shared,
    _: Caller,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters?;
    let limit = parameters.limit.as_deref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let limit = limit.ok_or_else(|| Problem::malformed().at("limit", format!("must be from 1 to {MAX_LIMIT}")))?;
    let after = parameters.cursor.as_deref().map(decode).transpose()?;
    let (stock, next) = inventory.all(after.as_ref(), limit).await?;
    let next_cursor = next.map(|sku| BASE64_URL_SAFE_NO_PAD.encode(sku.as_str()));
    let link = next_cursor.as_ref().map(|cursor| format!("</v1/stock?limit={limit}&cursor={cursor}>; rel=\"next\""));
    let mut response =
        Json(StockList { stock: stock.iter().map(StockView::from).collect(), next_cursor }).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

async fn show(State(inventory): Shared, _: Caller, Path(sku): Path<String>) -> Result<Response, Problem> {
    let unknown = || Problem::not_found().because("this sku was never stocked");
    let sku = Sku::new(&sku).ok_or_else(unknown)?;
    let stocked = inventory.level(&sku).await?.ok_or_else(unknown)?;
    Ok(Json(StockView::from(&stocked)).into_response())
}

async fn adjust(
    State(inventory): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(sku): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let id = AdjustmentId::derive(&caller.subject, idempotency_key(&headers)?);
    let request: Adjust = chassis::http::parse(&headers, &body)?;
    let sku = Sku::new(&sku).ok_or_else(|| Problem::invalid().at("sku", Sku::RULE))?;
    if request.delta == 0 || request.delta.unsigned_abs() > MAX_DELTA.unsigned_abs() {
        return Err(Problem::invalid().at("/delta", format!("must be from -{MAX_DELTA} to {MAX_DELTA}, and not 0")));
    }
    let fits =
        |reason: &String| (1..=MAX_REASON).contains(&reason.chars().count()) && !reason.contains(char::is_control);
    if !request.reason.as_ref().is_none_or(fits) {
        return Err(
            Problem::invalid().at("/reason", format!("must have 1 to {MAX_REASON} characters, none of control"))
        );
    }
    let delta = request.delta;
    let wish = Wish { id, operator: caller.subject, sku, delta, reason: request.reason };
    let adjusted = inventory.adjust(&wish, &cause).await;
    match adjusted? {
        Adjusted::New(adjustment) => {
            tracing::info!(sku = wish.sku.as_str(), delta, "stock adjusted");
            Ok((StatusCode::CREATED, Json(AdjustmentView::from(&adjustment))).into_response())
        }
        Adjusted::Before(adjustment) => {
            let replayed = [("idempotent-replayed", "true")];
            Ok((StatusCode::CREATED, replayed, Json(AdjustmentView::from(&adjustment))).into_response())
        }
        Adjusted::KeyReused => Err(Problem::idempotency_key_reused()
            .at("Idempotency-Key", "stands for another adjustment; use a new key for a new one")),
        Adjusted::Refused(refused) => Err(Problem::conflict().at("/delta", refused.to_string())),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || Problem::malformed().at("Idempotency-Key", "is required");
    let key = headers.get(IDEMPOTENCY_KEY).ok_or_else(missing)?.to_str().unwrap_or_default();
    let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let unfit = || Problem::malformed().at("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
    fits.then_some(key).ok_or_else(unfit)
}

fn decode(cursor: &str) -> Result<Sku, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    let sku = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| Sku::new(&text));
    sku.ok_or_else(|| Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"))
}

impl From<&Stocked> for StockView {
    fn from(stocked: &Stocked) -> Self {
        let level = stocked.level;
        let (on_hand, reserved, available) = (level.on_hand(), level.reserved, level.available);
        Self { sku: stocked.sku.to_string(), on_hand, reserved, available }
    }
}

impl From<&Adjustment> for AdjustmentView {
    fn from(adjustment: &Adjustment) -> Self {
        let stocked = Stocked { sku: adjustment.sku.clone(), level: adjustment.level, version: 0 };
        Self { adjustment_id: adjustment.id.to_string(), delta: adjustment.delta, stock: StockView::from(&stocked) }
    }
}
