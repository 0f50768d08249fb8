//! Publishing as another service, and capturing everything that is published.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::stage::Stage;
use crate::wait::{eventually, unique};

/// A published sample with other data: `changes` replaces values by JSON pointer. It gets an id of its own.
#[must_use]
pub fn event(sample: &Value, changes: &[(&str, Value)]) -> Value {
    let mut event = sample.clone();
    event["id"] = json!(id());
    event["correlationid"] = json!(unique("cor"));
    for (pointer, value) in changes {
        *event.pointer_mut(pointer).unwrap_or_else(|| panic!("the sample has no {pointer}: {sample}")) = value.clone();
    }
    event
}

/// The account that the emulator plays.
pub const ACCOUNT: &str = "000000000000";

/// The body of the message in which the bus delivers an event, under the event's own source and type.
#[must_use]
pub fn delivered(event: &Value) -> String {
    delivered_as(&event["source"], &event["type"], event)
}

/// The body of the message in which the bus would deliver an event that was put under this source and type.
#[must_use]
pub fn delivered_as(source: &Value, event_type: &Value, event: &Value) -> String {
    let body = json!({ "version": "0", "id": unique("bus"), "detail-type": event_type, "source": source, "account": ACCOUNT,
        "time": event["time"], "region": "us-east-1", "resources": [], "detail": event });
    body.to_string()
}

/// An id in the form that the schemas want, and that no other event has.
#[expect(clippy::disallowed_methods, reason = "a test's own names need not be repeatable")]
fn id() -> String {
    format!("evt_{}", uuid::Uuid::now_v7())
}

impl Stage {
    /// Publishes events to the stage's bus, from whichever source they name.
    pub async fn publish(&self, events: &[Value]) {
        let bus = Client::new(self.aws());
        for ten in events.chunks(10) {
            let entry = |event: &Value| {
                let entry = PutEventsRequestEntry::builder().event_bus_name(self.bus()).detail(event.to_string());
                let text = |name: &str| event[name].as_str().unwrap_or_else(|| panic!("no {name}: {event}")).to_owned();
                entry.source(text("source")).detail_type(text("type")).build()
            };
            let answer = bus.put_events().set_entries(Some(ten.iter().map(entry).collect())).send().await;
            let answer = answer.expect("the bus answers");
            assert_eq!(answer.failed_entry_count(), 0, "{:?}", answer.entries());
        }
    }
}

/// Everything that is published while a test runs.
#[derive(Debug)]
pub struct Capture {
    events: Arc<Mutex<Vec<Value>>>,
    reader: JoinHandle<()>,
}

impl Capture {
    /// Captures from now on, through a queue and a rule of its own.
    pub async fn begin(stage: &Stage) -> Self {
        let (name, sqs, bus) = (unique("capture"), stage.sqs(), Client::new(stage.aws()));
        let created = sqs.create_queue().queue_name(&name).send().await.expect("a queue for what is captured");
        let url = created.queue_url.expect("a queue has a URL");
        let request = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
        let attributes = request.send().await.expect("the queue has attributes").attributes.unwrap_or_default();
        let arn = attributes.get(&QueueAttributeName::QueueArn).expect("a queue has an ARN");
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage",
            "Principal": { "Service": "events.amazonaws.com" }, "Resource": arn }] });
        let request = sqs.set_queue_attributes().queue_url(&url);
        let request = request.attributes(QueueAttributeName::Policy, policy.to_string());
        request.send().await.expect("the queue takes a policy");

        let pattern = json!({ "source": [{ "prefix": "oms." }] }).to_string();
        let rule = bus.put_rule().name(&name).event_bus_name(stage.bus()).event_pattern(pattern);
        rule.send().await.expect("a rule for what is captured");
        let target = Target::builder().id("capture").arn(arn).build().expect("a target is complete");
        let targets = bus.put_targets().rule(&name).event_bus_name(stage.bus()).targets(target);
        targets.send().await.expect("the rule takes a target");

        let events = Arc::new(Mutex::new(Vec::new()));
        let reader = tokio::spawn(read(sqs, url, Arc::clone(&events)));
        Self { events, reader }
    }

    /// The events so far, each once: what was published again carries the same id.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let by_id: BTreeMap<String, Value> = events.into_iter().map(|event| (event["id"].to_string(), event)).collect();
        by_id.into_values().collect()
    }

    /// The events about one order or sku.
    #[must_use]
    pub fn about(&self, subject: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["subject"] == subject).collect()
    }

    /// The events of one type about one order or sku.
    #[must_use]
    pub fn of_type(&self, subject: &str, event_type: &str) -> Vec<Value> {
        self.about(subject).into_iter().filter(|event| event["type"] == event_type).collect()
    }

    /// Waits for an event of a type about one order or sku.
    pub async fn wait_for(&self, subject: &str, event_type: &str) -> Value {
        eventually(&format!("{event_type} about {subject}"), || async {
            !self.of_type(subject, event_type).is_empty()
        })
        .await;
        self.of_type(subject, event_type).remove(0)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(sqs: aws_sdk_sqs::Client, url: String, events: Arc<Mutex<Vec<Value>>>) {
    loop {
        let request = sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(1);
        let received = request.send().await.expect("the queue of what is captured answers");
        for message in received.messages.unwrap_or_default() {
            let body: Value = serde_json::from_str(message.body().unwrap_or_default()).expect("the bus sends JSON");
            events.lock().unwrap_or_else(PoisonError::into_inner).push(body["detail"].clone());
            let handle = message.receipt_handle().unwrap_or_default();
            let deleted = sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await;
            deleted.expect("a captured message can be deleted");
        }
    }
}
