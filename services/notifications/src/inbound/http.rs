//! The API: a customer says where they are reached, looks it up, or takes it back. Nobody sees another's.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chassis::cause::Cause;
use chassis::http::{Caller, Problem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::address::EmailAddress;
use crate::domain::ids::CustomerId;
use crate::outbound::{Contact, Contacts};

/// The service's routes.
pub fn routes(contacts: Contacts) -> Router {
    Router::new().route("/v1/contacts/me", get(show).put(replace).delete(forget)).with_state(contacts)
}

/// The body of `PUT /v1/contacts/me`. It cannot be shown in a log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutContact {
    email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactView {
    email: String,
    updated_at: Timestamp,
}

async fn show(State(contacts): State<Contacts>, caller: Caller) -> Result<Response, Problem> {
    let contact = contacts.get(&customer(&caller)?).await?;
    let none = || Problem::not_found().because("you have left no address");
    contact.as_ref().map(view).ok_or_else(none)
}

async fn replace(
    State(contacts): State<Contacts>,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let customer = customer(&caller)?;
    let request: PutContact = chassis::http::parse(&headers, &body)?;
    let email = EmailAddress::new(&request.email);
    let email = email.ok_or_else(|| Problem::invalid().at("/email", EmailAddress::RULE))?;
    let contact = Contact { email, updated_at: cause.at };
    contacts.put(&customer, &contact).await?;
    tracing::info!(customer_id = customer.as_str(), "contact replaced");
    Ok(view(&contact))
}

async fn forget(State(contacts): State<Contacts>, caller: Caller) -> Result<Response, Problem> {
    let customer = customer(&caller)?;
    contacts.delete(&customer).await?;
    tracing::info!(customer_id = customer.as_str(), "contact forgotten");
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn view(contact: &Contact) -> Response {
    let body = ContactView { email: contact.email.reveal().to_owned(), updated_at: contact.updated_at };
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn customer(caller: &Caller) -> Result<CustomerId, Problem> {
    let unfit = || Problem::unauthenticated().because(format!("the token's subject {}", CustomerId::RULE));
    CustomerId::new(&caller.subject).ok_or_else(unfit)
}
