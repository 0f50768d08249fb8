//! `POST /v1/payments/{id}/announcement`: operators have a payment's state published again.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Problem, SUPPORT};

use super::response::PaymentResponse;
use super::{Shared, find};
use crate::application::announce::announce;

pub(super) async fn announcement(
    State(service): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let read = find(&service, &id).await?;
    let announced = announce(&service.payments, read, &cause).await?;
    Ok((StatusCode::ACCEPTED, Json(PaymentResponse::new(&announced, caller.is_in(SUPPORT)))).into_response())
}
