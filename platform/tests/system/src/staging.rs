//! Stages a race from outside: withholds events, sends requests at the right moment, runs the sweeps.

use std::panic::{AssertUnwindSafe, resume_unwind};

use aws_sdk_sqs::types::MessageAttributeValue;
use futures::FutureExt;
use jiff::Timestamp;
use omsctl::dlq::{self, DeadLetter, Discarded};
use omsctl::system::Queue;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::{delivered, eventually};

use crate::world::World;

/// Long after every reservation expired, every order should be paid, and every retry is due.
pub fn later() -> Timestamp {
    "2099-01-01T00:00:00Z".parse().unwrap()
}

impl World {
    /// Does some work while these services receive no events: what is published meanwhile is lost for them.
    pub async fn while_disconnected<T>(&self, services: &[&str], work: impl Future<Output = T>) -> T {
        let bus = self.aws.eventbridge();
        let rule = |service: &str| format!("oms-{}-{service}", self.client.system.stage);
        for service in services {
            bus.disable_rule().event_bus_name(self.stage.bus()).name(rule(service)).send().await.unwrap();
        }
        let outcome = AssertUnwindSafe(work).catch_unwind().await;
        // Later tests need the rules, whatever the outcome.
        for service in services {
            bus.enable_rule().event_bus_name(self.stage.bus()).name(rule(service)).send().await.unwrap();
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    pub async fn cancel(&self, user: &str, order: &str, reason: &str) -> Response {
        let path = format!("/v1/orders/{order}/cancellation");
        let request = self.client.request(user, Method::POST, "orders", &path).unwrap();
        request.json(&json!({ "reason": reason })).send().await.unwrap()
    }

    /// The order with the fields that only support sees.
    pub async fn order_for_support(&self, order: &str) -> Value {
        self.client.get_order("sam", order).await.unwrap()
    }

    /// The order's payment; null before payments consumed an event about the order.
    pub async fn payment(&self, order: &str) -> Value {
        let path = format!("/v1/payments?orderId={order}");
        let request = self.client.request("sam", Method::GET, "payments", &path).unwrap();
        request.send().await.unwrap().json::<Value>().await.unwrap()["payments"][0].clone()
    }

    /// The order's reservation.
    pub async fn reservation(&self, order: &str) -> Value {
        let path = format!("/v1/reservations/{order}");
        let request = self.client.request("olga", Method::GET, "inventory", &path).unwrap();
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Makes a service publish the state of an aggregate again, as the operator.
    pub async fn announce(&self, service: &str, of: &str, id: &str) {
        let path = format!("/v1/{of}/{id}/announcement");
        let request = self.client.request("olga", Method::POST, service, &path).unwrap();
        let answer = request.json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    }

    pub async fn history(&self, order: &str) -> Vec<Value> {
        let path = format!("/v1/orders/{order}/history");
        let request = self.client.request("ada", Method::GET, "orders", &path).unwrap();
        let history = request.send().await.unwrap().json::<Value>().await.unwrap();
        history["facts"].as_array().unwrap_or_else(|| panic!("no history of {order}: {history}")).clone()
    }

    /// Waits until the order's history has a fact of this type with this outcome.
    pub async fn until_history_has(&self, order: &str, event_type: &str, outcome: &str) {
        let is_it = |fact: &Value| fact["eventType"] == event_type && fact["outcome"] == outcome;
        eventually(&format!("{order}: {event_type} is {outcome}"), || async {
            self.history(order).await.iter().any(is_it)
        })
        .await;
    }

    pub async fn until_payment_is(&self, order: &str, statuses: &[&str]) {
        eventually(&format!("{order}: its payment is {statuses:?}"), || async {
            self.payment(order).await["status"].as_str().is_some_and(|status| statuses.contains(&status))
        })
        .await;
    }

    /// Waits until the gateway has charged, even if no service knows it yet.
    pub async fn until_charged(&self, order: &str) {
        eventually(&format!("{order}: the gateway has charged"), || async {
            !self.ledger(order).await["charges"].as_array().unwrap().is_empty()
        })
        .await;
    }

    /// Waits until the order's only refund meets the condition.
    pub async fn until_refund(&self, order: &str, condition: impl Fn(&Value) -> bool) {
        eventually(&format!("{order}: its refund"), || async { condition(&self.payment(order).await["refunds"][0]) })
            .await;
    }

    /// Runs a service's sweep for one order, as if it were much later.
    pub async fn sweep(&self, service: &str, order: &str) {
        self.sweep_at(service, order, later()).await;
    }

    /// Runs a service's sweep for one order, as if it were this time.
    pub async fn sweep_at(&self, service: &str, order: &str, at: Timestamp) {
        let keys = [order.to_owned()];
        let swept = omsctl::sweep::sweep(&self.aws, &self.client.system, Some(service), Some(at), &keys).await;
        let swept = swept.unwrap();
        assert_eq!((swept.len(), swept[0].counts.looked, &swept[0].error), (1, 1, &None), "{swept:?}");
    }

    /// Waits for a dead letter that meets the condition.
    pub async fn dead_letter(&self, name: &str, condition: impl Fn(&DeadLetter) -> bool) -> DeadLetter {
        let shown = || async { dlq::show(&self.aws, &self.client.system, name, 100, true).await.unwrap() };
        eventually(&format!("the message is in {name}"), || async { shown().await.iter().any(&condition) }).await;
        shown().await.into_iter().find(condition).unwrap()
    }

    /// Discards a dead letter now; returns it and its record.
    pub async fn discard(&self, name: &str, message: &DeadLetter) -> (DeadLetter, Discarded) {
        let why = ("a test of ours", now());
        dlq::discard(&self.aws, &self.client.system, name, &message.message_id, why).await.unwrap()
    }

    /// Puts events into a dead-letter queue, in the form in which the bus delivers them.
    pub async fn park(&self, name: &str, events: &[Value], attributes: &[(&str, &str)]) {
        for event in events {
            let body = delivered(event);
            self.send(&self.client.system.dead_letters[name], &body, attributes).await;
        }
    }

    pub async fn send(&self, queue: &Queue, body: &str, attributes: &[(&str, &str)]) {
        let text =
            |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
        let request = self.aws.sqs().send_message().queue_url(&queue.url).message_body(body);
        let request =
            attributes.iter().fold(request, |request, (name, value)| request.message_attributes(*name, text(value)));
        request.send().await.unwrap();
    }
}

/// An event about an order that another service could have published: a sample with the correlation id and the subject
/// of `cause`. No service reaches `sequence`, so the event's id is unique.
pub fn fabricated(event_type: &str, sequence: u64, cause: &Value, changes: &[(&str, Value)]) -> Value {
    let entry = contracts::catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
    let (source, subject) = (entry.source, cause["subject"].as_str().unwrap());
    let mut all = vec![
        ("/subject", cause["subject"].clone()),
        ("/data/orderId", cause["subject"].clone()),
        ("/causationid", cause["id"].clone()),
        ("/sequence", json!(format!("{sequence:010}"))),
    ];
    // whose customer is that of the order, where the type and the cause name one
    let customer = cause.pointer("/data/customerId").filter(|_| entry.samples[0].pointer("/data/customerId").is_some());
    all.extend(customer.map(|customer| ("/data/customerId", customer.clone())));
    all.extend(changes.iter().cloned());
    let mut event = testkit::event(&entry.samples[0], &all);
    event["id"] = json!(contracts::event_id(source, subject, sequence));
    event["correlationid"] = cause["correlationid"].clone();
    event["hops"] = json!(cause["hops"].as_u64().unwrap_or(0) + 1);
    event
}

#[expect(clippy::disallowed_methods, reason = "a test is its own rim")]
fn now() -> Timestamp {
    Timestamp::now()
}
