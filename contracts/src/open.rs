//! Enumerations that later releases may extend.
//!
//! An enumeration is *open* where its field is [`Open`], and *closed* where it is not. A new value of an open one is a
//! minor release, so every reader needs a general case for the values that it does not know; the schema admits them.
//! A closed one has all its values: a reader refuses any other, and a new value needs a new major of the event type.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// What every value of an open enumeration looks like, those of later releases included.
const LATER: &str = "^[A-Z][A-Z0-9_]{0,63}$";

/// A value of an open enumeration.
///
/// ```
/// use contracts::{Open, orders::CancelReason};
///
/// let read = |text| serde_json::from_str::<Open<CancelReason>>(text);
/// assert_eq!(read(r#""STAFF""#)?, Open::Known(CancelReason::Staff));
/// assert_eq!(read(r#""FRAUD""#)?, Open::Later("FRAUD".into()));
/// assert!(read(r#""fraud""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open<E> {
    /// A value that this version knows.
    Known(E),
    /// A value of a later release: 1 to 64 capital letters, digits and `_`, beginning with a letter.
    Later(String),
}

impl<E> From<E> for Open<E> {
    fn from(value: E) -> Self {
        Self::Known(value)
    }
}

impl<E: Serialize> Serialize for Open<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Later(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de, E: DeserializeOwned> Deserialize<'de> for Open<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known: StrDeserializer<'_, Error> = text.as_str().into_deserializer();
        match E::deserialize(known) {
            Ok(value) => Ok(Self::Known(value)),
            Err(_) if may_come_later(&text) => Ok(Self::Later(text)),
            // without the text, which may be anything
            Err(_) => {
                Err(serde::de::Error::custom("a value of an enumeration has 1 to 64 capital letters, digits or `_`"))
            }
        }
    }
}

fn may_come_later(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

impl<E: JsonSchema> JsonSchema for Open<E> {
    fn schema_name() -> Cow<'static, str> {
        E::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Open<{}>", E::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = E::json_schema(generator);
        if let Some(Value::Array(mut values)) = schema.remove("oneOf") {
            values.push(json!({ "type": "string", "pattern": LATER, "description": "A value of a later release." }));
            schema.insert("anyOf".into(), Value::Array(values));
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::CancelReason;

    #[test]
    fn a_value_of_a_later_release_is_kept_as_it_came() {
        let read: Open<CancelReason> = serde_json::from_value(json!("FRAUD_2")).unwrap();
        assert_eq!(read, Open::Later("FRAUD_2".into()));
        assert_eq!(serde_json::to_value(&read).unwrap(), json!("FRAUD_2"));
        assert_eq!(serde_json::to_value(Open::from(CancelReason::Staff)).unwrap(), json!("STAFF"));
    }

    #[test]
    fn what_can_be_no_value_is_refused_without_being_repeated() {
        for bad in [json!(""), json!("fraud"), json!("4242424242424242"), json!("A B"), json!("A".repeat(65)), json!(7)]
        {
            let error = serde_json::from_value::<Open<CancelReason>>(bad.clone()).unwrap_err().to_string();
            assert!(!error.contains("4242") && !error.contains("fraud"), "{bad}: {error}");
        }
    }

    #[test]
    fn the_schema_admits_the_values_that_the_reader_admits() {
        let schema = schemars::schema_for!(Open<CancelReason>);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        for value in
            ["STAFF", "FRAUD", "A", "A_1", "", "fraud", "1A", "_A", "A-B", "STAFF\n", &"A".repeat(64), &"A".repeat(65)]
        {
            let read = serde_json::from_value::<Open<CancelReason>>(json!(value)).is_ok();
            assert_eq!(validator.is_valid(&json!(value)), read, "{value:?}");
        }
    }
}
