//! `POST /v1/orders/{id}/announcement`.

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Problem};

use super::response::shown;
use super::{Shared, order_id};

/// 202 with the order: the event of how it is now is on its way.
pub(super) async fn announce(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let stored = api.orders.announce(&order_id(&id)?, &cause).await?;
    tracing::info!(status = stored.value.order.status().as_str(), "order announced");
    Ok(shown(StatusCode::ACCEPTED, &stored, &caller))
}
