//! Contact → response.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::contact::Contact;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactBody {
    email: String,
    updated_at: Timestamp,
}

/// 200 with the contact, which no cache may store.
pub(super) fn contact(contact: &Contact) -> Response {
    let body = ContactBody { email: contact.email.reveal().to_owned(), updated_at: contact.updated_at };
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
