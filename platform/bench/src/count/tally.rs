//! What was counted so far, by the access key of the function that asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use omsctl::cost::lock::ReadUnits;
use serde_json::Value;
use tokio::sync::watch;

use super::call::Call;
use super::dynamodb::Cost;

/// EventBridge bills an event as so many of 64 KB.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
const EVENT_BYTES: u64 = 65_536;

/// The requests of one function.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Requests {
    /// By AWS service and operation, such as `dynamodb.PutItem`.
    pub operations: BTreeMap<String, u64>,
    /// DynamoDB write units by table, and by table/index.
    pub write_units: BTreeMap<String, u64>,
    /// DynamoDB read units by table.
    pub read_units: BTreeMap<String, ReadUnits>,
    /// Units of 64 KB of published events, by type.
    pub events: BTreeMap<String, u64>,
    /// Records that streams got of its writes.
    pub stream_records: u64,
    /// Why requests could not be counted.
    pub uncounted: BTreeSet<String>,
}

/// A published event.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Its detail-type.
    pub kind: String,
    /// Its detail.
    pub detail: Value,
}

/// The requests of every function since the last reset.
#[derive(Debug)]
pub struct Tally {
    inner: Mutex<Inner>,
    /// How many events were published: waiting for one needs no polling.
    published: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inner {
    by_key: BTreeMap<String, Requests>,
    published: Vec<Published>,
}

impl Tally {
    /// Nothing counted.
    pub fn new() -> Self {
        Self { inner: Mutex::default(), published: watch::Sender::new(0) }
    }

    /// Forgets everything; what was counted by access key.
    pub fn take(&self) -> BTreeMap<String, Requests> {
        let inner = std::mem::take(&mut *self.lock());
        self.published.send_replace(0);
        inner.by_key
    }

    /// How many records streams got of the writes under each access key since the last reset.
    pub fn stream_records(&self) -> BTreeMap<String, u64> {
        self.lock().by_key.iter().map(|(key, requests)| (key.clone(), requests.stream_records)).collect()
    }

    /// The events that were published since the last reset.
    pub fn published(&self) -> Vec<Published> {
        self.lock().published.clone()
    }

    /// Waits until what was published fulfils a condition.
    pub async fn until(&self, condition: impl Fn(&[Published]) -> bool) {
        let mut changes = self.published.subscribe();
        while !condition(&self.published()) {
            // The sender lives as long as `self`.
            drop(changes.changed().await);
        }
    }

    /// Counts a request and what it cost. A PutEvents counts those entries that the bus accepted.
    pub fn count(&self, call: &Call, answer: &Value, cost: anyhow::Result<Cost>) {
        let mut inner = self.lock();
        let published = if call.operation == "PutEvents" { accepted(&call.body, answer) } else { Vec::new() };
        inner.published.extend(published.iter().map(|(event, _)| event.clone()));
        let requests = inner.by_key.entry(call.key.clone()).or_default();
        *requests.operations.entry(format!("{}.{}", call.service, call.operation)).or_default() += 1;
        for (event, units) in published {
            *requests.events.entry(event.kind).or_default() += units;
        }
        match cost {
            Ok(cost) => {
                cost.writes
                    .into_iter()
                    .for_each(|(name, units)| *requests.write_units.entry(name).or_default() += units);
                cost.reads.into_iter().for_each(|(name, units)| *requests.read_units.entry(name).or_default() += units);
                requests.stream_records += cost.stream_records;
            }
            Err(error) => drop(requests.uncounted.insert(format!("{error:#}"))),
        }
        self.published.send_replace(inner.published.len());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entries of a PutEvents that the bus accepted, with the units that each costs.
fn accepted(body: &Value, answer: &Value) -> Vec<(Published, u64)> {
    let entries = body["Entries"].as_array().into_iter().flatten();
    let results = answer["Entries"].as_array().into_iter().flatten();
    let accepted = entries.zip(results).filter(|(_, result)| result["EventId"].is_string());
    let published = |entry: &Value| Published {
        kind: entry["DetailType"].as_str().unwrap_or_default().to_owned(),
        detail: serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).unwrap_or_default(),
    };
    accepted.map(|(entry, _)| (published(entry), entry_bytes(entry).div_ceil(EVENT_BYTES).max(1))).collect()
}

fn entry_bytes(entry: &Value) -> u64 {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.len() as u64);
    let resources = entry["Resources"].as_array().into_iter().flatten().map(length).sum::<u64>();
    let time = if entry["Time"].is_null() { 0 } else { 14 };
    time + length(&entry["Source"]) + length(&entry["DetailType"]) + length(&entry["Detail"]) + resources
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put_events(bytes: usize) -> Call {
        let entry = json!({ "Source": "s", "DetailType": "A.v1", "Detail": "x".repeat(bytes - 5) });
        let (key, service, operation) = ("k".to_owned(), "events".to_owned(), "PutEvents".to_owned());
        Call { key, service, operation, body: json!({ "Entries": [entry] }) }
    }

    #[test]
    fn an_event_is_billed_in_units_of_64_kb_and_only_if_it_was_accepted() {
        for (bytes, accepted, expected) in [(65_536, true, Some(1)), (65_537, true, Some(2)), (100, false, None)] {
            let tally = Tally::new();
            let entry =
                if accepted { json!({ "EventId": "1" }) } else { json!({ "ErrorCode": "ThrottlingException" }) };
            tally.count(&put_events(bytes), &json!({ "Entries": [entry] }), Ok(Cost::default()));
            let requests = tally.take().remove("k").unwrap();
            assert_eq!(requests.events.get("A.v1").copied(), expected);
            assert_eq!(requests.operations["events.PutEvents"], 1, "a refused one is a request, too");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_told() {
        let tally = Tally::new();
        tally.count(&put_events(100), &Value::Null, Err(anyhow::anyhow!("Scan with FilterExpression")));
        assert_eq!(tally.take()["k"].uncounted.len(), 1);
        assert!(tally.take().is_empty(), "taken");
    }

    #[tokio::test]
    async fn waiting_ends_with_the_event() {
        let tally = Tally::new();
        let waiting = tally.until(|published| published.iter().any(|event| event.kind == "A.v1"));
        let publishing = async {
            tokio::task::yield_now().await;
            tally.count(&put_events(100), &json!({ "Entries": [{ "EventId": "1" }] }), Ok(Cost::default()));
        };
        tokio::join!(waiting, publishing);
    }
}
