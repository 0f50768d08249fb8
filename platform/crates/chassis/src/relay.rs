//! Stream → bus: publishes exactly the events that a write added to its item's outbox.
//!
//! Failed entries alone are sent again. If some still fail, the invocation fails and names the first record that has
//! one: the stream comes back with the batch, in order, until all of it is published. Ids do not change, so consumers
//! recognise what they receive twice. Why the whole batch: docs/decisions, "A relay that cannot publish fails".

use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;

use crate::aws::AwsError;
use crate::backoff;
use crate::clock::time_left;
use crate::store::Outbox;
use crate::verdict::Classify;

/// Source: PutEvents takes at most ten entries.
const MAX_ENTRIES: usize = 10;
/// Source: PutEvents takes at most 256 KiB in all; the rest is for what the request adds.
const MAX_BYTES: usize = 240 * 1024;
/// How often a batch's failed entries are sent within one invocation.
const MAX_SENDS: u32 = 4;

/// An event on its way, and the record that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    record: usize,
    event: Attributes,
    detail: String,
}

/// What the bus and the log need to know of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Attributes {
    id: String,
    source: String,
    r#type: String,
    subject: String,
    correlationid: String,
}

/// Not all of a batch is published; the stream must bring it again.
#[derive(Debug, thiserror::Error)]
#[error("the events of stream record {0} and perhaps later ones are not published")]
struct Unpublished(String);

impl Outgoing {
    /// Reads an event that the stream's record number `record` holds.
    pub(crate) fn read(record: usize, detail: String) -> Result<Self, serde_json::Error> {
        Ok(Self { record, event: serde_json::from_str(&detail)?, detail })
    }

    pub(crate) fn entry(&self, bus: &str) -> PutEventsRequestEntry {
        let entry = PutEventsRequestEntry::builder().event_bus_name(bus);
        entry.source(&self.event.source).detail_type(&self.event.r#type).detail(&self.detail).build()
    }

    /// Whether the bus took the event, which is logged.
    fn is_taken(&self, result: Option<&PutEventsResultEntry>) -> bool {
        let event = &self.event;
        let span = tracing::info_span!(
            "event",
            correlation_id = event.correlationid,
            event_id = event.id,
            event_type = event.r#type,
            subject = event.subject,
        );
        let taken = result.is_some_and(|result| result.event_id().is_some());
        let error_code = result.and_then(PutEventsResultEntry::error_code).unwrap_or_default();
        let _logged = span.enter();
        if taken {
            tracing::info!("event published");
        } else {
            tracing::warn!(error_code, "the bus refused the event");
        }
        taken
    }
}

/// Publishes the function's stream to the bus until the process ends. `outbox` says what the stream's table keeps.
///
/// # Errors
/// The failure of Lambda's runtime.
pub async fn run(aws: &SdkConfig, bus: String, outbox: Outbox) -> Result<(), Error> {
    let client = Client::new(aws);
    let (client, bus) = (&client, bus.as_str());
    lambda_runtime::run(service_fn(move |batch: LambdaEvent<Event>| async move {
        let left = time_left(batch.context.deadline);
        Ok::<_, Error>(handle(client, bus, outbox, &batch.payload.records, left).await?)
    }))
    .await
}

async fn handle(
    client: &Client,
    bus: &str,
    outbox: Outbox,
    records: &[EventRecord],
    left: Duration,
) -> Result<DynamoDbEventResponse, Unpublished> {
    let (outgoing, unreadable) = added(outbox, records);
    let all: Vec<usize> = outgoing.iter().map(|event| event.record).collect();
    let unsent = tokio::time::timeout(left, publish(client, bus, outgoing)).await.unwrap_or_else(|_| {
        tracing::error!(error_class = "deadline", events = all.len(), "the invocation's time ran out");
        all
    });
    match unsent.into_iter().chain(unreadable).min().and_then(|first| records.get(first)) {
        None => Ok(DynamoDbEventResponse::default()),
        Some(record) => Err(Unpublished(record.change.sequence_number.clone().unwrap_or_default())),
    }
}

/// The events that the records' writes added, in their order, up to the first record whose outbox cannot be read.
fn added(outbox: Outbox, records: &[EventRecord]) -> (Vec<Outgoing>, Option<usize>) {
    let mut outgoing = Vec::new();
    for (record, change) in records.iter().enumerate() {
        let read = |event: String| Ok(Outgoing::read(record, event)?);
        match outbox
            .added(&change.change)
            .and_then(|events| events.into_iter().map(read).collect::<Result<Vec<_>, _>>())
        {
            Ok(events) => outgoing.extend(events),
            Err(error) => {
                tracing::error!(%error, stream_record = change.event_id, "an outbox entry is not an event");
                return (outgoing, Some(record));
            }
        }
    }
    (outgoing, None)
}

/// Sends all, ten at a time; returns the records that have an event which the bus did not take.
async fn publish(client: &Client, bus: &str, mut outgoing: Vec<Outgoing>) -> Vec<usize> {
    for send in 0..MAX_SENDS {
        if send > 0 {
            backoff::PUBLISH.sleep(send).await;
        }
        let mut failed = Vec::new();
        for chunk in chunks(&outgoing) {
            failed.extend(put(client, bus, chunk).await);
        }
        if failed.is_empty() {
            return Vec::new();
        }
        outgoing = failed;
    }
    outgoing.into_iter().map(|event| event.record).collect()
}

fn chunks(mut rest: &[Outgoing]) -> Vec<&[Outgoing]> {
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |event: &&Outgoing| {
            bytes += event.detail.len();
            bytes <= MAX_BYTES
        };
        let length = rest.iter().take(MAX_ENTRIES).take_while(fits).count().max(1);
        let (chunk, others) = rest.split_at(length);
        chunks.push(chunk);
        rest = others;
    }
    chunks
}

/// One request; returns the events that the bus did not take.
pub(crate) async fn put(client: &Client, bus: &str, chunk: &[Outgoing]) -> Vec<Outgoing> {
    let entries = chunk.iter().map(|event| event.entry(bus)).collect();
    let answer = match client.put_events().set_entries(Some(entries)).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let (error, events) = (AwsError::of(&error), chunk.len());
            tracing::warn!(error_class = error.class(), %error, events, "the bus did not answer");
            return chunk.to_vec();
        }
    };
    let results = answer.entries().iter().map(Some).chain(std::iter::repeat(None));
    let refused = chunk.iter().zip(results).filter(|(event, result)| !event.is_taken(*result));
    refused.map(|(event, _)| event.clone()).collect()
}

#[cfg(test)]
mod tests;
