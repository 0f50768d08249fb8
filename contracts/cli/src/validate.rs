//! Whether events from anywhere fit the schema that they claim. No value of an event is ever repeated.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use contracts::catalogue;
use contracts::validate::{self, Unfit, Violation};
use serde::Serialize;
use serde_json::{Deserializer, Value};

use crate::who_breaks::alike;

/// Why there is nothing to validate.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file cannot be read.
    #[error("{}: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is no JSON.
    #[error("{}: {source}", .file.display())]
    NotJson {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// There is nothing in it.
    #[error("{}: there is no event in it", .0.display())]
    Empty(PathBuf),
}

/// What is to be said of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Its place in the input, from 1.
    pub event: usize,
    /// The type that it claims, if that can be one.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// Whether it fits.
    pub fits: bool,
    /// Where it does not fit.
    pub violations: Vec<At>,
}

/// A rule that an event breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct At {
    /// JSON pointer into the CloudEvents object; empty for the object itself.
    pub pointer: String,
    /// The schema's keyword.
    pub keyword: String,
    /// The rule in words.
    pub rule: String,
}

/// Judges every event of a file; `-` is the standard input.
///
/// # Errors
/// [`Unreadable`], with the file's name.
pub fn file(path: &Path) -> Result<Vec<Judged>, Unreadable> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    read.map_err(|source| Unreadable::File { file: path.to_owned(), source })?;
    text_of(&text, path)
}

/// Judges every event of a text: one JSON document, or one after the other.
///
/// # Errors
/// [`Unreadable`], with the file's name.
pub fn text_of(text: &str, path: &Path) -> Result<Vec<Judged>, Unreadable> {
    let not_json = |source| Unreadable::NotJson { file: path.to_owned(), source };
    let mut events = Vec::new();
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        unwrap(document.map_err(not_json)?, None, &mut events).map_err(not_json)?;
    }
    if events.is_empty() {
        return Err(Unreadable::Empty(path.to_owned()));
    }
    Ok(events.iter().enumerate().map(|(index, travelled)| judge(index + 1, travelled)).collect())
}

/// An event, and what the bus said of it.
struct Travelled {
    event: Value,
    bus: Option<(Value, Value)>,
}

/// Takes an event out of what it travelled in: a list, a batch of messages, a message, an event of the bus.
fn unwrap(document: Value, bus: Option<(Value, Value)>, events: &mut Vec<Travelled>) -> Result<(), serde_json::Error> {
    let mut object = match document {
        Value::Array(items) => return items.into_iter().try_for_each(|item| unwrap(item, bus.clone(), events)),
        Value::Object(object) => object,
        event @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            events.push(Travelled { event, bus });
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
            events.push(Travelled { event: detail, bus: Some((event_type, source)) });
        }
        _ => events.push(Travelled { event: Value::Object(object), bus }),
    }
    Ok(())
}

fn judge(number: usize, travelled: &Travelled) -> Judged {
    let mut violations: Vec<At> = match validate::event(&travelled.event) {
        Ok(_) => Vec::new(),
        Err(Unfit::Violations { violations, .. }) => violations.into_iter().map(At::from).collect(),
        Err(Unfit::Untyped) => vec![At::new("/type", "required", "the event has no `type` that is a text")],
        Err(Unfit::Unpublished(claimed)) => vec![At::new("/type", "const", &unpublished(&claimed))],
    };
    violations.extend(misrouted(travelled));
    let claimed = travelled.event.get("type").and_then(Value::as_str).filter(|it| is_name(it));
    Judged { event: number, event_type: claimed.map(str::to_owned), fits: violations.is_empty(), violations }
}

fn unpublished(claimed: &str) -> String {
    let known = catalogue::all();
    let like = alike(claimed, known.iter().map(|entry| entry.event_type));
    let hint = like.map(|like| format!(" (is {like} meant?)")).unwrap_or_default();
    format!("nobody published a schema for the type that it claims{hint}")
}

/// The bus routes by its own copies of type and source: they must be the event's.
fn misrouted(travelled: &Travelled) -> Vec<At> {
    let Some((event_type, source)) = &travelled.bus else { return Vec::new() };
    let differs = |attribute: &str, outside: &Value| travelled.event.get(attribute) != Some(outside);
    let mut misrouted = Vec::new();
    if differs("type", event_type) {
        misrouted.push(At::new("/type", "detail-type", "the bus's `detail-type` is another one"));
    }
    if differs("source", source) {
        misrouted.push(At::new("/source", "source", "the bus's `source` is another one"));
    }
    misrouted
}

/// What has not the form of a type's name may be anything, and is not repeated.
fn is_name(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

impl At {
    fn new(pointer: &str, keyword: &str, rule: &str) -> Self {
        Self { pointer: pointer.to_owned(), keyword: keyword.to_owned(), rule: rule.to_owned() }
    }
}

impl From<Violation> for At {
    fn from(Violation { pointer, keyword, rule }: Violation) -> Self {
        Self { pointer, keyword, rule }
    }
}
