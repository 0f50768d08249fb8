//! `POST /v1/stock/{sku}/adjustments`: an operator adds pieces, or takes them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Problem, replayed};

use super::response::AdjustmentResponse;
use super::{Shared, request};
use crate::application::{self, AdjustOutcome};

pub(super) async fn adjust(
    State(store): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(sku): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let request = request::adjustment(&caller.subject, &sku, &headers, &body)?;
    match application::adjust(&store, &request, &cause).await? {
        AdjustOutcome::Adjusted(adjustment) => {
            tracing::info!(sku, delta = request.delta, "stock adjusted");
            Ok((StatusCode::CREATED, Json(AdjustmentResponse::from(adjustment))).into_response())
        }
        AdjustOutcome::Replayed(adjustment) => {
            Ok(replayed((StatusCode::CREATED, Json(AdjustmentResponse::from(adjustment)))))
        }
        AdjustOutcome::KeyReused => Err(Problem::idempotency_key_reused()
            .at("Idempotency-Key", "belongs to another adjustment; use a new key for a new one")),
        AdjustOutcome::Refused(refusal) => Err(Problem::conflict().at("/delta", refusal.to_string())),
    }
}
