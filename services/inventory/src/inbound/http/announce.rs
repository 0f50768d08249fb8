//! `POST /v1/reservations/{orderId}/announcement`: an operator has a reservation's latest event published again.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Problem};

use super::response::ReservationResponse;
use super::{Shared, no_reservation, request};
use crate::application;

pub(super) async fn announce(
    State(store): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let order = request::order(order).ok_or_else(no_reservation)?;
    let stored = application::announce(&store, &order, &cause).await?.ok_or_else(no_reservation)?;
    let response = ReservationResponse::from(&stored.value);
    tracing::info!(state = response.state, operator = caller.subject, "reservation announced");
    Ok((StatusCode::ACCEPTED, Json(response)).into_response())
}
