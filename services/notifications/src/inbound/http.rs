//! The API: a customer leaves an address, looks it up or takes it back, and reaches no other customer's.

mod request;
mod response;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};

use crate::application::{Contacts, forget_contact, set_contact, show_contact};

/// The service's routes.
pub fn routes(contacts: Contacts) -> Router {
    Router::new().route("/v1/contacts/me", get(show).put(set).delete(forget)).with_state(contacts)
}

async fn show(State(contacts): State<Contacts>, caller: Caller) -> Result<Response, Problem> {
    let contact = show_contact(&contacts, &request::customer(&caller)?).await?;
    let none = || Problem::not_found().because("you have left no address");
    contact.as_ref().map(response::contact).ok_or_else(none)
}

async fn set(
    State(contacts): State<Contacts>,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let customer = request::customer(&caller)?;
    let contact = request::contact(&headers, &body, cause.at)?;
    set_contact(&contacts, &customer, &contact).await?;
    Ok(response::contact(&contact))
}

async fn forget(State(contacts): State<Contacts>, caller: Caller) -> Result<Response, Problem> {
    forget_contact(&contacts, &request::customer(&caller)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
