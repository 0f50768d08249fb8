//! The inspection of one message: what is wrong with the event in it.

use contracts::validate::{self, InvalidEvent};
use serde_json::Value;

/// One inspected event. Each attribute is copied only if it has its shape: a broken event may carry anything anywhere,
/// personal data in its `type` included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Name and major version.
    pub event_type: String,
    /// The service that published it.
    pub source: String,
    /// The event's id.
    pub event_id: String,
    /// The saga that it belongs to.
    pub correlation_id: String,
    /// The first [`MAX_VIOLATIONS`] violations; none, if the event matches its schema.
    pub violations: Vec<Violation>,
    /// The number of violations, including those that are not listed.
    pub count: usize,
}

/// This many violations are listed. A long list of wrong items breaks rules by the ten thousand: such a line would be
/// larger than a log accepts, and a batch of them larger than the function's memory.
pub const MAX_VIOLATIONS: usize = 20;

/// One rule that an event breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The message, or the event in it, is not a JSON object.
    NotJson,
    /// The event has no type.
    Untyped,
    /// Its type is not published.
    Unpublished,
    /// EventBridge's detail-type or source differs from the event's own, so rules route it wrongly.
    Mislabelled(&'static str),
    /// It breaks its schema in this place, by this keyword.
    Schema {
        /// JSON pointer into the event.
        pointer: String,
        /// The schema's keyword.
        keyword: String,
    },
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotJson => f.write_str("not_json"),
            Self::Untyped => f.write_str("untyped"),
            Self::Unpublished => f.write_str("unpublished"),
            Self::Mislabelled(attribute) => write!(f, "mislabelled {attribute}"),
            Self::Schema { pointer, keyword } => {
                write!(f, "{} {keyword}", if pointer.is_empty() { "/" } else { pointer })
            }
        }
    }
}

/// Replaces a text that does not have its shape.
const UNREADABLE: &str = "unreadable";
/// Characters of a JSON pointer that are listed: more than the deepest place in a schema needs.
const MAX_POINTER: usize = 128;

impl Inspection {
    /// Inspects the body of a message: what EventBridge delivers, with the event as `detail`.
    #[must_use]
    pub fn of(body: &str) -> Self {
        let delivered: Value = serde_json::from_str(body).unwrap_or_default();
        let event = at(&delivered, "detail");
        let mut violations = if event.is_object() { violations(&delivered, event) } else { vec![Violation::NotJson] };
        let count = violations.len();
        violations.truncate(MAX_VIOLATIONS);
        violations.shrink_to_fit();
        Self {
            event_type: shaped(at(event, "type"), is_type),
            source: shaped(at(event, "source"), is_source),
            event_id: shaped(at(event, "id"), |id| id.strip_prefix("evt_").is_some_and(is_uuid)),
            correlation_id: shaped(at(event, "correlationid"), |id| is_word(id, 128)),
            violations,
            count,
        }
    }
}

fn violations(delivered: &Value, event: &Value) -> Vec<Violation> {
    let labels = [("detail-type", "type"), ("source", "source")];
    let mislabelled = labels.into_iter().filter(|(label, attribute)| at(delivered, label) != at(event, attribute));
    let mislabelled = mislabelled.map(|(label, _)| Violation::Mislabelled(label));
    mislabelled.chain(schema_violations(event)).collect()
}

fn schema_violations(event: &Value) -> Vec<Violation> {
    match validate::event(event) {
        Ok(_) => Vec::new(),
        Err(InvalidEvent::Untyped) => vec![Violation::Untyped],
        Err(InvalidEvent::Unpublished(_)) => vec![Violation::Unpublished],
        Err(InvalidEvent::Violations { violations, .. }) => {
            let schema = |broken: validate::Violation| Violation::Schema {
                pointer: broken.pointer.chars().take(MAX_POINTER).collect(),
                keyword: broken.keyword,
            };
            violations.into_iter().map(schema).collect()
        }
    }
}

/// An attribute; null if it is absent.
fn at<'a>(event: &'a Value, attribute: &str) -> &'a Value {
    event.get(attribute).unwrap_or(&Value::Null)
}

fn shaped(value: &Value, has_shape: impl Fn(&str) -> bool) -> String {
    value.as_str().filter(|text| has_shape(text)).unwrap_or(UNREADABLE).to_owned()
}

/// `OrderCreated.v1`
fn is_type(text: &str) -> bool {
    let letters = |name: &str| name.len() <= 64 && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = |major: &str| (1..=3).contains(&major.len()) && major.bytes().all(|b| b.is_ascii_digit());
    text.split_once(".v").is_some_and(|(name, major)| letters(name) && digits(major))
}

/// `oms.orders`
fn is_source(text: &str) -> bool {
    let name = |name: &str| (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase());
    text.strip_prefix("oms.").is_some_and(name)
}

/// `a5c95409-99b6-5529-94d6-5228350eeb1f`: a looser shape would let a name through, or a number to call.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.concat().bytes().all(hex)
}

fn is_word(text: &str, longest: usize) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}
