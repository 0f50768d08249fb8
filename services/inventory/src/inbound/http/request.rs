//! Request → what an operator asks for.

use axum::http::HeaderMap;
use chassis::http::{Problem, idempotency_key, note, parse};
use chassis::telemetry::about;
use serde::Deserialize;

use crate::domain::adjustment::{AdjustmentRequest, valid_delta};
use crate::domain::ids::{AdjustmentId, OrderId, Sku};

/// The body of an adjustment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AdjustmentBody {
    /// Pieces to add, or to take if negative.
    delta: i64,
    reason: Option<String>,
}

/// The adjustment that `operator` asks for.
///
/// # Errors
/// 400 for an absent or malformed Idempotency-Key or body, 413, 415, and 422 for a sku, delta or reason that breaks
/// its rule.
pub fn adjustment(operator: &str, sku: &str, headers: &HeaderMap, body: &[u8]) -> Result<AdjustmentRequest, Problem> {
    let id = AdjustmentId::derive(operator, idempotency_key(headers)?);
    let AdjustmentBody { delta, reason } = parse(headers, body)?;
    let sku = Sku::new(sku).ok_or_else(|| Problem::invalid().at("sku", Sku::RULE))?;
    let delta = valid_delta(delta).map_err(|error| Problem::invalid().at("/delta", error.to_string()))?;
    let reason = reason.map(|text| note("/reason", &text)).transpose()?;
    Ok(AdjustmentRequest { id, operator: operator.to_owned(), sku, delta, reason })
}

/// The order that a path names; a text that is not an order's id names none.
pub(super) fn order(text: String) -> Option<OrderId> {
    let order = contracts::ids::OrderId::try_from(text).ok()?;
    about(order.as_str());
    Some(OrderId::trusted(order.as_str()))
}
