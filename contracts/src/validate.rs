//! Validates an event against the published schema of its type (feature `validate`).
//!
//! A consumer checks only the fields that it reads; a schema covers the whole event. The validator adds megabytes of
//! code, so shipped consumers do without it. The command line, the watcher and builds with the feature `strict` use it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::catalogue;
pub use crate::violation::Violation;

mod enumeration;

/// Why an event does not belong to the published language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// The event has no `type`, or one that is not a text.
    #[error("the event needs a `type` that is a text")]
    Untyped,
    /// The event claims a type that has no published schema.
    #[error("no schema is published for `{0}`")]
    Unpublished(String),
    /// The event breaks its schema.
    #[error("{} of {event_type}", count(.violations.len()))]
    Violations {
        /// The type that the event claims.
        event_type: String,
        /// Each place and rule.
        violations: Vec<Violation>,
    },
}

fn count(violations: usize) -> String {
    if violations == 1 { "1 violation".to_owned() } else { format!("{violations} violations") }
}

static VALIDATORS: LazyLock<BTreeMap<&'static str, Validator>> = LazyLock::new(|| {
    let entries = catalogue::all().into_iter();
    entries.filter_map(|entry| Some((entry.event_type, validator(&entry.schema).ok()?))).collect()
});

/// Validators to which the known values of an open enumeration are all.
static KNOWN: LazyLock<BTreeMap<&'static str, Validator>> = LazyLock::new(|| {
    let entries = catalogue::all().into_iter();
    entries.filter_map(|entry| Some((entry.event_type, validator(&enumeration::closed(entry.schema)).ok()?))).collect()
});

/// A validator that also checks formats such as `date-time`.
///
/// # Errors
/// Why the schema itself is invalid.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options().should_validate_formats(true).build(schema).map_err(|error| error.to_string())
}

/// Checks an event against the schema of the type that it claims.
///
/// # Errors
/// [`InvalidEvent`]: the type is not published, or the event breaks its schema.
pub fn event(event: &Value) -> Result<&'static str, InvalidEvent> {
    let claimed = event.get("type").and_then(Value::as_str).ok_or(InvalidEvent::Untyped)?;
    let (event_type, validator) =
        VALIDATORS.get_key_value(claimed).ok_or_else(|| InvalidEvent::Unpublished(claimed.to_owned()))?;
    let violations = violations(validator, event);
    if violations.is_empty() {
        return Ok(event_type);
    }
    Err(InvalidEvent::Violations { event_type: claimed.to_owned(), violations })
}

/// The places of a valid event where an open enumeration has a value that this release does not know. Readers must
/// tolerate it, so it is no violation; the rule is the known values.
#[must_use]
pub fn unknown_values(event_type: &str, event: &Value) -> Vec<Violation> {
    KNOWN.get(event_type).map_or_else(Vec::new, |known| violations(known, event))
}

/// Every rule of a schema that a value breaks.
#[must_use]
pub fn violations(validator: &Validator, value: &Value) -> Vec<Violation> {
    validator.iter_errors(value).map(|error| violation(&error)).collect()
}

/// The first rule that the text of an event of this type breaks.
#[cfg(feature = "strict")]
pub(crate) fn event_text(event_type: &str, text: &str) -> Result<(), Violation> {
    let read = serde_json::from_str(text).unwrap_or_default();
    let Some(validator) = VALIDATORS.get(event_type) else { return Ok(()) };
    validator.iter_errors(&read).next().map_or(Ok(()), |error| Err(violation(&error)))
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let (pointer, keyword) = (error.instance_path().to_string(), error.kind().keyword().to_owned());
    if let ValidationErrorKind::Required { property } = error.kind() {
        let missing = property.as_str().unwrap_or_default();
        return Violation { pointer: format!("{pointer}/{missing}"), keyword, rule: "the field is missing".to_owned() };
    }
    // masked: the message would repeat the value
    let rule = enumeration::rule(error).unwrap_or_else(|| error.masked_with("the value").to_string());
    Violation { pointer, keyword, rule }
}
