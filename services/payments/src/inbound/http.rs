//! The API: questions become answers.

mod view;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chassis::http::{Caller, Problem};
use serde::{Deserialize, Serialize};
use tracing::Span;

use crate::domain::ids::OrderId;
use crate::outbound::Store;
use crate::settle::Stored;
use view::PaymentView;

/// The group whose members see every payment.
pub const SUPPORT: &str = "support";

/// The service's routes.
pub fn routes(payments: Store) -> Router {
    Router::new().route("/v1/payments", get(list)).with_state(payments)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    order_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct PaymentList {
    payments: Vec<PaymentView>,
}

async fn list(
    State(payments): State<Store>,
    caller: Caller,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters?;
    let order = parameters.order_id.ok_or_else(|| Problem::malformed().at("orderId", "is required"))?;
    let order = OrderId::new(&order).ok_or_else(|| Problem::malformed().at("orderId", OrderId::RULE))?;
    Span::current().record("order_id", order.as_str());
    let stored = payments.get(&order).await?;
    // Somebody else's order answers as if it did not exist, so that ids cannot be probed.
    let stored = stored.filter(|stored| is_visible(&caller, stored));
    let stored = stored.ok_or_else(|| Problem::not_found().because("there is no payment for such an order"))?;
    let answer = Json(PaymentList { payments: vec![PaymentView::from(&stored)] });
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn is_visible(caller: &Caller, stored: &Stored) -> bool {
    let customer = stored.payment.terms.as_ref().map(|terms| terms.customer.as_str());
    caller.is_in(SUPPORT) || customer == Some(caller.subject.as_str())
}
