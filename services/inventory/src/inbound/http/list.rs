//! The lists, page by page: stock for everyone, and what is reserved of it for staff; adjustments and reservations for staff.

use axum::extract::{Extension, State};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Page, Problem, SUPPORT};
use serde::Serialize;

use super::response::{AdjustmentResponse, ReservationResponse, StockResponse};
use super::{Shared, is_staff};

#[derive(Debug, Serialize)]
struct StockList {
    stock: Vec<StockResponse>,
}

#[derive(Debug, Serialize)]
struct AdjustmentList {
    adjustments: Vec<AdjustmentResponse>,
}

#[derive(Debug, Serialize)]
struct ReservationList {
    reservations: Vec<ReservationResponse>,
}

pub(super) async fn stock(
    State(store): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    page: Page,
) -> Result<Response, Problem> {
    let (stock, next) = store.list_stock(page.after.as_deref(), page.limit).await?;
    let stock = if is_staff(&caller) {
        let reserved = store.reserved_for_pages(cause.at).await?;
        stock.iter().map(|stored| StockResponse::for_staff(stored, &reserved)).collect()
    } else {
        stock.iter().map(|stored| StockResponse::for_customers(&stored.value)).collect()
    };
    Ok(page.answer(StockList { stock }, next.as_deref()))
}

pub(super) async fn adjustments(State(store): Shared, caller: Caller, page: Page) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let (adjustments, next) = store.list_adjustments(page.after.as_deref(), page.limit).await?;
    let adjustments = adjustments.into_iter().map(AdjustmentResponse::from).collect();
    Ok(page.answer(AdjustmentList { adjustments }, next.as_deref()))
}

pub(super) async fn reservations(State(store): Shared, caller: Caller, page: Page) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR, SUPPORT])?;
    let (reservations, next) = store.list_reservations(page.after.as_deref(), page.limit).await?;
    let reservations = reservations.iter().map(|stored| ReservationResponse::from(&stored.value)).collect();
    Ok(page.answer(ReservationList { reservations }, next.as_deref()))
}
