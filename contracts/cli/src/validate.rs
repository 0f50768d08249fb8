//! Validates events from any source against the schema of the type that they claim. No output repeats a value.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use contracts::catalogue;
use contracts::declaration::{did_you_mean, similar};
use contracts::validate::{self, InvalidEvent, Violation};
use serde::Serialize;
use serde_json::{Deserializer, Value};

/// Input that cannot be validated.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be read.
    #[error("{}: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not JSON.
    #[error("{}: {source}", .file.display())]
    NotJson {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// The input has no events.
    #[error("{}: the input has no event", .0.display())]
    Empty(PathBuf),
}

/// The result for one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Validated {
    /// Its place in the input, from 1.
    pub event: usize,
    /// The type that it claims, if it has the form of a type's name.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// Whether it is valid.
    pub fits: bool,
    /// Each rule that it breaks; pointers lead into the CloudEvents object.
    pub violations: Vec<Violation>,
}

/// Validates every event of a file; `-` is standard input.
///
/// # Errors
/// [`InputError`], which names the file.
pub fn file(path: &Path) -> Result<Vec<Validated>, InputError> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    read.map_err(|source| InputError::File { file: path.to_owned(), source })?;
    text_of(&text, path)
}

/// Validates every event of a text: one JSON document, or several in a row.
///
/// # Errors
/// [`InputError`], which names the file.
pub fn text_of(text: &str, path: &Path) -> Result<Vec<Validated>, InputError> {
    let not_json = |source| InputError::NotJson { file: path.to_owned(), source };
    let mut events = Vec::new();
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        unwrap(document.map_err(not_json)?, None, &mut events).map_err(not_json)?;
    }
    if events.is_empty() {
        return Err(InputError::Empty(path.to_owned()));
    }
    Ok(events.iter().enumerate().map(|(index, unwrapped)| validated(index + 1, unwrapped)).collect())
}

/// An event, with the `detail-type` and `source` of the EventBridge event around it.
struct Unwrapped {
    event: Value,
    bus: Option<(Value, Value)>,
}

/// Takes events out of a list, a batch of queue messages, a queue message, or an EventBridge event.
fn unwrap(document: Value, bus: Option<(Value, Value)>, events: &mut Vec<Unwrapped>) -> Result<(), serde_json::Error> {
    let mut object = match document {
        Value::Array(items) => return items.into_iter().try_for_each(|item| unwrap(item, bus.clone(), events)),
        Value::Object(object) => object,
        event @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            events.push(Unwrapped { event, bus });
            return Ok(());
        }
    };
    for batch in ["Records", "Messages"] {
        if object.get(batch).is_some_and(Value::is_array) {
            return unwrap(object.remove(batch).unwrap_or_default(), bus, events);
        }
    }
    for body in ["body", "Body"] {
        if let Some(body) = object.get(body).and_then(Value::as_str) {
            return unwrap(serde_json::from_str(body)?, bus, events);
        }
    }
    match (object.remove("detail-type"), object.remove("detail")) {
        (Some(event_type), Some(detail)) => {
            let source = object.remove("source").unwrap_or_default();
            events.push(Unwrapped { event: detail, bus: Some((event_type, source)) });
        }
        _ => events.push(Unwrapped { event: Value::Object(object), bus }),
    }
    Ok(())
}

fn validated(number: usize, unwrapped: &Unwrapped) -> Validated {
    let mut violations = match validate::event(&unwrapped.event) {
        Ok(_) => Vec::new(),
        Err(InvalidEvent::Violations { violations, .. }) => violations,
        Err(InvalidEvent::Untyped) => vec![violation("/type", "required", "the event needs a `type` that is a text")],
        Err(InvalidEvent::Unpublished(claimed)) => vec![violation("/type", "const", &unpublished(&claimed))],
    };
    violations.extend(mislabelled(unwrapped));
    let claimed = unwrapped.event.get("type").and_then(Value::as_str).filter(|it| is_name(it));
    Validated { event: number, event_type: claimed.map(str::to_owned), fits: violations.is_empty(), violations }
}

fn unpublished(claimed: &str) -> String {
    let known = catalogue::all();
    let suggestion = similar(claimed, known.iter().map(|entry| entry.event_type));
    format!("no schema is published for this type{}", did_you_mean(suggestion.as_deref()))
}

/// EventBridge routes by its own copies of type and source, which must equal the event's.
fn mislabelled(unwrapped: &Unwrapped) -> Vec<Violation> {
    let Some((event_type, source)) = &unwrapped.bus else { return Vec::new() };
    let differs = |attribute: &str, outside: &Value| unwrapped.event.get(attribute) != Some(outside);
    let mut violations = Vec::new();
    if differs("type", event_type) {
        violations.push(violation("/type", "detail-type", "EventBridge's `detail-type` differs"));
    }
    if differs("source", source) {
        violations.push(violation("/source", "source", "EventBridge's `source` differs"));
    }
    violations
}

fn violation(pointer: &str, keyword: &str, rule: &str) -> Violation {
    Violation { pointer: pointer.to_owned(), keyword: keyword.to_owned(), rule: rule.to_owned() }
}

/// Whether a text has the form of a type's name. Any other text may be personal and is not repeated.
fn is_name(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}
