//! A client of a running stage: the demo's customers and operator, over HTTP alone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::repository::Repository;
use crate::system::System;
use crate::{http, users};

/// The pause between two requests for an order that is followed.
const POLL: Duration = Duration::from_millis(100);

/// One line of an order request: sku, pieces, price of one piece in minor units.
pub type Line<'a> = (&'a str, i64, i64);

/// The demo users of a stage, signed in.
#[derive(Debug, Clone)]
pub struct Client {
    /// The stage that it calls.
    pub system: System,
    http: reqwest::Client,
    /// ID tokens by user name.
    tokens: BTreeMap<String, String>,
}

impl Client {
    /// Signs in every demo user.
    ///
    /// # Errors
    /// When the user pool refuses.
    pub async fn sign_in(repository: &Repository, aws: &Aws, system: System) -> Result<Self> {
        let mut tokens = BTreeMap::new();
        for name in system.users.keys() {
            tokens
                .insert(name.clone(), users::sign_in(repository, &system.stage, &system.identity, aws, name).await?.id);
        }
        Ok(Self { http: http::client()?, tokens, system })
    }

    /// A user's request to a service's API; the user `nobody` sends no token.
    ///
    /// # Errors
    /// When the service has no API or the user is unknown.
    pub fn request(&self, user: &str, method: Method, service: &str, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method, format!("{}{path}", self.system.api(service)?));
        if user == "nobody" {
            return Ok(request);
        }
        let token = self.tokens.get(user).with_context(|| format!("stage {} has no user {user}", self.system.stage))?;
        Ok(request.bearer_auth(token))
    }

    /// The body of an order request in EUR.
    #[must_use]
    pub fn order_request(lines: &[Line<'_>], method: &str) -> Value {
        let line = |(sku, quantity, price): &Line<'_>| json!({ "sku": sku, "quantity": quantity, "unitPrice": price });
        json!({ "lines": lines.iter().map(line).collect::<Vec<_>>(), "currency": "EUR", "paymentMethod": method })
    }

    /// Places an order; returns it as orders accepted it.
    ///
    /// # Errors
    /// When orders refuses it.
    pub async fn place_order(&self, user: &str, key: &str, order: &Value) -> Result<Value> {
        let request = self.request(user, Method::POST, "orders", "/v1/orders")?.header("Idempotency-Key", key);
        body(request.json(order).send().await?).await
    }

    /// An order as it is now.
    ///
    /// # Errors
    /// When the user may not see it.
    pub async fn get_order(&self, user: &str, order: &str) -> Result<Value> {
        body(self.request(user, Method::GET, "orders", &format!("/v1/orders/{order}"))?.send().await?).await
    }

    /// Polls an order until it is settled; returns its last state, even if it did not settle within this time.
    ///
    /// # Errors
    /// When the user may not see it.
    pub async fn follow_order(&self, user: &str, order: &str, within: Duration) -> Result<Value> {
        let since = Instant::now();
        loop {
            let seen = self.get_order(user, order).await?;
            if seen["settled"] == true || since.elapsed() > within {
                return Ok(seen);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Adds pieces to a sku's stock, as the operator; a repeated key adds them once.
    ///
    /// # Errors
    /// When inventory refuses.
    pub async fn adjust_stock(&self, sku: &str, delta: i64, key: &str) -> Result<Value> {
        let request = self.request("olga", Method::POST, "inventory", &format!("/v1/stock/{sku}/adjustments"))?;
        body(request.header("Idempotency-Key", key).json(&json!({ "delta": delta })).send().await?).await
    }

    /// The state of an order's pieces, such as `COMMITTED`.
    ///
    /// # Errors
    /// When inventory does not know the order.
    pub async fn reservation_state(&self, order: &str) -> Result<String> {
        let request = self.request("olga", Method::GET, "inventory", &format!("/v1/reservations/{order}"))?;
        let reservation = body(request.send().await?).await?;
        Ok(reservation["state"].as_str().unwrap_or("unknown").to_owned())
    }

    /// A sku's stock: `onHand`, `reserved` and `available` pieces.
    ///
    /// # Errors
    /// When inventory does not know the sku.
    pub async fn stock(&self, sku: &str) -> Result<Value> {
        body(self.request("olga", Method::GET, "inventory", &format!("/v1/stock/{sku}"))?.send().await?).await
    }

    /// Sets a customer's e-mail address to the one that the user's token verifies, so that mail goes there.
    ///
    /// # Errors
    /// When notifications refuses, or wants the address to be confirmed.
    pub async fn set_contact(&self, user: &str) -> Result<()> {
        let email = users::email(user);
        let request = self.request(user, Method::PUT, "notifications", "/v1/contacts/me")?;
        let response = request.json(&json!({ "email": email })).send().await?;
        let status = response.status();
        if !status.is_success() {
            bail!("notifications answered {status} for the address of {user}: {}", response.text().await?);
        }
        let contact: Value = response.json().await?;
        if contact["confirmed"] != true {
            bail!("notifications did not confirm the address of {user} by the token: {contact}");
        }
        Ok(())
    }

    /// Every mail that the emulator accepted.
    ///
    /// # Errors
    /// When the stage is on AWS, where mail cannot be read.
    pub async fn mails(&self) -> Result<Vec<Value>> {
        let url = self.system.mailbox.as_deref().context("only an emulator shows mail; run `just up` for one")?;
        let answer: Value = body(self.http.get(url).send().await?).await?;
        let accounts = answer["messages"].as_object().cloned().unwrap_or_default();
        Ok(accounts.into_values().flat_map(|mails| mails.as_array().cloned().unwrap_or_default()).collect())
    }

    /// The mails that name an order.
    ///
    /// # Errors
    /// As [`Self::mails`].
    pub async fn mails_about(&self, order: &str) -> Result<Vec<Value>> {
        Ok(self.mails().await?.into_iter().filter(|mail| mail.to_string().contains(order)).collect())
    }
}

async fn body(response: Response) -> Result<Value> {
    let (status, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("the answer of {url} is not JSON: {text}"))
}
