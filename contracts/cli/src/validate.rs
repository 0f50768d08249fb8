//! Validates events from any source against the schema of the type that they claim. No output repeats a value.

use std::io::{self, ErrorKind, Read};
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
    #[error("{}: {}", .file.display(), unread(.source))]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not JSON.
    #[error("{}: not JSON{}: {reason} at line {line}, column {column}", .file.display(), if *.inside { " in the body of a message" } else { "" })]
    NotJson {
        /// The file.
        file: PathBuf,
        /// Whether it is the text in a message's body; line and column then count in it.
        inside: bool,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The file has no text.
    #[error("{}: the file is empty", .0.display())]
    Empty(PathBuf),
    /// The JSON has no event.
    #[error("{}: the JSON has no event", .0.display())]
    NoEvent(PathBuf),
}

fn unread(error: &io::Error) -> String {
    let known = [
        (ErrorKind::NotFound, "there is no such file"),
        (ErrorKind::IsADirectory, "this is a directory, not a file"),
        (ErrorKind::InvalidData, "not JSON: the file is not UTF-8 text"),
    ];
    let sentence = known.into_iter().find(|(kind, _)| *kind == error.kind());
    sentence.map_or_else(|| error.to_string(), |(_, sentence)| sentence.to_owned())
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
    /// Each place where it has a value of an open enumeration that this release does not know; it is valid all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_values: Vec<Violation>,
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
    if text.trim().is_empty() {
        return Err(InputError::Empty(path.to_owned()));
    }
    let not_json = |inside| {
        move |error: serde_json::Error| {
            let (line, column, reason) = (error.line(), error.column(), reason(&error));
            InputError::NotJson { file: path.to_owned(), inside, line, column, reason }
        }
    };
    let mut events = Vec::new();
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        unwrap(document.map_err(not_json(false))?, None, &mut events).map_err(not_json(true))?;
    }
    if events.is_empty() {
        return Err(InputError::NoEvent(path.to_owned()));
    }
    Ok(events.iter().enumerate().map(|(index, unwrapped)| validated(index + 1, unwrapped)).collect())
}

/// What the parser says, without the place, which is named separately.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).replace("EOF", "the text ends")
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
    // a field of an event may have the name of what others wrap events in
    if object.contains_key("specversion") {
        events.push(Unwrapped { event: Value::Object(object), bus });
        return Ok(());
    }
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
    let fits = violations.is_empty();
    let unknown_values = claimed.filter(|_| fits).map(|it| validate::unknown_values(it, &unwrapped.event));
    let (event_type, unknown_values) = (claimed.map(str::to_owned), unknown_values.unwrap_or_default());
    Validated { event: number, event_type, fits, violations, unknown_values }
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
