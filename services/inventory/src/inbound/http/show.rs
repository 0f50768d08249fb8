//! One sku's stock for everyone, and what is reserved of it for staff; one order's reservation for staff.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chassis::http::{Caller, OPERATOR, Problem, SUPPORT};

use super::response::{ReservationResponse, StockResponse};
use super::{Shared, is_staff, no_reservation, request};
use crate::domain::ids::Sku;

pub(super) async fn stock(State(store): Shared, caller: Caller, Path(sku): Path<String>) -> Result<Response, Problem> {
    let never_stocked = || Problem::not_found().because("this sku was never stocked");
    let sku = Sku::new(&sku).ok_or_else(never_stocked)?;
    let stock = store.stock(&sku).await?.ok_or_else(never_stocked)?;
    let response = if is_staff(&caller) {
        StockResponse::for_staff(&stock, &store.reserved().await?)
    } else {
        StockResponse::for_customers(&stock.value)
    };
    Ok(Json(response).into_response())
}

pub(super) async fn reservation(
    State(store): Shared,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let order = request::order(order).ok_or_else(no_reservation)?;
    let stored = store.reservation(&order).await?.ok_or_else(no_reservation)?;
    Ok(Json(ReservationResponse::from(&stored.value)).into_response())
}
