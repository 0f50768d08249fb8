//! One message of the queue, and what is wrong with the event in it.

use contracts::validate::{self, Unfit};
use serde_json::Value;

/// An event as it came over the bus. Nothing in it is taken over unless it has the shape that it should have: a
/// broken event may carry anything anywhere, personal data in its `type` included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Name and major version.
    pub event_type: String,
    /// Who says it.
    pub source: String,
    /// The event's id.
    pub event_id: String,
    /// The saga that it belongs to.
    pub correlation_id: String,
    /// What is wrong; nothing, if it is as it should be.
    pub violations: Vec<Violation>,
}

/// One thing that is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The message, or the event in it, is no JSON object.
    NotJson,
    /// The event does not say of which type it is.
    Untyped,
    /// Nobody published its type.
    Unpublished,
    /// EventBridge's detail-type or source is not the event's own: rules route it as what it is not.
    Mislabelled(&'static str),
    /// It breaks its schema: where, and which keyword.
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

/// What stands for a text that does not have its shape.
const UNREADABLE: &str = "unreadable";

impl Seen {
    /// Looks at the body of a message: what EventBridge delivers, with the event as `detail`.
    #[must_use]
    pub fn of(body: &str) -> Self {
        let delivered: Value = serde_json::from_str(body).unwrap_or_default();
        let event = &delivered["detail"];
        let violations = if event.is_object() { violations(&delivered, event) } else { vec![Violation::NotJson] };
        Self {
            event_type: shaped(&event["type"], is_type),
            source: shaped(&event["source"], is_source),
            event_id: shaped(&event["id"], |id| id.strip_prefix("evt_").is_some_and(|rest| is_word(rest, 36))),
            correlation_id: shaped(&event["correlationid"], |id| is_word(id, 128)),
            violations,
        }
    }
}

fn violations(delivered: &Value, event: &Value) -> Vec<Violation> {
    let labels = [("detail-type", "type"), ("source", "source")];
    let mislabelled = labels.into_iter().filter(|(label, attribute)| delivered[label] != event[attribute]);
    let mislabelled = mislabelled.map(|(label, _)| Violation::Mislabelled(label));
    mislabelled.chain(unfit(event)).collect()
}

fn unfit(event: &Value) -> Vec<Violation> {
    match validate::event(event) {
        Ok(_) => Vec::new(),
        Err(Unfit::Untyped) => vec![Violation::Untyped],
        Err(Unfit::Unpublished(_)) => vec![Violation::Unpublished],
        Err(Unfit::Violations { violations, .. }) => {
            let schema =
                |broken: validate::Violation| Violation::Schema { pointer: broken.pointer, keyword: broken.keyword };
            violations.into_iter().map(schema).collect()
        }
    }
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
    text.strip_prefix("oms.").is_some_and(|name| name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase()))
}

fn is_word(text: &str, longest: usize) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}
