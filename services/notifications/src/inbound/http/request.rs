//! Request → customer and contact.

use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use chassis::http::{Caller, Problem};
use serde::Deserialize;

use crate::domain::address::EmailAddress;
use crate::domain::confirmation::{Secret, Token};
use crate::domain::ids::CustomerId;

/// The body of `PUT /v1/contacts/me`. It has no `Debug`, so that no log can show it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutContact {
    email: Option<String>,
}

/// What follows a link's address in its query, and what the button of its page posts.
#[derive(Deserialize)]
struct Confirmation {
    token: String,
}

/// The address in the body of `PUT /v1/contacts/me`, or else the token's.
pub(super) fn email(
    headers: &HeaderMap,
    body: &[u8],
    verified: Option<&EmailAddress>,
) -> Result<EmailAddress, Problem> {
    let request: PutContact = chassis::http::parse(headers, body)?;
    let invalid = |rule: &str| Problem::invalid().at("/email", rule);
    match request.email {
        Some(text) => EmailAddress::new(&text).ok_or_else(|| invalid(EmailAddress::RULE)),
        None => verified.cloned().ok_or_else(|| invalid("is required: the token names no verified e-mail address")),
    }
}

/// The address that the identity provider has verified, if the token names one.
pub(super) fn verified(caller: &Caller) -> Option<EmailAddress> {
    EmailAddress::new(caller.verified_email.as_deref()?)
}

/// The token of a link: the query of its page, or the form that the page posts, which has the form of a query.
pub(super) fn token(query: &str) -> Option<Token> {
    let uri = Uri::builder().path_and_query(format!("/?{query}")).build().ok()?;
    let Query(Confirmation { token }) = Query::try_from_uri(&uri).ok()?;
    Token::parse(&token)
}

/// A secret that nobody knows yet.
pub(super) fn new_secret() -> Result<Secret, Problem> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(error_class = "randomness", error = %error, "the system gave no random bytes");
        Problem::unavailable()
    })?;
    Ok(Secret::new(random))
}

/// The customer that the verified token names.
pub(super) fn customer(caller: &Caller) -> Result<CustomerId, Problem> {
    let invalid = || Problem::unauthenticated().because(format!("the token's subject {}", CustomerId::RULE));
    CustomerId::new(&caller.subject).ok_or_else(invalid)
}
