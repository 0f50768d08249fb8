//! Operators change stock, and see who changed it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, Problem, idempotency_key};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::page::Page;
use super::stock::StockView;
use super::{OPERATOR, SUPPORT, Shared};
use crate::domain::ids::{AdjustmentId, Sku};
use crate::outbound::{Adjusted, Adjustment, Wish};

const MAX_DELTA: i64 = 1_000_000;
const MAX_REASON: usize = 200;

/// The body of an adjustment: pieces added, or taken if negative, and why.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Adjust {
    delta: i64,
    reason: Option<String>,
}

/// An adjustment with the stock right after it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AdjustmentView {
    adjustment_id: String,
    delta: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The subject of the operator's token.
    operator: String,
    adjusted_at: Timestamp,
    #[serde(flatten)]
    stock: StockView,
}

#[derive(Debug, Serialize)]
struct AdjustmentList {
    adjustments: Vec<AdjustmentView>,
}

pub(super) async fn list(State(inventory): Shared, caller: Caller, page: Page) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let listed = inventory.adjustments(page.after.as_deref(), page.limit).await?;
    let adjustments = listed.items.into_iter().map(AdjustmentView::from).collect();
    Ok(page.answer(AdjustmentList { adjustments }, listed.next.as_deref()))
}

pub(super) async fn adjust(
    State(inventory): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(sku): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let id = AdjustmentId::derive(&caller.subject, idempotency_key(&headers)?);
    let Adjust { delta, reason } = chassis::http::parse(&headers, &body)?;
    let sku = Sku::new(&sku).ok_or_else(|| Problem::invalid().at("sku", Sku::RULE))?;
    if delta == 0 || delta.unsigned_abs() > MAX_DELTA.unsigned_abs() {
        return Err(Problem::invalid().at("/delta", format!("must be from -{MAX_DELTA} to {MAX_DELTA}, and not 0")));
    }
    let fits =
        |reason: &String| (1..=MAX_REASON).contains(&reason.chars().count()) && !reason.contains(char::is_control);
    if !reason.as_ref().is_none_or(fits) {
        return Err(
            Problem::invalid().at("/reason", format!("must have 1 to {MAX_REASON} characters, none of control"))
        );
    }
    let wish = Wish { id, operator: caller.subject, sku, delta, reason };
    match inventory.adjust(&wish, &cause).await? {
        Adjusted::New(adjustment) => {
            tracing::info!(sku = wish.sku.as_str(), delta, "stock adjusted");
            Ok((StatusCode::CREATED, Json(AdjustmentView::from(adjustment))).into_response())
        }
        Adjusted::Before(adjustment) => {
            let replayed = [("idempotent-replayed", "true")];
            Ok((StatusCode::CREATED, replayed, Json(AdjustmentView::from(adjustment))).into_response())
        }
        Adjusted::KeyReused => Err(Problem::idempotency_key_reused()
            .at("Idempotency-Key", "stands for another adjustment; use a new key for a new one")),
        Adjusted::Refused(refused) => Err(Problem::conflict().at("/delta", refused.to_string())),
    }
}

impl From<Adjustment> for AdjustmentView {
    fn from(Adjustment { wish, level, at }: Adjustment) -> Self {
        Self {
            adjustment_id: wish.id.to_string(),
            delta: wish.delta,
            reason: wish.reason,
            operator: wish.operator,
            adjusted_at: at,
            stock: StockView::new(&wish.sku, level),
        }
    }
}
