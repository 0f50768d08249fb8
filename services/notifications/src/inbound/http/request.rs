//! Request → customer and contact.

use axum::http::HeaderMap;
use chassis::http::{Caller, Problem};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::contact::{Contact, EmailAddress};
use crate::domain::ids::CustomerId;

/// The body of `PUT /v1/contacts/me`. It has no `Debug`, so that no log can show it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutContact {
    email: String,
}

/// The contact in the body of `PUT /v1/contacts/me`, left at this time.
pub(super) fn contact(headers: &HeaderMap, body: &[u8], at: Timestamp) -> Result<Contact, Problem> {
    let request: PutContact = chassis::http::parse(headers, body)?;
    let invalid = || Problem::invalid().at("/email", EmailAddress::RULE);
    Ok(Contact { email: EmailAddress::new(&request.email).ok_or_else(invalid)?, updated_at: at })
}

/// The customer that the verified token names.
pub(super) fn customer(caller: &Caller) -> Result<CustomerId, Problem> {
    let invalid = || Problem::unauthenticated().because(format!("the token's subject {}", CustomerId::RULE));
    CustomerId::new(&caller.subject).ok_or_else(invalid)
}
