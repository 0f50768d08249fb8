//! Whether an event fits the schema that is published for its type (feature `validate`).
//!
//! The types of this crate read what they need and are content with it; a schema says what the whole event must be.
//! It costs megabytes of code, so it is no part of a shipped consumer: the command line, the bus's watcher and
//! builds with the feature `strict` use it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::catalogue;

/// Where an event does not fit, and which rule it breaks. It never repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the event, also of a field that is missing; empty for the event itself.
    pub pointer: String,
    /// The schema's keyword, for example `required` or `pattern`.
    pub keyword: String,
    /// The rule in words, for example `the field is missing`.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "at {at}: {} ({})", self.rule, self.keyword)
    }
}

/// Why an event is not one of the published language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The event does not say of which type it is.
    #[error("the event has no `type` that is a text")]
    Untyped,
    /// The event claims a type that nobody published.
    #[error("nobody published a schema for `{0}`")]
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

/// A validator that also holds formats such as `date-time`.
///
/// # Errors
/// What is wrong with the schema.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options().should_validate_formats(true).build(schema).map_err(|error| error.to_string())
}

/// Checks an event against the schema of the type that it claims.
///
/// # Errors
/// [`Unfit`]: of no published type, or not as its schema says.
pub fn event(event: &Value) -> Result<&'static str, Unfit> {
    let claimed = event.get("type").and_then(Value::as_str).ok_or(Unfit::Untyped)?;
    let (event_type, validator) =
        VALIDATORS.get_key_value(claimed).ok_or_else(|| Unfit::Unpublished(claimed.to_owned()))?;
    let violations = violations(validator, event);
    if violations.is_empty() {
        return Ok(event_type);
    }
    Err(Unfit::Violations { event_type: claimed.to_owned(), violations })
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

fn violation(error: &jsonschema::ValidationError<'_>) -> Violation {
    let (pointer, keyword) = (error.instance_path().to_string(), error.kind().keyword().to_owned());
    if let ValidationErrorKind::Required { property } = error.kind() {
        let missing = property.as_str().unwrap_or_default();
        return Violation { pointer: format!("{pointer}/{missing}"), keyword, rule: "the field is missing".to_owned() };
    }
    // masked: the message would repeat the value
    Violation { pointer, keyword, rule: error.masked_with("the value").to_string() }
}
