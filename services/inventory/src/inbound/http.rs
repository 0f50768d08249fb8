//! The API: stock for everyone, its changes and what is held for those who look after them.

mod adjustments;
mod page;
mod reservations;
mod stock;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use chassis::http::MAX_BODY;

use crate::outbound::Store;

/// The group whose members change stock, and repair.
pub const OPERATOR: &str = "operator";
/// The group whose members look into what became of an order.
pub const SUPPORT: &str = "support";

type Shared = State<Arc<Store>>;

/// The service's routes.
pub fn routes(inventory: Store) -> Router {
    Router::new()
        .route("/v1/stock", get(stock::list))
        .route("/v1/stock/{sku}", get(stock::show))
        .route("/v1/stock/{sku}/adjustments", post(adjustments::adjust))
        .route("/v1/adjustments", get(adjustments::list))
        .route("/v1/reservations", get(reservations::list))
        .route("/v1/reservations/{order}", get(reservations::show))
        .route("/v1/reservations/{order}/announcement", post(reservations::announce))
        .layer(DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(inventory))
}
