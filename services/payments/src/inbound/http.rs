//! The API: questions and commands become answers.

mod announcement;
mod list;
mod refund;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use chassis::http::{MAX_BODY, Problem};
use tracing::Span;

use crate::domain::decide::Rules;
use crate::domain::ids::PaymentId;
use crate::outbound::{HttpGateway, Store};
use crate::settle::Stored;

/// The group whose members see every payment, and return money.
pub const SUPPORT: &str = "support";
/// The group whose members repair what went missing.
pub const OPERATOR: &str = "operator";

struct Api {
    payments: Store,
    gateway: HttpGateway,
    rules: Rules,
}

type Shared = State<Arc<Api>>;

/// The service's routes.
pub fn routes(payments: Store, gateway: HttpGateway, rules: Rules) -> Router {
    Router::new()
        .route("/v1/payments", get(list::list))
        .route("/v1/payments/{id}/refunds", post(refund::refund))
        .route("/v1/payments/{id}/announcement", post(announcement::announcement))
        .layer(DefaultBodyLimit::max(2 * MAX_BODY))
        .with_state(Arc::new(Api { payments, gateway, rules }))
}

impl Api {
    /// The payment of this name. The log lines from here on are its saga's.
    async fn named(&self, id: &str) -> Result<Stored, Problem> {
        let unknown = || Problem::not_found().because("there is no such payment");
        let order = PaymentId::order(id).ok_or_else(unknown)?;
        Span::current().record("order_id", order.as_str());
        let stored = self.payments.get(&order).await?.ok_or_else(unknown)?;
        if let Some(correlation_id) = &stored.correlation_id {
            Span::current().record("correlation_id", correlation_id);
        }
        Ok(stored)
    }
}
