//! `POST /v1/payments/{id}/announcement`: operators have it said again how a payment stands.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use chassis::store::StoreError;

use super::view::PaymentView;
use super::{Api, OPERATOR, SUPPORT, Shared};
use crate::domain::announce::announce;
use crate::domain::decide::{Decision, Step};
use crate::inbound::own_cause;
use crate::settle::{Payments, Stored, Written};

/// How often it is decided again because somebody else wrote first.
const MAX_CONFLICTS: u32 = 8;

pub(super) async fn announcement(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must_be_in(&[OPERATOR])?;
    let read = api.named(&id).await?;
    let stored = api.say_again(read, &cause).await?;
    Ok((StatusCode::ACCEPTED, Json(PaymentView::new(&stored, caller.is_in(SUPPORT)))).into_response())
}

impl Api {
    async fn say_again(&self, mut read: Stored, request: &Cause) -> Result<Stored, Problem> {
        for _ in 0..MAX_CONFLICTS {
            let events = announce(&read.payment);
            if events.is_empty() {
                return Ok(read);
            }
            let said = events.len();
            let decision = Decision { payment: read.payment.clone(), events, step: Step::Settled };
            let cause = own_cause(&read, request.traceparent.clone(), request.at);
            match self.payments.save(&read, &decision, &cause).await? {
                Written::Applied(stored) => {
                    tracing::info!(status = stored.payment.status(), said, "payment announced");
                    return Ok(stored);
                }
                Written::Conflict(stands) => read = stands,
            }
        }
        Err(StoreError::Contended { key: read.payment.order.to_string() }.into())
    }
}
