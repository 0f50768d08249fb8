//! How a race is staged from outside: holding messages back, asking at the right moment, waking the sweeps.

use std::panic::{AssertUnwindSafe, resume_unwind};

use aws_sdk_sqs::types::MessageAttributeValue;
use futures::FutureExt;
use jiff::Timestamp;
use omsctl::dlq::{self, Letter};
use omsctl::system::Queue;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::{eventually, unique};

use crate::world::World;

/// Long after every hold has run out, every order should have been paid, and every next try is due.
pub fn later() -> Timestamp {
    "2099-01-01T00:00:00Z".parse().unwrap()
}

impl World {
    /// Does something of which these services hear nothing. What is said meanwhile is lost for them.
    pub async fn unheard<T>(&self, services: &[&str], something: impl Future<Output = T>) -> T {
        let bus = self.aws.eventbridge();
        let rule = |service: &str| format!("oms-{}-{service}", self.shop.system.stage);
        for service in services {
            bus.disable_rule().event_bus_name(self.stage.bus()).name(rule(service)).send().await.unwrap();
        }
        let outcome = AssertUnwindSafe(something).catch_unwind().await;
        // The tests after this one want them back in any case.
        for service in services {
            bus.enable_rule().event_bus_name(self.stage.bus()).name(rule(service)).send().await.unwrap();
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    pub async fn cancel(&self, user: &str, order: &str, reason: &str) -> Response {
        let path = format!("/v1/orders/{order}/cancellation");
        let request = self.shop.request(user, Method::POST, "orders", &path).unwrap();
        request.json(&json!({ "reason": reason })).send().await.unwrap()
    }

    /// The order with what only support sees.
    pub async fn seen_by_staff(&self, order: &str) -> Value {
        self.shop.look("sam", order).await.unwrap()
    }

    /// What payments knows of an order; null before it has heard of it.
    pub async fn payment(&self, order: &str) -> Value {
        let path = format!("/v1/payments?orderId={order}");
        let request = self.shop.request("sam", Method::GET, "payments", &path).unwrap();
        request.send().await.unwrap().json::<Value>().await.unwrap()["payments"][0].clone()
    }

    /// What inventory holds for an order.
    pub async fn reservation(&self, order: &str) -> Value {
        let path = format!("/v1/reservations/{order}");
        let request = self.shop.request("olga", Method::GET, "inventory", &path).unwrap();
        request.send().await.unwrap().json().await.unwrap()
    }

    /// An operator has it said again how something stands.
    pub async fn announce(&self, service: &str, of: &str, id: &str) {
        let path = format!("/v1/{of}/{id}/announcement");
        let request = self.shop.request("olga", Method::POST, service, &path).unwrap();
        let answer = request.json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    }

    pub async fn history(&self, order: &str) -> Vec<Value> {
        let path = format!("/v1/orders/{order}/history");
        let request = self.shop.request("ada", Method::GET, "orders", &path).unwrap();
        let history = request.send().await.unwrap().json::<Value>().await.unwrap();
        history["facts"].as_array().unwrap_or_else(|| panic!("no history of {order}: {history}")).clone()
    }

    /// Whether the history has a fact of a type with an outcome.
    pub async fn noted(&self, order: &str, event_type: &str, outcome: &str) {
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

    /// Waits until the gateway has charged, whoever knows of it.
    pub async fn until_charged(&self, order: &str) {
        eventually(&format!("{order}: the gateway has charged"), || async {
            !self.shop.ledger(order).await.unwrap()["charges"].as_array().unwrap().is_empty()
        })
        .await;
    }

    /// Waits until an order's one refund is so far.
    pub async fn until_refund(&self, order: &str, is_so_far: impl Fn(&Value) -> bool) {
        eventually(&format!("{order}: its refund"), || async { is_so_far(&self.payment(order).await["refunds"][0]) })
            .await;
    }

    /// Wakes a service's sweep for one order, as if it were long after.
    pub async fn sweep(&self, service: &str, order: &str) {
        self.sweep_at(service, order, later()).await;
    }

    /// Wakes a service's sweep for one order, as if it were that time.
    pub async fn sweep_at(&self, service: &str, order: &str, at: Timestamp) {
        let keys = [order.to_owned()];
        let swept = omsctl::sweep::sweep(&self.aws, &self.shop.system, Some(service), Some(at), &keys).await;
        let swept = swept.unwrap();
        assert_eq!((swept.len(), swept[0].counts.looked, &swept[0].error), (1, 1, &None), "{swept:?}");
    }

    /// Waits for a message in a dead-letter queue.
    pub async fn letter(&self, name: &str, is_it: impl Fn(&Letter) -> bool) -> Letter {
        let look = || async { dlq::show(&self.aws, &self.shop.system, name, 100, true).await.unwrap() };
        eventually(&format!("the message is in {name}"), || async { look().await.iter().any(&is_it) }).await;
        look().await.into_iter().find(is_it).unwrap()
    }

    pub async fn discard(&self, name: &str, letter: &Letter) {
        dlq::discard(&self.aws, &self.shop.system, name, &letter.message_id).await.unwrap();
    }

    /// Puts events into a dead-letter queue in the form in which the bus delivers them.
    pub async fn park(&self, name: &str, events: &[Value], attributes: &[(&str, &str)]) {
        for event in events {
            let body = delivered(event, &self.shop.system.region);
            self.send(&self.shop.system.dead_letters[name], &body, attributes).await;
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

/// An event as a queue gets it.
pub fn delivered(event: &Value, region: &str) -> String {
    let body = json!({ "version": "0", "id": unique("bus"), "detail-type": event["type"], "source": event["source"],
        "account": "000000000000", "time": event["time"], "region": region, "resources": [], "detail": event });
    body.to_string()
}

/// What another service could have said about an order: a published sample in the order's own saga, caused by `cause`.
/// Its place is one that no service reaches, so that its id is no other's.
pub fn fabricated(event_type: &str, sequence: u64, cause: &Value, changes: &[(&str, Value)]) -> Value {
    let entry = contracts::catalogue::all().into_iter().find(|entry| entry.event_type == event_type).unwrap();
    let (source, subject) = (entry.source, cause["subject"].as_str().unwrap());
    let mut all = vec![
        ("/subject", cause["subject"].clone()),
        ("/data/orderId", cause["subject"].clone()),
        ("/causationid", cause["id"].clone()),
        ("/sequence", json!(format!("{sequence:010}"))),
    ];
    all.extend(changes.iter().cloned());
    let mut event = testkit::event(&entry.samples[0], &all);
    event["id"] = json!(contracts::event_id(source, subject, sequence));
    event["correlationid"] = cause["correlationid"].clone();
    event
}
