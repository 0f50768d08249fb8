//! A service's `events.toml`: the events that it says, those that it hears, and which fields of them it reads
//! (feature `declaration`).
//!
//! ```toml
//! service = "notifications"
//! source = "oms.notifications"
//! produces = ["NotificationSent.v1"]
//! # what it reads of every event, apart from `data`
//! envelope = ["/id", "/source", "/type", "/subject", "/correlationid"]
//! envelope_if_present = ["/traceparent"]
//!
//! [consumes."OrderCancelled.v1"]
//! reads = ["/data/orderId", "/data/reason"]
//! tolerates = ["/data/reason"]
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

pub mod field;
mod proof;

pub use field::Field;
pub use proof::unproven;

/// What one service says and hears.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The service's name, for example `orders`.
    pub service: String,
    /// The source of what it says, for example `oms.orders`.
    pub source: String,
    /// The types that it publishes; nothing else may leave it.
    #[serde(default)]
    pub produces: BTreeSet<String>,
    /// The attributes that it reads of every event that it consumes.
    #[serde(default)]
    pub envelope: BTreeSet<Field>,
    /// Attributes that it reads when they are there.
    #[serde(default)]
    pub envelope_if_present: BTreeSet<Field>,
    /// The types that it consumes.
    #[serde(default)]
    pub consumes: BTreeMap<String, Consumed>,
}

/// What a service reads of one type, apart from the envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumed {
    /// The fields that it cannot do without.
    pub reads: BTreeSet<Field>,
    /// The fields that it reads when they are there.
    #[serde(default)]
    pub reads_if_present: BTreeSet<Field>,
    /// Of these, the enumerations whose unknown values it understands; any other unknown value is parked.
    #[serde(default)]
    pub tolerates: BTreeSet<Field>,
}

/// Why a declaration cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file has not the shape of a declaration.
    #[error("{0}")]
    Shape(String),
    /// A type that nobody published.
    #[error("`{list}` names {event_type}, which nobody has published{}", hint(.like.as_deref()))]
    UnknownType {
        /// `consumes` or `produces`.
        list: &'static str,
        /// The type.
        event_type: String,
        /// A published type with a similar name.
        like: Option<String>,
    },
    /// A field that the type does not have.
    #[error("{event_type} has no field {field}{}", hint(.like.as_deref()))]
    UnknownField {
        /// The type.
        event_type: String,
        /// The field.
        field: Field,
        /// A field of the type with a similar name.
        like: Option<String>,
    },
    /// A type that belongs to another source.
    #[error("{event_type} is said by {owner}, not by {source_name}")]
    NotIts {
        /// The type.
        event_type: String,
        /// Whose it is.
        owner: String,
        /// Who claims it.
        source_name: String,
    },
    /// A tolerated field that is not read.
    #[error("{event_type} tolerates {field}, which it does not read")]
    ToleratesUnread {
        /// The type.
        event_type: String,
        /// The field.
        field: Field,
    },
}

fn hint(like: Option<&str>) -> String {
    like.map(|like| format!(" (is {like} meant?)")).unwrap_or_default()
}

/// In whose name every consumer reports what it parked.
const PLATFORM: &str = "oms.platform";

impl Declaration {
    /// Reads the text of a `events.toml`.
    ///
    /// # Errors
    /// [`Wrong::Shape`], with line and column.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        toml::from_str(text).map_err(|error| Wrong::Shape(error.to_string().trim_end().to_owned()))
    }

    /// Everything that it reads of a type, the envelope included; nothing if it does not consume it.
    #[must_use]
    pub fn fields(&self, event_type: &str) -> Vec<&Field> {
        let Some(consumed) = self.consumes.get(event_type) else { return Vec::new() };
        let envelope = self.envelope.iter().chain(&self.envelope_if_present);
        envelope.chain(&consumed.reads).chain(&consumed.reads_if_present).collect()
    }

    /// What is wrong with it, given the published schemas by type.
    #[must_use]
    pub fn wrong(&self, schemas: &BTreeMap<String, Value>) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for event_type in &self.produces {
            match schemas.get(event_type) {
                None => wrong.push(unknown_type("produces", event_type, schemas)),
                Some(schema) => wrong.extend(self.not_its(event_type, schema)),
            }
        }
        for (event_type, consumed) in &self.consumes {
            let Some(schema) = schemas.get(event_type) else {
                wrong.push(unknown_type("consumes", event_type, schemas));
                continue;
            };
            let known = field::of_schema(schema);
            for field in self.fields(event_type).into_iter().filter(|field| !known.contains(field)) {
                let like = alike(field.as_str(), known.iter().map(Field::as_str));
                wrong.push(Wrong::UnknownField { event_type: event_type.clone(), field: field.clone(), like });
            }
            for field in consumed.tolerates.iter().filter(|f| !self.fields(event_type).contains(f)) {
                wrong.push(Wrong::ToleratesUnread { event_type: event_type.clone(), field: field.clone() });
            }
        }
        wrong
    }

    fn not_its(&self, event_type: &str, schema: &Value) -> Option<Wrong> {
        let owner = schema.pointer("/properties/source/const").and_then(Value::as_str).unwrap_or_default();
        let its = owner == self.source || owner == PLATFORM;
        (!its).then(|| Wrong::NotIts {
            event_type: event_type.to_owned(),
            owner: owner.to_owned(),
            source_name: self.source.clone(),
        })
    }
}

fn unknown_type(list: &'static str, event_type: &str, schemas: &BTreeMap<String, Value>) -> Wrong {
    let like = alike(event_type, schemas.keys().map(String::as_str));
    Wrong::UnknownType { list, event_type: event_type.to_owned(), like }
}

/// The candidate that differs least, if it differs little.
fn alike<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(wanted, candidate), candidate));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.85).then(|| best.to_owned())
}
