//! The envelope: a CloudEvents 1.0 object in JSON format, which is the `detail` of every event on the bus.
//!
//! Source of the attribute rules: the CloudEvents specification 1.0.2 and its `sequence` and
//! `distributed-tracing` extensions. A CloudEvents integer has 32 bits with a sign.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::number;

/// Where the catalogue's pages are served: the package's `homepage`, with a slash at its end. A type's schema is
/// `{BASE}{type}.json`.
pub const SCHEMA_BASE: &str = env!("CARGO_PKG_HOMEPAGE");
const _: () =
    assert!(matches!(SCHEMA_BASE.as_bytes(), [.., b'/']), "`homepage` in contracts/Cargo.toml must end with a slash");

/// Namespace from which event ids are derived.
const EVENT_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_6576_5e74_8000_6576_656e_7401);

/// The `data` of an event type, with what its envelope needs to know of the type.
pub trait EventData: Serialize + DeserializeOwned + JsonSchema {
    /// Name and major version, equal to the `type` attribute and to EventBridge's detail-type.
    const TYPE: &'static str;
    /// The service that publishes it, equal to the `source` attribute and to EventBridge's source.
    const SOURCE: &'static str;

    /// What the event is about: the order id, or the sku of a stock event.
    fn subject(&self) -> &str;

    /// Checks the rules of the schema that the Rust types do not enforce: counts and minimums.
    ///
    /// # Errors
    /// The broken rule, with the field's name.
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// Set when the type is deprecated: what replaces it, if anything does, and when its producer may stop.
    #[must_use]
    fn deprecation() -> Option<Deprecation> {
        None
    }
}

/// The announced end of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// What to consume instead.
    pub instead: Instead,
    /// The first day on which its producer may stop, as `2027-03-31`. Every consumer must have moved by then.
    pub sunset: &'static str,
}

/// What consumers of a deprecated event type do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// They consume another type, for example `OrderCreated.v2`.
    Consume(&'static str),
    /// Nothing replaces the type, because the fact no longer happens, or is no longer published.
    Nothing {
        /// Why, for the consumers: half a sentence such as `no order is paid at the door any more`.
        because: &'static str,
    },
}

/// The attributes of an event that do not follow from its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// When the state change was written.
    pub time: Timestamp,
    /// Constant for the whole saga.
    pub correlation_id: String,
    /// The id of the event or command that caused this event.
    pub causation_id: String,
    /// W3C trace context of the cause, if it had one.
    pub traceparent: Option<String>,
    /// How many events led to this one: one more than to the event that caused it, and none if a command did, or the clock.
    pub hops: u32,
    /// The event's place among those of its source and subject, from 1.
    pub sequence: u64,
}

/// An event as it travels: CloudEvents attributes around its `data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<T> {
    /// Version of the CloudEvents specification: always `1.0`.
    pub specversion: String,
    /// The event's identity: made when the state change was written, and the same in every repetition and replay.
    pub id: String,
    /// The service that published the event, for example `oms.orders`.
    pub source: String,
    /// Name and major version of the event, for example `OrderCreated.v1`.
    pub r#type: String,
    /// What the event is about: the order id, or the sku of a stock event.
    pub subject: String,
    /// When the state change was written (RFC 3339, UTC).
    pub time: Timestamp,
    /// Media type of `data`: always `application/json`.
    pub datacontenttype: String,
    /// URI of the published schema of this event.
    pub dataschema: String,
    /// Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
    pub correlationid: String,
    /// The id of the event or command that caused this one.
    pub causationid: String,
    /// W3C trace context of the cause; absent if it had none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
    pub sequence: String,
    /// How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement
    /// causes begins at none, and so does a report of a failure.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 2_147_483_647))]
    pub hops: Option<u32>,
    /// What happened, as this type has it.
    pub data: T,
}

/// Why a text is not an event of the expected type.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The text is not JSON.
    #[error("the event is not JSON: line {}, column {}", .0.line(), .0.column())]
    NotJson(serde_json::Error),
    /// The event lacks a required field, or has a value of another kind.
    #[error("the event does not have the shape of {wanted}: at {at}: {rule}")]
    Shape {
        /// The type that was expected.
        wanted: &'static str,
        /// The field, or what contains it, for example `data.lines[0].quantity`.
        at: String,
        /// What is missing or expected. It never repeats the value, which may be personal.
        rule: String,
    },
    /// The event breaks a rule of its schema.
    #[error("the event breaks a rule of {wanted}: {rule}")]
    Rule {
        /// The type that was expected.
        wanted: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// The event breaks its published schema (feature `strict`).
    #[cfg(feature = "strict")]
    #[error("the event breaks the schema of {wanted}: {violation}")]
    Schema {
        /// The type that was expected.
        wanted: &'static str,
        /// The place and the rule.
        violation: crate::violation::Violation,
    },
    /// The envelope is well-formed but of another type or source.
    #[error("expected {wanted}, found `{found}`")]
    Type {
        /// The type and source that were expected.
        wanted: String,
        /// The type and source that the envelope claims.
        found: String,
    },
}

impl<T: EventData> Envelope<T> {
    /// Puts `data` into its envelope. The id follows from source, subject and sequence alone,
    /// so that making the same event again makes the same id.
    pub fn new(data: T, header: Header) -> Self {
        let subject = data.subject().to_owned();
        Self {
            specversion: "1.0".into(),
            id: event_id(T::SOURCE, &subject, header.sequence),
            source: T::SOURCE.into(),
            r#type: T::TYPE.into(),
            subject,
            time: header.time,
            datacontenttype: "application/json".into(),
            dataschema: schema_of(T::TYPE),
            correlationid: header.correlation_id,
            causationid: header.causation_id,
            traceparent: header.traceparent,
            sequence: digits(header.sequence),
            hops: Some(header.hops).filter(|hops| *hops > 0),
            data,
        }
    }

    /// Reads a whole event of exactly this type; unknown fields are ignored. A consumer reads only the fields that it
    /// needs, with [`crate::Reads`].
    ///
    /// # Errors
    /// [`ContractError`] when the text is not an event of this type.
    pub fn parse(text: &str) -> Result<Self, ContractError> {
        let event: Self = read::<T, Self>(text)?;
        of_type::<T>(&event.r#type, &event.source)?;
        event.data.check().map_err(|rule| ContractError::Rule { wanted: T::TYPE, rule })?;
        Ok(event)
    }

    /// The event as it is published.
    ///
    /// # Panics
    /// Never: the types of this crate have string keys and finite numbers only.
    #[must_use]
    #[expect(clippy::expect_used, reason = "every type of this crate serialises, as the catalogue's test shows")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an event of the catalogue is JSON")
    }
}

/// Reads the text of an event of type `T`; each whole number is an integer, however it is written.
pub(crate) fn read<T: EventData, R: DeserializeOwned>(text: &str) -> Result<R, ContractError> {
    let mut event: Value = serde_json::from_str(text).map_err(ContractError::NotJson)?;
    number::normalise(&mut event);
    serde_path_to_error::deserialize(event).map_err(|error| {
        let (at, rule) = (error.path().to_string(), without_value(&error.inner().to_string()));
        ContractError::Shape { wanted: T::TYPE, at, rule }
    })
}

/// What serde expected, without what it found: `invalid type: string "ada@example.org", expected u32` becomes `expected u32`.
fn without_value(message: &str) -> String {
    let quotes = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "];
    match message.rfind("expected ") {
        Some(expected) if quotes.iter().any(|quote| message.starts_with(quote)) => message[expected..].to_owned(),
        Some(_) | None => message.to_owned(),
    }
}

/// Reads an optional field that is there: in an event it is absent or has a value, and never null.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// Checks that an event claims the type and source that its reader expects.
pub(crate) fn of_type<T: EventData>(event_type: &str, source: &str) -> Result<(), ContractError> {
    if event_type == T::TYPE && source == T::SOURCE {
        return Ok(());
    }
    Err(ContractError::Type {
        wanted: format!("{} from {}", T::TYPE, T::SOURCE),
        found: format!("{event_type} from {source}"),
    })
}

/// The id of an event, derived from its source, its subject and its place among their events (from 1).
#[must_use]
pub fn event_id(source: &str, subject: &str, sequence: u64) -> String {
    id_of(source, subject, &digits(sequence))
}

/// The id of an event, from its `sequence` as it carries it.
pub(crate) fn id_of(source: &str, subject: &str, sequence: &str) -> String {
    format!("evt_{}", Uuid::new_v5(&EVENT_NAMESPACE, format!("{source}/{subject}/{sequence}").as_bytes()))
}

/// The URI of the published schema of a type.
pub(crate) fn schema_of(event_type: &str) -> String {
    format!("{SCHEMA_BASE}{event_type}.json")
}

/// A sequence number as events carry it.
pub(crate) fn digits(sequence: u64) -> String {
    format!("{sequence:010}")
}
