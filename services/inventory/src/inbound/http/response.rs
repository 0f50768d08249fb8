//! State → response.

use std::collections::BTreeMap;

use chassis::store::Stored;
use jiff::Timestamp;
use serde::Serialize;

use crate::application::CorrelatedReservation;
use crate::domain::adjustment::Adjustment;
use crate::domain::ids::Sku;
use crate::domain::reservation::{End, ReleaseCause, Shortage, State};
use crate::domain::stock::{Level, Stock};

/// Stock of one sku, in pieces. `available` is exact; `reserved`, and with it `onHand`, is about a second behind. A customer
/// sees `available` alone: the others are a sum over all holds. `version` counts the writes of the stock: between two reads
/// with the same version nothing moved, not even there and back. The stock after an adjustment has none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StockResponse {
    sku: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_hand: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<u64>,
    available: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

/// An adjustment with the stock right after it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdjustmentResponse {
    adjustment_id: String,
    delta: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The subject of the operator's token.
    operator: String,
    adjusted_at: Timestamp,
    #[serde(flatten)]
    stock: StockResponse,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReservationResponse {
    order_id: String,
    reservation_id: String,
    pub(super) state: &'static str,
    /// Why nothing is reserved any more, or soon will not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    /// What could not be reserved, if that is why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<ShortageResponse>,
    lines: Vec<LineResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    correlation_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineResponse {
    sku: String,
    quantity: u32,
    /// Pieces of these that are reserved now: all of a line or none.
    held: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShortageResponse {
    sku: String,
    requested: u32,
    available: u64,
    /// Whether the sku was never stocked.
    unknown: bool,
}

impl StockResponse {
    pub(super) fn for_customers(stock: &Stock) -> Self {
        Self { sku: stock.sku.to_string(), on_hand: None, reserved: None, available: stock.available, version: None }
    }

    pub(super) fn for_staff(stored: &Stored<Stock>, reserved: &BTreeMap<Sku, u64>) -> Self {
        let stock = Self::after(&stored.value.sku, stored.value.level(reserved));
        Self { version: Some(stored.revision.version), ..stock }
    }

    fn after(sku: &Sku, level: Level) -> Self {
        let (on_hand, reserved) = (Some(level.on_hand()), Some(level.reserved));
        Self { sku: sku.to_string(), on_hand, reserved, available: level.available, version: None }
    }
}

impl From<Adjustment> for AdjustmentResponse {
    fn from(Adjustment { request, level, at }: Adjustment) -> Self {
        Self {
            adjustment_id: request.id.to_string(),
            delta: request.delta,
            reason: request.reason,
            operator: request.operator,
            adjusted_at: at,
            stock: StockResponse::after(&request.sku, level),
        }
    }
}

impl From<&CorrelatedReservation> for ReservationResponse {
    fn from(CorrelatedReservation { reservation, correlation_id }: &CorrelatedReservation) -> Self {
        let held = reservation.held();
        let lines = reservation.lines.iter().enumerate().map(|(at, line)| LineResponse {
            sku: line.sku.to_string(),
            quantity: line.quantity,
            held: if at < held { line.quantity } else { 0 },
        });
        let (state, cause, missing) = state(&reservation.state);
        Self {
            order_id: reservation.order.to_string(),
            reservation_id: reservation.id.to_string(),
            state,
            cause,
            missing: missing.iter().map(ShortageResponse::from).collect(),
            lines: lines.collect(),
            expires_at: reservation.expires_at,
            correlation_id: correlation_id.clone(),
        }
    }
}

/// The API's words for a state, its cause and what was missing.
fn state(state: &State) -> (&'static str, Option<&'static str>, &[Shortage]) {
    match state {
        State::Reserving { .. } => ("HOLDING", None, &[]),
        State::Reserved => ("RESERVED", None, &[]),
        State::Releasing { end: End::Cancelled, .. } => ("RELEASING", Some("CANCELLED"), &[]),
        State::Releasing { end: End::Expired, .. } => ("RELEASING", Some("EXPIRED"), &[]),
        State::Releasing { end: End::Rejected(missing), .. } => ("RELEASING", Some("REJECTED"), missing),
        State::Released(ReleaseCause::Cancelled) => ("RELEASED", Some("CANCELLED"), &[]),
        State::Released(ReleaseCause::Expired) => ("RELEASED", Some("EXPIRED"), &[]),
        State::Released(ReleaseCause::NeverReserved) => ("RELEASED", Some("NEVER_RESERVED"), &[]),
        State::Rejected(missing) => ("REJECTED", None, missing),
        State::Committed => ("COMMITTED", None, &[]),
    }
}

impl From<&Shortage> for ShortageResponse {
    fn from(shortage: &Shortage) -> Self {
        let available = shortage.available.unwrap_or_default();
        let unknown = shortage.available.is_none();
        Self { sku: shortage.sku.to_string(), requested: shortage.requested, available, unknown }
    }
}
