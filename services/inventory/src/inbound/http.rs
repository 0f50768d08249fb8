//! The API: available stock for everyone; reserved stock, adjustments and reservations for staff.

mod adjust;
mod announce;
mod list;
pub mod request;
mod response;
mod show;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use chassis::http::{Caller, MAX_BODY, OPERATOR, Problem, SUPPORT};

use crate::application::Store;

type Shared = State<Arc<Store>>;

/// The service's routes.
pub fn routes(store: Store) -> Router {
    Router::new()
        .route("/v1/stock", get(list::stock))
        .route("/v1/stock/{sku}", get(show::stock))
        .route("/v1/stock/{sku}/adjustments", post(adjust::adjust))
        .route("/v1/adjustments", get(list::adjustments))
        .route("/v1/reservations", get(list::reservations))
        .route("/v1/reservations/{order}", get(show::reservation))
        .route("/v1/reservations/{order}/announcement", post(announce::announce))
        .layer(DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(store))
}

/// Staff see what is reserved. It is a sum over all holds: too dear for whoever has signed up.
fn is_staff(caller: &Caller) -> bool {
    caller.is_in(OPERATOR) || caller.is_in(SUPPORT)
}

fn no_reservation() -> Problem {
    Problem::not_found().because("inventory has no reservation for this order")
}
