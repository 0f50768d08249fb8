//! The API: requests become commands, payments become answers.

mod announce;
mod list;
mod refund;
mod response;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use chassis::http::{MAX_BODY, Problem};
use chassis::store::Stored;
use chassis::telemetry;
use tracing::Span;

use crate::application::{SagaPayment, Service};
use crate::domain::ids::PaymentId;

type Shared = State<Arc<Service>>;

/// The service's routes.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/v1/payments", get(list::list))
        .route("/v1/payments/{id}/refunds", post(refund::refund))
        .route("/v1/payments/{id}/announcement", post(announce::announcement))
        .layer(DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(service))
}

/// The payment of this name. The log lines from here on are its saga's.
async fn find(service: &Service, id: &str) -> Result<Stored<SagaPayment>, Problem> {
    let unknown = || Problem::not_found().because("payment not found");
    let order = PaymentId::order(id).ok_or_else(unknown)?;
    telemetry::about(order.as_str());
    let stored = service.payments.get(&order).await?.ok_or_else(unknown)?;
    if let Some(correlation_id) = &stored.value.correlation_id {
        Span::current().record("correlation_id", correlation_id);
    }
    Ok(stored)
}
