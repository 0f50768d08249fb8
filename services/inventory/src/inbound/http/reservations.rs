//! What is held for which order, for those who look after it; and telling it once more, as a repair.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use jiff::Timestamp;
use serde::Serialize;

use super::page::Page;
use super::{OPERATOR, SUPPORT, Shared};
use crate::domain::ids::OrderId;
use crate::domain::reservation::{End, Release, Shortage, State as Stage};
use crate::outbound::Kept;

/// A reservation as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReservationView {
    order_id: String,
    reservation_id: String,
    state: &'static str,
    /// Why nothing is held any more, or soon will not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    /// What could not be held, if that is why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<MissingView>,
    lines: Vec<LineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    correlation_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView {
    sku: String,
    quantity: u32,
    /// Pieces of these that are held now: all of a line or none.
    held: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MissingView {
    sku: String,
    requested: u32,
    available: u64,
}

#[derive(Debug, Serialize)]
struct ReservationList {
    reservations: Vec<ReservationView>,
}

pub(super) async fn list(State(inventory): Shared, caller: Caller, page: Page) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let listed = inventory.reservations(page.after.as_deref(), page.limit).await?;
    let reservations = listed.items.iter().map(ReservationView::from).collect();
    Ok(page.answer(ReservationList { reservations }, listed.next.as_deref()))
}

pub(super) async fn show(
    State(inventory): Shared,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let kept = inventory.reservation(&named(order)?).await?.ok_or_else(unknown)?;
    Ok(Json(ReservationView::from(&kept)).into_response())
}

pub(super) async fn announce(
    State(inventory): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let kept = inventory.announce(&named(order)?, &cause).await?.ok_or_else(unknown)?;
    let view = ReservationView::from(&kept);
    tracing::info!(state = view.state, operator = caller.subject, "announced");
    Ok((StatusCode::ACCEPTED, Json(view)).into_response())
}

/// The order that a path names. What has not the shape of an order's id names none.
fn named(order: String) -> Result<OrderId, Problem> {
    let order = contracts::ids::OrderId::try_from(order).map_err(|_| unknown())?;
    tracing::Span::current().record("order_id", order.as_str());
    Ok(OrderId::trusted(order.as_str()))
}

fn unknown() -> Problem {
    Problem::not_found().because("inventory has not heard of this order")
}

impl From<&Kept> for ReservationView {
    fn from(Kept { reservation, correlation_id }: &Kept) -> Self {
        let held = reservation.held();
        let lines = reservation.lines.iter().enumerate().map(|(at, line)| LineView {
            sku: line.sku.to_string(),
            quantity: line.quantity,
            held: if at < held { line.quantity } else { 0 },
        });
        let (state, cause, missing) = spoken(&reservation.state);
        Self {
            order_id: reservation.order.to_string(),
            reservation_id: reservation.id.to_string(),
            state,
            cause,
            missing: missing.iter().map(MissingView::from).collect(),
            lines: lines.collect(),
            expires_at: reservation.expires_at,
            correlation_id: correlation_id.clone(),
        }
    }
}

fn spoken(state: &Stage) -> (&'static str, Option<&'static str>, &[Shortage]) {
    match state {
        Stage::Holding { .. } => ("HOLDING", None, &[]),
        Stage::Reserved => ("RESERVED", None, &[]),
        Stage::Releasing { end: End::Cancelled, .. } => ("RELEASING", Some("CANCELLED"), &[]),
        Stage::Releasing { end: End::Expired, .. } => ("RELEASING", Some("EXPIRED"), &[]),
        Stage::Releasing { end: End::Rejected(missing), .. } => ("RELEASING", Some("REJECTED"), missing),
        Stage::Committing { .. } => ("COMMITTING", None, &[]),
        Stage::Released(Release::Cancelled) => ("RELEASED", Some("CANCELLED"), &[]),
        Stage::Released(Release::Expired) => ("RELEASED", Some("EXPIRED"), &[]),
        Stage::Released(Release::NeverReserved) => ("RELEASED", Some("NEVER_RESERVED"), &[]),
        Stage::Rejected(missing) => ("REJECTED", None, missing),
        Stage::Committed => ("COMMITTED", None, &[]),
    }
}

impl From<&Shortage> for MissingView {
    fn from(shortage: &Shortage) -> Self {
        let available = shortage.available.unwrap_or_default();
        Self { sku: shortage.sku.to_string(), requested: shortage.requested, available }
    }
}
