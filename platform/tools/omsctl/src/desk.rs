//! The services' APIs as staff use them: support looks and cancels, the operator repairs. Nothing here goes round them.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::package::SANDBOX;
use crate::repository::Repository;
use crate::system::System;
use crate::{http, users};

/// How much of a list one request asks for.
const PAGE: &str = "100";
/// How often a request is repeated while the service is busy; what is repeated is safe to repeat.
const TRIES: u32 = 5;
const BACK_OFF: Duration = Duration::from_millis(200);

/// In whose name something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staff {
    /// Of the group `support`: sees every order, cancels, returns money.
    Support,
    /// Of the group `operator`: sees stock and reservations, repairs.
    Operator,
}

/// ID tokens that the caller brings along, where there are no demo users to sign in.
#[derive(Clone, Default)]
pub struct Tokens {
    /// Of a member of the group `support`.
    pub support: Option<String>,
    /// Of a member of the group `operator`.
    pub operator: Option<String>,
}

/// Staff, signed in.
#[derive(Clone)]
pub struct Desk {
    /// What runs.
    pub system: System,
    http: Client,
    support: String,
    operator: String,
}

impl Desk {
    /// Takes the given tokens, or signs the demo users sam and olga in.
    ///
    /// # Errors
    /// When there is neither a token nor a demo user.
    pub async fn open(repository: &Repository, aws: &Aws, system: System, tokens: Tokens) -> Result<Self> {
        let support = signed_in(repository, aws, &system, tokens.support, ("sam", "OMS_SUPPORT_TOKEN")).await?;
        let operator = signed_in(repository, aws, &system, tokens.operator, ("olga", "OMS_OPERATOR_TOKEN")).await?;
        Ok(Self { http: http::client()?, support, operator, system })
    }

    /// Everything that a list holds, page after page; `field` is the list's name in the answer.
    ///
    /// # Errors
    /// When the service refuses, or lists what this omsctl does not understand.
    pub async fn list<T: DeserializeOwned>(
        &self,
        who: Staff,
        service: &str,
        path: &str,
        field: &str,
    ) -> Result<Vec<T>> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let request = self.request(who, Method::GET, service, path)?;
            let page = send(paged(request, cursor.as_deref()), service, path).await?;
            all.extend(items(service, path, &page, field)?);
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(all),
            }
        }
    }

    /// One thing, if the service knows it.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn look(&self, who: Staff, service: &str, path: &str) -> Result<Option<Value>> {
        answer(self.request(who, Method::GET, service, path)?, service, path).await
    }

    /// Orders that wait longer than they should: a list in one piece.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn overdue<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let (service, path) = ("orders", "/v1/orders");
        let request = self.request(Staff::Support, Method::GET, service, path)?.query(&[("overdue", "true")]);
        items(service, path, &send(request, service, path).await?, "orders")
    }

    /// Sends a command.
    ///
    /// # Errors
    /// When the service refuses it; the message has its words.
    pub async fn command(&self, who: Staff, service: &str, path: &str, body: Value, key: Option<&str>) -> Result<()> {
        let request = self.request(who, Method::POST, service, path)?.json(&body);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        send(request, service, path).await.map(drop)
    }

    /// What the sandbox gateway took and gave back, for one order or in all; nothing where the gateway is a real one.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn ledger(&self, order: Option<&str>) -> Result<Option<Value>> {
        let Some(sandbox) = self.system.services.get(SANDBOX) else { return Ok(None) };
        let path = "/sandbox/ledger";
        let base = sandbox.api.as_deref().context("the sandbox gateway has no HTTP API")?;
        let mut all = json!({});
        let mut cursor = None::<String>;
        loop {
            // Any key will do: there is nothing in the sandbox to steal.
            let request = self.http.get(format!("{base}{path}")).bearer_auth("sk_test_reader");
            let request = match order {
                Some(order) => request.query(&[("orderId", order)]),
                None => paged(request, cursor.as_deref()),
            };
            let page = send(request, SANDBOX, path).await?;
            append(&mut all, &page);
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(Some(all)),
            }
        }
    }

    fn request(&self, who: Staff, method: Method, service: &str, path: &str) -> Result<RequestBuilder> {
        let token = match who {
            Staff::Support => &self.support,
            Staff::Operator => &self.operator,
        };
        Ok(self.http.request(method, format!("{}{path}", self.system.api(service)?)).bearer_auth(token))
    }
}

/// Tokens stay out of logs and panics.
impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("stage", &self.system.stage).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

async fn signed_in(
    repository: &Repository,
    aws: &Aws,
    system: &System,
    given: Option<String>,
    (user, variable): (&str, &str),
) -> Result<String> {
    match given {
        Some(token) => Ok(token),
        None if system.endpoint.is_some() => Ok(users::sign_in(repository, system, aws, user).await?.id),
        None => bail!("on AWS there is no demo user {user}: give an ID token in {variable}"),
    }
}

/// Sends a request that must not be answered with 404.
async fn send(request: RequestBuilder, service: &str, path: &str) -> Result<Value> {
    let answer = answer(request, service, path).await?;
    answer.with_context(|| format!("{service} knows nothing of {path}"))
}

/// Sends a request, again while the service is only busy; nothing if there is no such thing.
async fn answer(request: RequestBuilder, service: &str, path: &str) -> Result<Option<Value>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let again = request.try_clone().context("a request that can be repeated")?;
        let answer = again.send().await.with_context(|| format!("{service} does not answer {path}"))?;
        let status = answer.status();
        let busy = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        if busy && tries < TRIES {
            tokio::time::sleep(BACK_OFF * tries).await;
            continue;
        }
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{service} answered {path} with {status}: {}", reason(&text));
        }
        return serde_json::from_str(&text).with_context(|| format!("{service} answered {path} with no JSON"));
    }
}

/// A problem's own words, or all of it where it is none.
fn reason(text: &str) -> String {
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    let words =
        [&problem["title"], &problem["detail"], &problem["errors"][0]["pointer"], &problem["errors"][0]["detail"]];
    let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
    if words.is_empty() { text.to_owned() } else { words.join(", ") }
}

fn paged(request: RequestBuilder, cursor: Option<&str>) -> RequestBuilder {
    let request = request.query(&[("limit", PAGE)]);
    cursor.into_iter().fold(request, |request, cursor| request.query(&[("cursor", cursor)]))
}

fn items<T: DeserializeOwned>(service: &str, path: &str, page: &Value, field: &str) -> Result<Vec<T>> {
    let items = page[field].as_array().into_iter().flatten();
    let items: Result<Vec<T>, _> = items.map(T::deserialize).collect();
    items.with_context(|| {
        format!("{service} lists {field} at {path} in a form that this omsctl does not know: are both of one version?")
    })
}

/// Puts the lists of a page to those that were read before.
fn append(all: &mut Value, page: &Value) {
    for (name, list) in page.as_object().into_iter().flatten() {
        let Some(list) = list.as_array() else { continue };
        match all[name.as_str()].as_array_mut() {
            Some(before) => before.extend(list.iter().cloned()),
            None => all[name.as_str()] = json!(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_ledger_become_one() {
        let mut all = json!({});
        append(&mut all, &json!({ "charges": [1], "refunds": [], "nextCursor": "x" }));
        append(&mut all, &json!({ "charges": [2], "refunds": [3] }));
        assert_eq!(all, json!({ "charges": [1, 2], "refunds": [3] }));
    }

    #[test]
    fn a_refusal_is_told_in_the_services_own_words() {
        let problem = r#"{"title":"Conflict","detail":"the order is COMPLETED","status":409}"#;
        assert_eq!(reason(problem), "Conflict, the order is COMPLETED");
        assert_eq!(reason("gone"), "gone");
    }
}
