//! The lists, page by page: stock for everyone; adjustments and reservations for staff.

use axum::extract::State;
use axum::response::Response;
use chassis::http::{Caller, OPERATOR, Page, Problem, SUPPORT};
use serde::Serialize;

use super::Shared;
use super::response::{AdjustmentResponse, ReservationResponse, StockResponse};

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

pub(super) async fn stock(State(store): Shared, _: Caller, page: Page) -> Result<Response, Problem> {
    let (stock, next) = store.list_stock(page.after.as_deref(), page.limit).await?;
    let reserved = store.reserved().await?;
    let stock = stock.iter().map(|it| StockResponse::new(&it.value.sku, it.value.level(&reserved))).collect();
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
