//! The services' APIs for staff: support reads and cancels orders, the operator reads stock and repairs.

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

/// Entries of a list in one request: the most that the services allow.
const PAGE: &str = "100";
/// Attempts while the service is busy. Every request of this module is safe to repeat.
const TRIES: u32 = 5;
const BACK_OFF: Duration = Duration::from_millis(200);

/// What to do when an answer has an unknown form: bring omsctl and the stage to one version.
pub(crate) const REBUILD: &str = "to update both, run `just up`, or `just deploy STAGE gateway=…` for AWS";

/// Whose token a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staff {
    /// A member of the group `support`, who reads every order, cancels and refunds.
    Support,
    /// A member of the group `operator`, who reads stock and reservations, and repairs.
    Operator,
}

/// ID tokens of staff, for a stage without demo users.
#[derive(Clone, Default)]
pub struct Tokens {
    /// The token of a member of the group `support`.
    pub support: Option<String>,
    /// The token of a member of the group `operator`.
    pub operator: Option<String>,
}

/// The services' APIs with the tokens of staff.
#[derive(Clone)]
pub struct StaffApi {
    /// The stage that it calls.
    pub system: System,
    http: Client,
    support: String,
    operator: String,
}

impl StaffApi {
    /// Uses the given tokens, or signs in the demo users sam and olga.
    ///
    /// # Errors
    /// When there is neither a token nor a demo user.
    pub async fn sign_in(repository: &Repository, aws: &Aws, system: System, tokens: Tokens) -> Result<Self> {
        let support = token(repository, aws, &system, tokens.support, ("sam", "OMS_SUPPORT_TOKEN")).await?;
        let operator = token(repository, aws, &system, tokens.operator, ("olga", "OMS_OPERATOR_TOKEN")).await?;
        Ok(Self { http: http::client()?, support, operator, system })
    }

    /// Every entry of a list, page after page; `field` is the list's name in the answer.
    ///
    /// # Errors
    /// When the service refuses, or an entry has a form that this version does not know.
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

    /// One resource; `None` if the service answers 404.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn get(&self, who: Staff, service: &str, path: &str) -> Result<Option<Value>> {
        answer(self.request(who, Method::GET, service, path)?, service, path).await
    }

    /// Orders that wait longer than they should: a list without pages.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn overdue_orders<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let (service, path) = ("orders", "/v1/orders");
        let request = self.request(Staff::Support, Method::GET, service, path)?.query(&[("overdue", "true")]);
        items(service, path, &send(request, service, path).await?, "orders")
    }

    /// Sends a command, with an idempotency key where the service requires one.
    ///
    /// # Errors
    /// When the service refuses it; the message has the title and detail of its answer.
    pub async fn post(&self, who: Staff, service: &str, path: &str, body: Value, key: Option<&str>) -> Result<()> {
        let request = self.request(who, Method::POST, service, path)?.json(&body);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        send(request, service, path).await.map(drop)
    }

    /// The sandbox gateway's ledger of charges and refunds, for one order or all; `None` if payments calls another gateway.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn gateway_ledger(&self, order: Option<&str>) -> Result<Option<Value>> {
        let Some(base) = self.system.sandbox_in_use() else { return Ok(None) };
        let path = "/sandbox/ledger";
        let mut all = json!({});
        let mut cursor = None::<String>;
        loop {
            // The sandbox accepts every key: it has nothing to protect.
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

/// Tokens stay out of logs and panic messages.
impl fmt::Debug for StaffApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffApi").field("stage", &self.system.stage).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

async fn token(
    repository: &Repository,
    aws: &Aws,
    system: &System,
    given: Option<String>,
    (user, variable): (&str, &str),
) -> Result<String> {
    match given {
        Some(token) => Ok(token),
        None if system.endpoint.is_some() => {
            Ok(users::sign_in(repository, &system.stage, &system.identity, aws, user).await?.id)
        }
        None => bail!("stage {} on AWS has no demo user {user}; run `export {variable}=ID_TOKEN` first", system.stage),
    }
}

/// Sends a request for which 404 is an error.
async fn send(request: RequestBuilder, service: &str, path: &str) -> Result<Value> {
    let answer = answer(request, service, path).await?;
    answer.with_context(|| format!("{service} answered 404 Not Found for {path}"))
}

/// Sends a request, and repeats it while the service is busy; `None` for 404.
async fn answer(request: RequestBuilder, service: &str, path: &str) -> Result<Option<Value>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let again = request.try_clone().context("the request cannot be repeated")?;
        let answer = again
            .send()
            .await
            .with_context(|| format!("{service} did not answer {path}; run `just logs --service {service}`"))?;
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
            bail!("{service} answered {status} for {path}: {}", reason(&text));
        }
        return serde_json::from_str(&text).with_context(|| format!("{service}'s answer for {path} is not JSON"));
    }
}

/// The title and detail of a problem (RFC 9457), or the whole text of any other answer.
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
        format!("{service} lists {field} at {path} in a form that this omsctl does not know; {REBUILD}")
    })
}

/// Adds the lists of a page to those of earlier pages.
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
    fn a_refusal_has_the_services_own_words() {
        let problem = r#"{"title":"Conflict","detail":"the order is COMPLETED","status":409}"#;
        assert_eq!(reason(problem), "Conflict, the order is COMPLETED");
        assert_eq!(reason("gone"), "gone");
    }
}
