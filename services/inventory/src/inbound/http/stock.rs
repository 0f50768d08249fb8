//! How much there is of each sku.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chassis::http::{Caller, Problem};
use serde::Serialize;

use super::Shared;
use super::page::Page;
use crate::domain::ids::Sku;
use crate::domain::stock::Level;

/// Stock of one sku as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StockView {
    sku: String,
    on_hand: u64,
    reserved: u64,
    available: u64,
}

#[derive(Debug, Serialize)]
struct StockList {
    stock: Vec<StockView>,
}

pub(super) async fn list(State(inventory): Shared, _: Caller, page: Page) -> Result<Response, Problem> {
    let listed = inventory.all(page.after.as_deref(), page.limit).await?;
    let stock = listed.items.iter().map(|stocked| StockView::new(&stocked.sku, stocked.level)).collect();
    Ok(page.answer(StockList { stock }, listed.next.as_deref()))
}

pub(super) async fn show(State(inventory): Shared, _: Caller, Path(sku): Path<String>) -> Result<Response, Problem> {
    let unknown = || Problem::not_found().because("this sku was never stocked");
    let sku = Sku::new(&sku).ok_or_else(unknown)?;
    let stocked = inventory.level(&sku).await?.ok_or_else(unknown)?;
    Ok(Json(StockView::new(&sku, stocked.level)).into_response())
}

impl StockView {
    pub(super) fn new(sku: &Sku, level: Level) -> Self {
        let (on_hand, reserved, available) = (level.on_hand(), level.reserved, level.available);
        Self { sku: sku.to_string(), on_hand, reserved, available }
    }
}
