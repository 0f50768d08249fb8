//! How a stored outbox keeps an event: without what follows from the item that emitted it.
//!
//! An entry is the event's JSON text, without the attributes that [`complete`] can tell from the item: for example
//! `{"type":"OrderCompleted.v1","time":"2026-11-22T10:15:30Z","causationid":"evt_…","rest":{"total":4790,…}}`. Here `rest`
//! is the event's `data` without the order id that leads it, and `"="` in it is the event's time. `hops` are in it only where they are unusual. An event that would not come back byte for byte is kept
//! whole: it has `specversion`, and no short entry does.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::envelope::{digits, id_of, schema_of};

const SPECVERSION: &str = "1.0";
const JSON: &str = "application/json";
/// A text in `rest` that stands for the event's own time, as an order's `placedAt` is.
const SAME_TIME: &str = r#""=""#;

/// What an item tells of an event that it has emitted.
#[derive(Debug, Clone, Copy)]
struct Item<'a> {
    source: &'a str,
    key: &'a str,
    sequence: u64,
    correlation_id: Option<&'a str>,
}

/// An event, or what an entry keeps of it, in the sequence of the envelope.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    specversion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<String>,
    causationid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hops: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rest: Option<Box<RawValue>>,
}

/// What tells a whole event from a short entry. A whole one may have attributes that this version does not know.
#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    specversion: Option<IgnoredAny>,
}

/// What the outbox of an item keeps of an event, in one line. The item belongs to `source`, is stored under `key`, and
/// counts the event as its `sequence`th, from 1; `correlation_id` is the one that it stores, if it stores one.
#[must_use]
pub fn shorten(event: &str, source: &str, key: &str, sequence: u64, correlation_id: Option<&str>) -> String {
    let item = Item { source, key, sequence, correlation_id };
    let short = serde_json::from_str(event).and_then(|entry: Entry| serde_json::to_string(&entry.shortened(item)?));
    let comes_back = |short: &String| item.complete(short).is_ok_and(|whole| whole == event);
    short.ok().filter(comes_back).unwrap_or_else(|| event.to_owned())
}

/// The event of an entry that [`shorten`] has made with the same facts about its item.
///
/// # Errors
/// The text is not an entry.
pub fn complete(
    entry: &str,
    source: &str,
    key: &str,
    sequence: u64,
    correlation_id: Option<&str>,
) -> Result<String, serde_json::Error> {
    Item { source, key, sequence, correlation_id }.complete(entry)
}

impl Item<'_> {
    fn complete(self, text: &str) -> Result<String, serde_json::Error> {
        if serde_json::from_str::<Whole>(text)?.specversion.is_some() {
            return Ok(text.to_owned());
        }
        serde_json::to_string(&serde_json::from_str::<Entry>(text)?.completed(self)?)
    }

    /// How many events led to one, where its entry does not say it. Most events of an item answer what others have made of the
    /// item's event before, an item each: an order is confirmed after three (created, reserved, paid) and completed after five.
    fn hops(self) -> u32 {
        if self.sequence < 2 { 0 } else { u32::try_from(self.sequence.saturating_mul(2) - 1).unwrap_or(u32::MAX) }
    }

    /// How `data` begins when it leads with the order that the item is about.
    fn lead(self) -> String {
        format!(r#"{{"orderId":"{}","#, self.key)
    }
}

impl Entry {
    fn shortened(self, item: Item<'_>) -> Result<Self, serde_json::Error> {
        let Self { id, source, subject, sequence, .. } = &self;
        let id = match (source, subject, sequence) {
            (Some(source), Some(subject), Some(digits)) => {
                differing(id.as_ref(), Some(&id_of(source, subject, digits)))
            }
            (_, _, _) => id.clone(),
        };
        let rest = self.data.as_deref().and_then(|data| data.get().strip_prefix(&item.lead()));
        let rest = rest.map(|rest| format!("{{{rest}").replace(&quoted(&self.time), SAME_TIME));
        let rest = rest.map(RawValue::from_string).transpose()?;
        Ok(Self {
            specversion: None,
            id,
            source: differing(source.as_ref(), Some(item.source)),
            subject: differing(subject.as_ref(), Some(item.key)),
            datacontenttype: None,
            dataschema: differing(self.dataschema.as_ref(), Some(&schema_of(&self.r#type))),
            correlationid: differing(self.correlationid.as_ref(), item.correlation_id),
            sequence: differing(sequence.as_ref(), Some(&digits(item.sequence))),
            data: self.data.filter(|_| rest.is_none()),
            rest,
            r#type: self.r#type,
            time: self.time,
            causationid: self.causationid,
            traceparent: self.traceparent,
            hops: Some(self.hops.unwrap_or_default()).filter(|hops| *hops != item.hops()),
        })
    }

    fn completed(self, item: Item<'_>) -> Result<Self, serde_json::Error> {
        let source = self.source.unwrap_or_else(|| item.source.to_owned());
        let subject = self.subject.unwrap_or_else(|| item.key.to_owned());
        let sequence = self.sequence.unwrap_or_else(|| digits(item.sequence));
        let rest = self.rest.map(|rest| rest.get().replace(SAME_TIME, &quoted(&self.time)));
        let led = |rest: String| RawValue::from_string(item.lead() + rest.trim_start_matches('{'));
        Ok(Self {
            specversion: Some(SPECVERSION.to_owned()),
            id: self.id.or_else(|| Some(id_of(&source, &subject, &sequence))),
            datacontenttype: Some(JSON.to_owned()),
            dataschema: self.dataschema.or_else(|| Some(schema_of(&self.r#type))),
            correlationid: self.correlationid.or_else(|| item.correlation_id.map(ToOwned::to_owned)),
            data: rest.map(led).transpose()?.or(self.data),
            rest: None,
            source: Some(source),
            subject: Some(subject),
            sequence: Some(sequence),
            hops: Some(self.hops.unwrap_or_else(|| item.hops())).filter(|hops| *hops > 0),
            ..self
        })
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// The value, unless it is what follows from the item.
fn differing(value: Option<&String>, follows: Option<&str>) -> Option<String> {
    value.filter(|own| follows != Some(own)).cloned()
}
