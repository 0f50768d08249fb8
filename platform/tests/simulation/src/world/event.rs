//! An event, from the write that caused it to the consumers: its text as the services make it, and its header.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::held::hash_of;

/// An event that several queues and archives share.
pub type SharedEvent = Arc<Event>;

/// An event as it travels.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: Box<str>,
    /// Name and major version.
    pub r#type: Box<str>,
    /// The service that publishes it.
    pub source: Box<str>,
    /// The order that it is about, as the shop counts.
    pub order: u16,
    /// The order's correlation id.
    pub correlation: Box<str>,
    /// The id of the event or command that caused it.
    pub causation: Box<str>,
    /// How many events led to it.
    pub hops: u32,
    /// The whole CloudEvents object.
    pub text: Box<str>,
    print: Print,
}

#[derive(Debug, Default)]
struct Print(OnceLock<u64>);

impl PartialEq for Print {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Print {}

impl Hash for Event {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(*self.print.0.get_or_init(|| hash_of(&self.timeless())));
    }
}

#[derive(Deserialize)]
struct Attributes<'a> {
    id: &'a str,
    r#type: &'a str,
    source: &'a str,
    subject: &'a str,
    correlationid: &'a str,
    causationid: &'a str,
    #[serde(default)]
    hops: u32,
}

impl Event {
    /// Reads an event; `None` if it is not about an order that `find` knows.
    pub fn read(text: String, find: impl FnOnce(&str) -> Option<u16>) -> Option<SharedEvent> {
        let attributes: Attributes<'_> = serde_json::from_str(&text).ok()?;
        let (id, r#type) = (attributes.id.into(), attributes.r#type.into());
        let (correlation, causation) = (attributes.correlationid.into(), attributes.causationid.into());
        let (order, source) = (find(attributes.subject)?, attributes.source.into());
        Some(Arc::new(Self {
            id,
            r#type,
            source,
            order,
            correlation,
            causation,
            hops: attributes.hops,
            text: text.into(),
            print: Print::default(),
        }))
    }

    /// The text without the time of the write, which no consumer reads.
    fn timeless(&self) -> (&str, &str) {
        let (before, after) = self.text.split_once("\"time\":\"").unwrap_or((&self.text, ""));
        (before, after.split_once('"').map_or("", |(_, after)| after))
    }

    /// The type without its major version.
    #[must_use]
    pub fn name(&self) -> &str {
        self.r#type.split('.').next().unwrap_or_default()
    }
}
