//! A shop's view of a running stage: what customers, staff and the gateway's ledger say, over HTTP alone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::repository::Repository;
use crate::system::System;
use crate::{http, users};

/// How long a follower waits between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One line of a basket: sku, pieces, price of one piece in minor units.
pub type Line<'a> = (&'a str, i64, i64);

/// The demo users of a stage, signed in.
#[derive(Debug, Clone)]
pub struct Shop {
    /// What runs.
    pub system: System,
    http: Client,
    tokens: BTreeMap<String, String>,
}

impl Shop {
    /// Signs every demo user in.
    ///
    /// # Errors
    /// When the user pool refuses.
    pub async fn open(repository: &Repository, aws: &Aws, system: System) -> Result<Self> {
        let mut tokens = BTreeMap::new();
        for name in system.users.keys() {
            tokens.insert(name.clone(), users::sign_in(repository, &system, aws, name).await?.id);
        }
        Ok(Self { http: http::client()?, tokens, system })
    }

    /// A request of a user to a service's API; `nobody` sends no token.
    ///
    /// # Errors
    /// When the service has no API or the user is unknown.
    pub fn request(&self, user: &str, method: Method, service: &str, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method, format!("{}{path}", self.system.api(service)?));
        if user == "nobody" {
            return Ok(request);
        }
        let token = self.tokens.get(user).with_context(|| format!("there is no demo user {user}"))?;
        Ok(request.bearer_auth(token))
    }

    /// The body of an order request.
    #[must_use]
    pub fn basket(lines: &[Line<'_>], method: &str) -> Value {
        let line = |(sku, quantity, price): &Line<'_>| json!({ "sku": sku, "quantity": quantity, "unitPrice": price });
        json!({ "lines": lines.iter().map(line).collect::<Vec<_>>(), "currency": "EUR", "paymentMethod": method })
    }

    /// Places an order and returns it as it was accepted.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn order(&self, user: &str, key: &str, basket: &Value) -> Result<Value> {
        let request = self.request(user, Method::POST, "orders", "/v1/orders")?.header("Idempotency-Key", key);
        body(request.json(basket).send().await?).await
    }

    /// An order as it stands now.
    ///
    /// # Errors
    /// When the user may not see it.
    pub async fn look(&self, user: &str, order: &str) -> Result<Value> {
        body(self.request(user, Method::GET, "orders", &format!("/v1/orders/{order}"))?.send().await?).await
    }

    /// Follows an order until it is settled; the last look at it if that takes too long.
    ///
    /// # Errors
    /// When the user may not see it.
    pub async fn follow(&self, user: &str, order: &str, within: Duration) -> Result<Value> {
        let since = Instant::now();
        loop {
            let seen = self.look(user, order).await?;
            if seen["settled"] == true || since.elapsed() > within {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Adds pieces to a sku, as the operator; the same key adds them once.
    ///
    /// # Errors
    /// When inventory refuses.
    pub async fn adjust(&self, sku: &str, delta: i64, key: &str) -> Result<Value> {
        let request = self.request("olga", Method::POST, "inventory", &format!("/v1/stock/{sku}/adjustments"))?;
        body(request.header("Idempotency-Key", key).json(&json!({ "delta": delta })).send().await?).await
    }

    /// The pieces of a sku that can still be held for an order.
    ///
    /// # Errors
    /// When inventory does not know the sku.
    pub async fn stock(&self, sku: &str) -> Result<Value> {
        body(self.request("olga", Method::GET, "inventory", &format!("/v1/stock/{sku}"))?.send().await?).await
    }

    /// Leaves a customer's address for mail.
    ///
    /// # Errors
    /// When notifications refuses.
    pub async fn leave_address(&self, user: &str) -> Result<()> {
        let email = users::email(user);
        let request = self.request(user, Method::PUT, "notifications", "/v1/contacts/me")?;
        let response = request.json(&json!({ "email": email })).send().await?;
        if response.status().is_success() {
            Ok(())
        } else {
            bail!("the address was refused: {}", response.text().await?)
        }
    }

    /// What the sandbox gateway really charged for an order.
    ///
    /// # Errors
    /// When there is no sandbox, or it does not answer.
    pub async fn ledger(&self, order: &str) -> Result<Value> {
        let url = format!("{}/sandbox/ledger?orderId={order}", self.system.api("sandbox-gateway")?);
        body(self.http.get(url).bearer_auth("sk_test_reader").send().await?).await
    }

    /// Every mail that the emulator has taken.
    ///
    /// # Errors
    /// When there is no mailbox to look into.
    pub async fn mails(&self) -> Result<Vec<Value>> {
        let url = self.system.mailbox.as_deref().context("mail can only be read on an emulator")?;
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

/// How many messages each dead-letter queue holds, seen or hidden.
///
/// # Errors
/// When SQS does not answer.
pub async fn dead_letters(aws: &Aws, system: &System) -> Result<BTreeMap<String, u64>> {
    use aws_sdk_sqs::types::QueueAttributeName::{
        ApproximateNumberOfMessages as Seen, ApproximateNumberOfMessagesNotVisible as Hidden,
    };
    let sqs = aws.sqs();
    let mut counts = BTreeMap::new();
    for (name, queue) in &system.dead_letters {
        let request = sqs.get_queue_attributes().queue_url(&queue.url).attribute_names(Seen).attribute_names(Hidden);
        let answer = request.send().await.with_context(|| format!("cannot look into {}", queue.url))?;
        let count = |attribute| answer.attributes().and_then(|all| all.get(&attribute)).and_then(|n| n.parse().ok());
        counts.insert(name.clone(), count(Seen).unwrap_or(0_u64) + count(Hidden).unwrap_or(0));
    }
    Ok(counts)
}

async fn body(response: Response) -> Result<Value> {
    let (status, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("{url} answered no JSON: {text}"))
}
