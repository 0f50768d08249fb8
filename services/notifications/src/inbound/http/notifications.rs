//! `GET /v1/notifications?orderId=` and `POST /v1/notifications/{id}/resend`: what became of an order's mail, and sending it
//! again.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chassis::cause::Cause;
use chassis::http::{Caller, OPERATOR, Page, Problem, SUPPORT, idempotency_key, note, parse, replayed};
use chassis::telemetry;
use chassis::verdict::{Classify, chain};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::customer;
use crate::application::resend::{ResendError, ResendRequest, resend};
use crate::application::{ApplyError, Notifier, SagaDeliveries};
use crate::domain::ids::{NotificationId, OrderId, ResendId};
use crate::domain::message::{Failure, State as MessageState, Template};
use crate::domain::resend::Resend;
use crate::inbound::events::new_claim;

/// The routes of what became of mail.
pub fn routes(notifier: Notifier) -> Router {
    Router::new()
        .route("/v1/notifications", get(list))
        .route("/v1/notifications/{id}/resend", post(send_again))
        .with_state(Arc::new(notifier))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    order_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct NotificationList {
    notifications: Vec<NotificationResponse>,
}

async fn list(State(notifier): State<Arc<Notifier>>, caller: Caller, page: Page<Filter>) -> Result<Response, Problem> {
    let order = page.filter.order_id.as_deref().ok_or_else(|| Problem::malformed().at("orderId", "is required"))?;
    let order = OrderId::new(order).ok_or_else(|| Problem::malformed().at("orderId", OrderId::RULE))?;
    telemetry::about(order.as_str());
    // Another customer's order answers as if it did not exist, so that ids cannot be probed.
    let found = notifier.deliveries.get(&order).await?.map(|stored| stored.value);
    let found = found.filter(|found| is_visible(&caller, found));
    let found = found.ok_or_else(|| Problem::not_found().because("no notification about this order"))?;
    let messages = found.deliveries.messages.keys();
    let notifications = messages.map(|template| NotificationResponse::new(&found, *template, caller.is_in(SUPPORT)));
    Ok(page.answer(NotificationList { notifications: notifications.collect() }, None))
}

fn is_visible(caller: &Caller, found: &SagaDeliveries) -> bool {
    let is_own = found.deliveries.facts.values().filter_map(|fact| fact.customer.as_ref());
    caller.is_in(SUPPORT) || caller.is_in(OPERATOR) || is_own.into_iter().any(|it| it.as_str() == caller.subject)
}

/// The body of `POST /v1/notifications/{id}/resend`. The note stays with the message: it is in no event and no log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    order_id: String,
    note: String,
    #[serde(default)]
    again: bool,
}

async fn send_again(
    State(notifier): State<Arc<Notifier>>,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    let (key, caller) = (idempotency_key(&headers)?, customer(&caller)?);
    let Body { order_id, note: text, again } = parse(&headers, &body)?;
    let order = OrderId::new(&order_id).ok_or_else(|| Problem::invalid().at("/orderId", OrderId::RULE))?;
    let note = note("/note", &text)?;
    let notification = NotificationId::new(&id).ok_or_else(|| problem(ResendError::NotFound))?;
    telemetry::about(order.as_str());
    let resend_id = ResendId::derive(&notification, &caller, key);
    let request = ResendRequest { order, notification, resend: Resend { id: resend_id, note }, again };
    let resent = resend(&notifier, &request, new_claim(), &cause).await.map_err(problem)?;
    let answer = NotificationResponse::new(&resent.now, resent.template, true);
    let answer = ([(header::CACHE_CONTROL, "no-store")], Json(answer));
    Ok(if resent.repeated { replayed(answer) } else { answer.into_response() })
}

fn problem(error: ResendError) -> Problem {
    let why = error.to_string();
    match error {
        ResendError::NotFound => Problem::not_found().because(why),
        ResendError::Refused(_) | ResendError::Apply(ApplyError::Nowhere(_)) => Problem::conflict().because(why),
        ResendError::Apply(ApplyError::Store(error)) => error.into(),
        ResendError::Apply(ApplyError::NotTaken(_) | ApplyError::SetUp { .. } | ApplyError::Claimed(_)) => {
            Problem::unavailable().because(format!("{why}; the same request may be sent again"))
        }
        ResendError::Apply(error @ ApplyError::Mail(_)) => {
            tracing::error!(error_class = error.class(), error = chain(&error), "the request could not be answered");
            Problem::internal()
        }
    }
}

/// A message as the API shows it: without its text and its address.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationResponse {
    notification_id: String,
    order_id: String,
    template: &'static str,
    channel: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resend_note: Option<String>,
}

impl NotificationResponse {
    /// The message; with support's note if it is shown to support.
    fn new(found: &SagaDeliveries, template: Template, for_support: bool) -> Self {
        let SagaDeliveries { deliveries, updated_at, .. } = found;
        let (state, reason, claimed_until) = shown(deliveries.state(template));
        let resend = deliveries.resends.get(&template).filter(|_| for_support);
        Self {
            notification_id: deliveries.id(template).to_string(),
            order_id: deliveries.order.to_string(),
            template: template.as_str(),
            channel: "EMAIL",
            state,
            reason,
            claimed_until,
            updated_at: *updated_at,
            resend_note: resend.map(|resend| resend.note.clone()),
        }
    }
}

fn shown(state: MessageState) -> (&'static str, Option<&'static str>, Option<Timestamp>) {
    match state {
        MessageState::Waiting => ("WAITING", None, None),
        MessageState::Claimed { until, .. } => ("CLAIMED", None, Some(until)),
        MessageState::Sent => ("SENT", None, None),
        MessageState::Failed(Failure::NoAddress) => ("FAILED", Some("NO_ADDRESS"), None),
        MessageState::Failed(Failure::Unconfirmed) => ("FAILED", Some("UNCONFIRMED"), None),
        MessageState::Failed(Failure::AddressStopped) => ("FAILED", Some("ADDRESS_STOPPED"), None),
        MessageState::Failed(Failure::RateLimited) => ("FAILED", Some("RATE_LIMITED"), None),
        MessageState::Failed(Failure::Refused) => ("FAILED", Some("REFUSED"), None),
        MessageState::Failed(Failure::Bounced) => ("FAILED", Some("BOUNCED"), None),
        MessageState::Failed(Failure::Complained) => ("FAILED", Some("COMPLAINED"), None),
        MessageState::Unknown => ("UNKNOWN", None, None),
    }
}
