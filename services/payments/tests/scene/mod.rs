//! An order that nobody else pays for, against the deployed service and the deployed sandbox gateway.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(dead_code, reason = "each test program uses a part")]

use contracts::catalogue;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Capture, Stage, event, eventually, unique};

/// The order, seen by all who take part.
pub struct Scene {
    pub stage: Stage,
    pub capture: Capture,
    pub order: String,
    method: &'static str,
}

impl Scene {
    pub async fn begin(method: &'static str) -> Self {
        let stage = Stage::from_env().await;
        let capture = Capture::begin(&stage).await;
        let hex = unique("").trim_start_matches('-').to_owned();
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Self { stage, capture, order: format!("ord_{uuid}"), method }
    }

    /// The sample of a type whose data has these values, about this order.
    pub fn event(&self, event_type: &str, wanted: &[(&str, Value)]) -> Value {
        let entry = catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
        let fits = |sample: &&Value| wanted.iter().all(|(field, value)| sample["data"][field] == *value);
        let sample = entry.samples.iter().find(fits).unwrap();
        let (order, saga) = (json!(self.order), json!(self.order.replace("ord_", "cor_")));
        event(sample, &[("/subject", order.clone()), ("/data/orderId", order), ("/correlationid", saga)])
    }

    pub fn created(&self) -> Value {
        let mut created = self.event("OrderCreated.v1", &[]);
        created["data"]["paymentMethod"] = json!(self.method);
        created["data"]["customerId"] = json!(self.stage.customer("ada"));
        created["data"]["payBy"] = json!(chassis::clock::now() + SignedDuration::from_mins(60));
        created
    }

    pub fn reserved(&self) -> Value {
        let mut reserved = self.event("InventoryReserved.v1", &[]);
        reserved["data"]["expiresAt"] = json!(chassis::clock::now() + SignedDuration::from_mins(15));
        reserved
    }

    pub fn cancelled(&self) -> Value {
        self.event("OrderCancelled.v1", &[("reason", json!("CUSTOMER"))])
    }

    /// The order, charged.
    pub async fn charged(method: &'static str) -> Self {
        let scene = Self::begin(method).await;
        scene.stage.publish(&[scene.created(), scene.reserved()]).await;
        scene.capture.wait_for(&scene.order, "PaymentSucceeded.v1").await;
        scene
    }

    /// Its payment's id, which bears the order's own UUID.
    pub fn payment_id(&self) -> String {
        self.order.replace("ord_", "pay_")
    }

    /// A command about its payment, and what is answered.
    pub async fn command(&self, user: &str, name: &str, key: &str, body: &Value) -> (u16, Value, bool) {
        let path = format!("/v1/payments/{}/{name}", self.payment_id());
        let request = self.stage.request(user, Method::POST, "payments", &path);
        let answer = request.header("Idempotency-Key", key).json(body).send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default(), replayed)
    }

    /// Sends the sweep to this order, so many hours from now, when everything is due that waits.
    pub async fn sweep(&self, hours: i64) -> Value {
        let at = chassis::clock::now() + SignedDuration::from_hours(hours);
        self.stage.sweep("payments", &[&self.order], at).await
    }

    pub async fn ask(&self, user: &str, query: &str) -> (u16, Value) {
        let request = self.stage.request(user, Method::GET, "payments", &format!("/v1/payments{query}"));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub async fn payment(&self) -> Value {
        let (_, answer) = self.ask("sam", &format!("?orderId={}", self.order)).await;
        answer["payments"][0].clone()
    }

    pub async fn becomes(&self, status: &str) -> Value {
        eventually(&format!("{} is {status}", self.order), || async { self.payment().await["status"] == status }).await;
        self.payment().await
    }

    /// What the gateway took for this order, and its intents.
    pub async fn ledger(&self) -> (usize, Vec<Value>) {
        let path = format!("/sandbox/ledger?orderId={}", self.order);
        let request = self.stage.request("nobody", Method::GET, "sandbox-gateway", &path).bearer_auth("any");
        let ledger: Value = request.send().await.unwrap().json().await.unwrap();
        (ledger["charges"].as_array().unwrap().len(), ledger["intents"].as_array().unwrap().clone())
    }

    /// What went back: the refunds that the gateway knows, and how often it was asked for one.
    pub async fn returned(&self) -> (Vec<Value>, u64) {
        let path = format!("/sandbox/ledger?orderId={}", self.order);
        let request = self.stage.request("nobody", Method::GET, "sandbox-gateway", &path).bearer_auth("any");
        let ledger: Value = request.send().await.unwrap().json().await.unwrap();
        let brief = |refund: &Value| json!([refund["refundId"], refund["amount"]]);
        let calls = ledger["intents"][0]["refundCalls"].as_u64().unwrap();
        (ledger["refunds"].as_array().unwrap().iter().map(brief).collect(), calls)
    }

    pub fn published(&self, event_type: &str) -> Vec<Value> {
        self.capture.of_type(&self.order, event_type)
    }

    pub fn published_id(&self, event_type: &str) -> Value {
        self.capture.of_type(&self.order, event_type).remove(0)["id"].clone()
    }

    pub fn failed_attempts(&self) -> Vec<Value> {
        let mut failed = self.capture.of_type(&self.order, "PaymentAttemptFailed.v1");
        failed.sort_by_key(|event| event["sequence"].to_string());
        failed.into_iter().map(|event| json!([event["data"]["attempt"], event["data"]["category"]])).collect()
    }
}
