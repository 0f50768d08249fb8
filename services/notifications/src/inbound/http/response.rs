//! Contact → response.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chassis::http::Problem;
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::contact::{Contact, Standing};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactBody<'a> {
    email: &'a str,
    confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingBody<'a>>,
    updated_at: Timestamp,
}

/// The address that a link was sent to, and until when that link works.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PendingBody<'a> {
    email: &'a str,
    until: Timestamp,
}

/// The contact, which no cache may store.
pub(super) fn contact(status: StatusCode, contact: &Contact) -> Response {
    let (confirmed_by, stopped) = match contact.standing() {
        Standing::Confirmed(by) => (Some(by.as_str()), None),
        Standing::Unconfirmed => (None, None),
        Standing::Stopped(reason) => (None, Some(reason.as_str())),
    };
    let pending = contact.pending.as_ref();
    let body = ContactBody {
        email: contact.email.reveal(),
        confirmed: confirmed_by.is_some(),
        confirmed_by,
        stopped,
        pending: pending.map(|it| PendingBody { email: it.email.reveal(), until: it.until }),
        updated_at: contact.updated_at,
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// 429 with the seconds after which the next link may be sent.
pub(super) fn too_many(seconds: i64) -> Response {
    let problem = Problem::too_many()
        .because("no more links are sent within this hour, to this address or for you; the latest one works");
    ([(header::RETRY_AFTER, seconds.to_string())], problem).into_response()
}
