//! The API: a customer leaves an address, confirms it, looks it up or takes it back, and reaches no other customer's. What
//! became of mail is in [`notifications`].

pub mod notifications;
mod page;
mod request;
mod response;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use chassis::verdict::chain;

use crate::application::{Addresses, SetError, confirm_contact, forget_contact, set_contact, show_contact};

/// The service's routes.
pub fn routes(addresses: Addresses) -> Router {
    Router::new()
        .route("/v1/contacts/me", get(show).put(set).delete(forget))
        .route("/v1/contacts/confirmation", get(ask).post(confirm))
        .with_state(Arc::new(addresses))
}

async fn show(State(addresses): State<Arc<Addresses>>, caller: Caller) -> Result<Response, Problem> {
    let contact = show_contact(&addresses.contacts, &request::customer(&caller)?).await?;
    let none = || Problem::not_found().because("you have left no address");
    contact.as_ref().map(|contact| response::contact(StatusCode::OK, contact)).ok_or_else(none)
}

async fn set(
    State(addresses): State<Arc<Addresses>>,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (customer, verified) = (request::customer(&caller)?, request::verified(&caller));
    let email = request::email(&headers, &body, verified.as_ref())?;
    let secret = request::new_secret()?;
    let contact = match set_contact(&addresses, &customer, &email, verified.as_ref(), secret, cause.at).await {
        Err(SetError::TooMany(seconds)) => return Ok(response::too_many(seconds)),
        answered => answered?,
    };
    let status = if contact.pending.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(response::contact(status, &contact))
}

async fn forget(State(addresses): State<Arc<Addresses>>, caller: Caller) -> Result<Response, Problem> {
    forget_contact(&addresses.contacts, &request::customer(&caller)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The page behind a link. It changes nothing: mail providers open every link before the reader does.
async fn ask(RawQuery(query): RawQuery) -> Response {
    query.as_deref().and_then(request::token).map_or_else(page::not_valid, |token| page::ask(&token))
}

/// The button of that page. Its caller has no token of the user pool: the link's is what counts.
async fn confirm(
    State(addresses): State<Arc<Addresses>>,
    Extension(cause): Extension<Cause>,
    body: String,
) -> Result<Response, Problem> {
    let Some(token) = request::token(&body) else { return Ok(page::not_valid()) };
    let confirmed = confirm_contact(&addresses.contacts, &token, cause.at).await?;
    Ok(if confirmed { page::confirmed() } else { page::not_valid() })
}

impl From<SetError> for Problem {
    fn from(error: SetError) -> Self {
        match error {
            SetError::Store(error) => error.into(),
            SetError::NotSent(code) => {
                tracing::warn!(error_class = "mail_not_taken", code, "the confirmation mail was not sent");
                Self::unavailable().because("the confirmation mail could not be sent; repeat the request")
            }
            SetError::TooMany(_) => Self::too_many(),
            SetError::Mail(_) => {
                tracing::error!(error_class = "letter", error = chain(&error), "the request could not be answered");
                Self::internal()
            }
        }
    }
}
