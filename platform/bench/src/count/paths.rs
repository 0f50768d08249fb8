//! The paths of an order, each from its request to its end.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use omsctl::client::{Client, Line};
use reqwest::Method;
use serde_json::{Value, json};

use super::counter::Counter;
use super::tally::Tally;

/// How long an order may take to its end.
const LIMIT: Duration = Duration::from_mins(1);
const PRICE: i64 = 1_595;

/// How an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// It is completed.
    Paid,
    /// The card is refused.
    Declined,
    /// One of its lines is not in stock.
    OutOfStock,
    /// The customer cancels it before its stock is reserved.
    Cancelled,
    /// Staff refund the payment but for a minor unit, right after the order was completed.
    Refunded,
}

/// Every path, and the events that end it: when they are published, nothing follows but their consumers.
const PATHS: [(Path, &str, &[&str]); 5] = [
    (Path::Paid, "paid", &["OrderCompleted.v1", "NotificationSent.v1"]),
    (Path::Declined, "declined", &["OrderCancelled.v1", "InventoryReleased.v1", "NotificationSent.v1"]),
    (Path::OutOfStock, "out-of-stock", &["OrderCancelled.v1", "PaymentVoided.v1", "NotificationSent.v1"]),
    (Path::Cancelled, "cancelled", &["PaymentVoided.v1", "InventoryReleased.v1", "NotificationSent.v1"]),
    (Path::Refunded, "refunded", &["OrderCompleted.v1", "NotificationSent.v1", "PaymentRefunded.v1"]),
];

impl Path {
    /// Every path.
    pub fn all() -> impl Iterator<Item = Self> {
        PATHS.iter().map(|(path, ..)| *path)
    }

    /// Its name in the lock.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The events that end it.
    pub fn ends(self) -> &'static [&'static str] {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, &'static [&'static str]) {
        PATHS.iter().find(|(path, ..)| *path == self).unwrap_or(&PATHS[0])
    }
}

/// One order that is placed and followed to its end.
#[derive(Debug)]
pub struct Order<'a> {
    /// The APIs.
    pub client: &'a Client,
    /// What switches consumers.
    pub counter: &'a Counter<'a>,
    /// What was published.
    pub tally: &'a Tally,
    /// How it goes.
    pub path: Path,
    /// A name that no other order has.
    pub name: String,
    /// Its skus, one for each line.
    pub skus: Vec<String>,
}

impl Order<'_> {
    /// Puts its skus in stock: enough of each, or of the last one too little.
    ///
    /// # Errors
    /// When inventory refuses.
    pub async fn stock(&self) -> Result<()> {
        for sku in &self.skus {
            let is_short = self.path == Path::OutOfStock && Some(sku) == self.skus.last();
            let pieces = if is_short { 1 } else { 1_000 };
            self.client.adjust_stock(sku, pieces, &format!("stock-{sku}")).await?;
        }
        Ok(())
    }

    /// Places it and follows it to its end.
    ///
    /// # Errors
    /// When a request is refused, or it does not end in time.
    pub async fn play(&self) -> Result<()> {
        let played = tokio::time::timeout(LIMIT, Box::pin(self.steps())).await;
        played.unwrap_or_else(|_| {
            let seen: Vec<String> = self.tally.published().into_iter().map(|event| event.kind).collect();
            bail!("{} did not end within {LIMIT:?}: published {seen:?}, expected {:?}", self.name, self.path.ends())
        })
    }

    async fn steps(&self) -> Result<()> {
        match self.path {
            Path::Paid | Path::Declined | Path::OutOfStock => drop(self.place().await?),
            Path::Cancelled => self.place_and_cancel().await?,
            Path::Refunded => self.place_and_refund().await?,
        }
        for kind in self.path.ends() {
            self.published(kind).await;
        }
        Ok(())
    }

    async fn place(&self) -> Result<Value> {
        let method = if self.path == Path::Declined { "pm_card_chargeDeclined" } else { "pm_card_visa" };
        let lines: Vec<Line<'_>> = self.skus.iter().map(|sku| (sku.as_str(), 2, PRICE)).collect();
        self.client.place_order("ada", &self.name, &Client::order_request(&lines, method)).await
    }

    /// Inventory waits until the order is cancelled everywhere else, so that the cancel always comes first.
    async fn place_and_cancel(&self) -> Result<()> {
        self.counter.set_consumer("inventory", false).await?;
        let order = self.place().await?;
        self.published("OrderCreated.v1").await;
        self.counter.until_drained(&["inventory"]).await?;
        let id = order["orderId"].as_str().context("the order has no orderId")?;
        let path = format!("/v1/orders/{id}/cancellation");
        self.post("ada", "orders", &path, &json!({ "reason": "CUSTOMER" })).await?;
        self.published("PaymentVoided.v1").await;
        self.counter.until_drained(&["inventory"]).await?;
        self.counter.set_consumer("inventory", true).await
    }

    async fn place_and_refund(&self) -> Result<()> {
        let order = self.place().await?;
        self.published("NotificationSent.v1").await;
        self.counter.until_drained(&[]).await?;
        let paid = self.tally.published().into_iter().find(|event| event.kind == "PaymentSucceeded.v1");
        let paid = paid.context("the order was completed without PaymentSucceeded")?;
        let payment = paid.detail["data"]["paymentId"].as_str().context("PaymentSucceeded has no paymentId")?;
        let total = order["total"].as_u64().context("the order has no total")?;
        let path = format!("/v1/payments/{payment}/refunds");
        self.post("sam", "payments", &path, &json!({ "amount": total - 1 })).await
    }

    async fn post(&self, user: &str, service: &str, path: &str, body: &Value) -> Result<()> {
        let request = self.client.request(user, Method::POST, service, path)?.header("Idempotency-Key", &self.name);
        let answer = request.json(body).send().await?;
        if !answer.status().is_success() {
            bail!("{path} answered {}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }

    async fn published(&self, kind: &str) {
        self.tally.until(|published| published.iter().any(|event| event.kind == kind)).await;
    }
}
