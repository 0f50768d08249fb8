//! A service's `events.toml`: the events that it publishes, those that it consumes, and which of their fields it reads
//! (feature `declaration`).
//!
//! ```toml
//! service = "notifications"
//! source = "oms.notifications"
//! produces = ["NotificationSent.v1"]
//! # the attributes that it reads of every event
//! envelope = ["/id", "/source", "/type", "/subject", "/correlationid"]
//! envelope_if_present = ["/traceparent"]
//!
//! [consumes."OrderCancelled.v1"]
//! reads = ["/data/orderId", "/data/reason"]
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::platform;

pub mod field;
mod proof;

pub use field::Field;
pub use proof::unproven;

/// What one service publishes and consumes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The service's name, for example `orders`.
    pub service: String,
    /// The source of its events, for example `oms.orders`.
    pub source: String,
    /// The types that it publishes. Its relay may publish nothing else.
    #[serde(default)]
    pub produces: BTreeSet<String>,
    /// The attributes that it reads of every event that it consumes.
    #[serde(default)]
    pub envelope: BTreeSet<Field>,
    /// Attributes that it reads if they are present.
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
    /// The fields that it requires.
    pub reads: BTreeSet<Field>,
    /// The fields that it reads if they are present.
    #[serde(default)]
    pub reads_if_present: BTreeSet<Field>,
}

/// An error in a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    /// The file is not TOML, or has a field that a declaration does not have.
    #[error("{0}")]
    Shape(String),
    /// A type without a published schema.
    #[error("`{list}` names {event_type}, which is not published{}", did_you_mean(.suggestion.as_deref()))]
    UnknownType {
        /// `consumes` or `produces`.
        list: &'static str,
        /// The type.
        event_type: String,
        /// A published type with a similar name.
        suggestion: Option<String>,
    },
    /// A field that the type does not have.
    #[error("{event_type} has no field {field}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownField {
        /// The type.
        event_type: String,
        /// The field.
        field: Field,
        /// A field of the type with a similar name.
        suggestion: Option<String>,
    },
    /// A type that belongs to another source.
    #[error("`produces` names {event_type}, which belongs to {owner}, not to {source_name}")]
    ForeignType {
        /// The type.
        event_type: String,
        /// The source that the type belongs to.
        owner: String,
        /// The source of the declaration.
        source_name: String,
    },
}

/// A suggestion to append to an error: ` (did you mean OrderCreated.v1?)`; empty without a similar name.
#[must_use]
pub fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

impl Declaration {
    /// Reads the text of an `events.toml`.
    ///
    /// # Errors
    /// [`DeclarationError::Shape`], with line and column.
    pub fn parse(text: &str) -> Result<Self, DeclarationError> {
        toml::from_str(text).map_err(|error| DeclarationError::Shape(error.to_string().trim_end().to_owned()))
    }

    /// Every field that it reads of a type, the envelope included; empty if it does not consume the type.
    #[must_use]
    pub fn fields(&self, event_type: &str) -> Vec<&Field> {
        let Some(consumed) = self.consumes.get(event_type) else { return Vec::new() };
        let envelope = self.envelope.iter().chain(&self.envelope_if_present);
        envelope.chain(&consumed.reads).chain(&consumed.reads_if_present).collect()
    }

    /// Its errors, given the published schemas by type.
    #[must_use]
    pub fn wrong(&self, schemas: &BTreeMap<String, Value>) -> Vec<DeclarationError> {
        let mut errors = Vec::new();
        for event_type in &self.produces {
            match schemas.get(event_type) {
                None => errors.push(unknown_type("produces", event_type, schemas)),
                Some(schema) => errors.extend(self.foreign(event_type, schema)),
            }
        }
        for event_type in self.consumes.keys() {
            let Some(schema) = schemas.get(event_type) else {
                errors.push(unknown_type("consumes", event_type, schemas));
                continue;
            };
            let known = field::of_schema(schema);
            for field in self.fields(event_type).into_iter().filter(|field| !known.contains(field)) {
                let suggestion = similar(field.as_str(), known.iter().map(Field::as_str));
                errors.push(DeclarationError::UnknownField {
                    event_type: event_type.clone(),
                    field: field.clone(),
                    suggestion,
                });
            }
        }
        errors
    }

    fn foreign(&self, event_type: &str, schema: &Value) -> Option<DeclarationError> {
        let owner = schema.pointer("/properties/source/const").and_then(Value::as_str).unwrap_or_default();
        // every consumer may publish `EventProcessingFailed`
        let allowed = owner == self.source || owner == platform::SOURCE;
        (!allowed).then(|| DeclarationError::ForeignType {
            event_type: event_type.to_owned(),
            owner: owner.to_owned(),
            source_name: self.source.clone(),
        })
    }
}

fn unknown_type(list: &'static str, event_type: &str, schemas: &BTreeMap<String, Value>) -> DeclarationError {
    let suggestion = similar(event_type, schemas.keys().map(String::as_str));
    DeclarationError::UnknownType { list, event_type: event_type.to_owned(), suggestion }
}

/// The most similar candidate, if any is similar enough to be a typing error.
pub fn similar<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(wanted, candidate), candidate));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.85).then(|| best.to_owned())
}
