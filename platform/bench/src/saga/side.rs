//! One design as its customers see it: both are called by the same code.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use omsctl::client::{Client, Line};
use omsctl::{http, users};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::local::{Local, SERVICES};

/// The customer who orders.
pub const CUSTOMER: &str = "ada";
/// What is ordered; the price of one piece in minor units.
pub const SKU: &str = "bench-mug";
const PRICE: i64 = 1_595;
/// Enough for every order of a run.
pub const STOCKED: i64 = 100_000;
/// Payment methods of the sandbox gateway.
pub const CHARGED: &str = "pm_card_visa";
pub const DECLINED: &str = "pm_card_chargeDeclined";

/// The roles of functions that handle messages and stream records.
pub const WORKERS: [&str; 2] = ["events", "relay"];

/// Longest time that an order may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// One of the two designs.
pub struct Side {
    /// For the report.
    pub name: &'static str,
    /// Its functions that handle messages and stream records.
    pub workers: Vec<String>,
    orders: String,
    token: String,
    http: reqwest::Client,
}

impl Side {
    /// The API of orders at this URL, with the customer's token.
    ///
    /// # Errors
    /// When the customer cannot sign in.
    pub async fn new(name: &'static str, orders: String, workers: Vec<String>, local: &Local) -> Result<Self> {
        let system = &local.system;
        let tokens = users::sign_in(&local.repository, &system.stage, &system.identity, &local.aws, CUSTOMER).await?;
        Ok(Self { name, workers, orders, token: tokens.id, http: http::client()? })
    }

    /// Our services, with stock and the customer's address.
    ///
    /// # Errors
    /// When inventory or notifications refuses.
    pub async fn ours(local: &Local) -> Result<Self> {
        local.client.adjust_stock(SKU, STOCKED, "bench").await?;
        local.client.set_contact(CUSTOMER).await?;
        let services = SERVICES.iter().filter_map(|name| local.system.services.get(*name));
        let workers = services.flat_map(|service| WORKERS.iter().filter_map(|role| service.functions.get(*role)));
        let orders = format!("{}/v1/orders", local.system.api("orders")?);
        Self::new("ours", orders, workers.cloned().collect(), local).await
    }

    /// Places an order; returns its id.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn place(&self, key: &str, pieces: &[(&str, i64)], method: &str) -> Result<String> {
        let lines: Vec<Line<'_>> = pieces.iter().map(|(sku, quantity)| (*sku, *quantity, PRICE)).collect();
        let request = self.request(Method::POST, "").header("Idempotency-Key", key);
        let accepted = answered(request.json(&Client::order_request(&lines, method))).await?;
        Ok(accepted["orderId"].as_str().context("an accepted order has no orderId")?.to_owned())
    }

    /// Cancels an order as its customer.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn cancel(&self, order: &str) -> Result<Value> {
        answered(self.request(Method::POST, &format!("/{order}/cancellation")).json(&serde_json::json!({}))).await
    }

    /// An order as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn order(&self, order: &str) -> Result<Value> {
        answered(self.request(Method::GET, &format!("/{order}"))).await
    }

    /// Polls an order until this field has this value.
    ///
    /// # Errors
    /// When it has another value for too long.
    pub async fn until(&self, order: &str, field: &str, value: &str, pause: Duration) -> Result<Value> {
        let since = Instant::now();
        loop {
            let seen = self.order(order).await?;
            if seen[field] == value {
                return Ok(seen);
            }
            if since.elapsed() > PATIENCE || has_ended_otherwise(&seen, field, value) {
                bail!("{}: the {field} of {order} is {} instead of {value}", self.name, seen[field]);
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.orders)).bearer_auth(&self.token)
    }
}

fn has_ended_otherwise(order: &Value, field: &str, value: &str) -> bool {
    let ends = ["COMPLETED", "PAYMENT_FAILED", "REJECTED", "CANCELLED"];
    field == "status" && order["status"].as_str().is_some_and(|status| status != value && ends.contains(&status))
}

async fn answered(request: RequestBuilder) -> Result<Value> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("the answer of {url} is not JSON: {text}"))
}
