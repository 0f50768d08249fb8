//! How the events of a write are stored in its item, and what of them a write added.

use aws_lambda_events::dynamodb::StreamRecord;
use serde::Deserialize;
use serde_dynamo::from_item;

use super::{Attributes, OUTBOX, Revision};
use crate::BoxError;

/// The attribute that holds an item's correlation id, if it has one.
const CORRELATION: &str = "correlationId";

/// Changes the text of an event with what is known beside it: the source, the item's key, the event's place among the
/// item's events (from 1) and the item's correlation id, if it stores one.
type Codec<T> = fn(&str, &str, &str, u64, Option<&str>) -> T;

/// What a service's tables keep of its events.
#[derive(Debug, Clone, Copy)]
pub struct Outbox {
    /// The source of the service's events.
    pub source: &'static str,
    /// Makes an entry of one line of an event: what does not follow from the item.
    pub shorten: Codec<String>,
    /// Makes the event of an entry again, byte for byte.
    pub complete: Codec<Result<String, serde_json::Error>>,
}

/// What is read of an item before a write; without an item there is nothing to read.
#[derive(Deserialize)]
struct Before {
    #[serde(default)]
    emitted: u64,
}

/// What is read of an item after a write.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct After {
    pk: String,
    emitted: u64,
    correlation_id: Option<String>,
    outbox: String,
}

impl Outbox {
    /// Keeps events whole.
    pub const WHOLE: Self = Self {
        source: "",
        shorten: |event, _, _, _, _| event.to_owned(),
        complete: |entry, _, _, _, _| Ok(entry.to_owned()),
    };

    /// What `item` keeps of the events of a write, one a line.
    pub(super) fn entries(&self, key: &str, events: &[String], read: &Revision, item: &Attributes) -> String {
        let correlation = item.get(CORRELATION).and_then(|value| value.as_s().ok()).map(String::as_str);
        let entry = |(sequence, event): (u64, &String)| (self.shorten)(event, self.source, key, sequence, correlation);
        (read.emitted + 1..).zip(events).map(entry).collect::<Vec<_>>().join("\n")
    }

    /// The events that the write of a stream record added, in their order.
    pub(crate) fn added(&self, change: &StreamRecord) -> Result<Vec<String>, BoxError> {
        if change.new_image.get(OUTBOX).is_none() {
            return Ok(Vec::new());
        }
        let Before { emitted: before } = from_item(change.old_image.clone())?;
        let After { pk, emitted, correlation_id, outbox } = from_item(change.new_image.clone())?;
        let entries: Vec<&str> = outbox.split('\n').collect();
        let numbered = (emitted.saturating_sub(entries.len() as u64) + 1..).zip(entries);
        let added = numbered.filter(|(sequence, _)| *sequence > before);
        let event = |(n, entry)| Ok((self.complete)(entry, self.source, &pk, n, correlation_id.as_deref())?);
        added.map(event).collect()
    }
}
