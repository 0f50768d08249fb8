//! What a difference means: compatible or breaking, why, and for whom.

use std::collections::BTreeMap;

use contracts::declaration::{Consumed, Declaration, Field};
use serde::Serialize;

use crate::compare::change::Direction;
use crate::compare::{Change, What};
use crate::tree::Declared;

/// Whether consumers of the released type can live with a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nobody needs to do anything.
    Compatible,
    /// It needs a new major of the type, beside the old one.
    Breaking,
}

/// Which part of the language's version grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Better words.
    Patch,
    /// Something more.
    Minor,
    /// A type less.
    Major,
}

/// A difference between the last release and the working tree, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The field, as `/data/lines/*/sku`; empty for the whole type.
    pub field: String,
    /// What differs.
    pub what: String,
    /// Whether consumers can live with it.
    pub verdict: Verdict,
    /// The release that it would need, were it released as it is.
    pub release: Size,
    /// Why.
    pub why: String,
    /// The services that it hurts.
    pub victims: Vec<String>,
}

/// The services that consume, and what they read.
#[derive(Debug, Clone, Copy)]
pub struct Readers<'a>(&'a BTreeMap<String, Declared>);

impl<'a> Readers<'a> {
    /// Those that declare something.
    #[must_use]
    pub fn new(declarations: &'a BTreeMap<String, Declared>) -> Self {
        Self(declarations)
    }

    /// Every service that consumes a type.
    #[must_use]
    pub fn of_type(self, event_type: &str) -> Vec<String> {
        names(self.consumers(event_type))
    }

    /// Every service that reads a field, something inside it, or something around it; of the type as a whole if the
    /// field is empty.
    #[must_use]
    pub fn of_field(self, event_type: &str, field: &str) -> Vec<String> {
        names(self.reading(event_type, field))
    }

    /// Those of them that refuse a value which they do not know.
    fn strict(self, event_type: &str, field: &str) -> Vec<String> {
        let mut reading = self.reading(event_type, field);
        reading.retain(|(_, consumed)| !consumed.tolerates.iter().any(|tolerated| tolerated.as_str() == field));
        names(reading)
    }

    fn consumers(self, event_type: &str) -> Vec<(&'a Declaration, &'a Consumed)> {
        let declarations = self.0.values().map(|declared| &declared.declaration);
        declarations.filter_map(|it| Some((it, it.consumes.get(event_type)?))).collect()
    }

    fn reading(self, event_type: &str, field: &str) -> Vec<(&'a Declaration, &'a Consumed)> {
        let mut reading = self.consumers(event_type);
        reading
            .retain(|(it, _)| field.is_empty() || it.fields(event_type).into_iter().any(|read| touches(read, field)));
        reading
    }
}

/// Whether what is read is a field, something inside it, or something around it; any field touches the whole type.
#[must_use]
pub fn touches(read: &Field, field: &str) -> bool {
    Field::try_from(field.to_owned()).map_or(true, |field| field.covers(read) || read.covers(&field))
}

fn names(declarations: Vec<(&Declaration, &Consumed)>) -> Vec<String> {
    declarations.into_iter().map(|(declaration, _)| declaration.service.clone()).collect()
}

const TOLERATED: &str = "every service that reads it declares that it tolerates values it does not know";

/// Judges one change of a type.
#[must_use]
pub fn judge(event_type: &str, change: &Change, readers: Readers<'_>) -> Difference {
    let reading = readers.of_field(event_type, &change.at);
    let widens = matches!(change.what, What::Widened(_) | What::Unlisted);
    let strict = widens.then(|| readers.strict(event_type, &change.at));
    let tolerated = strict.as_ref().is_some_and(|strict| strict.is_empty() && !reading.is_empty());
    let release = if tolerated { Some(Size::Minor) } else { release(&change.what) };
    let hurt = if release.is_some() { Vec::new() } else { strict.unwrap_or(reading) };
    Difference {
        event_type: event_type.to_owned(),
        field: change.at.clone(),
        what: change.to_string(),
        verdict: if release.is_some() { Verdict::Compatible } else { Verdict::Breaking },
        release: release.unwrap_or(Size::Major),
        why: if tolerated { TOLERATED.to_owned() } else { why(&change.what) },
        victims: hurt,
    }
}

/// The release that a compatible change needs; none if it is breaking.
fn release(what: &What) -> Option<Size> {
    match what {
        What::Words(_) | What::Samples => Some(Size::Patch),
        What::NewType
        | What::EndAnnounced(_)
        | What::EndWithdrawn
        | What::FieldDeprecated
        | What::Added { required: false } => Some(Size::Minor),
        What::Retired => Some(Size::Major),
        What::TypeRemoved(_)
        | What::EndNearer { .. }
        | What::Added { required: true }
        | What::Removed
        | What::Renamed(_)
        | What::BecameOptional
        | What::BecameRequired
        | What::Type { .. }
        | What::Constant { .. }
        | What::Narrowed(_)
        | What::Widened(_)
        | What::Listed(_)
        | What::Unlisted
        | What::Limited(_) => None,
    }
}

fn why(what: &What) -> String {
    let why = match what {
        What::Words(_) | What::FieldDeprecated => "no event looks different",
        What::Samples => "the schema is the same",
        What::NewType => "nobody can depend on it yet",
        What::Retired => "its end was announced in a release, the day has passed, and no service consumes it",
        What::TypeRemoved(why) => return why.clone(),
        What::EndAnnounced(_) => "it is published as before until that day",
        What::EndNearer { .. } => "whoever planned with the announced day has less time than was promised",
        What::EndWithdrawn => "it is published as before",
        What::Added { required: false } => {
            "a tolerant reader ignores what it does not know, and old events lack it rightly"
        }
        What::Added { required: true } | What::BecameRequired => {
            "events that were published before lack it, in archives, replays and queues"
        }
        What::Removed => "who reads it finds nothing",
        What::Renamed(_) => "who reads the old name finds nothing: a rename is a new major",
        What::BecameOptional => "who counts on it finds events without it",
        What::Type { .. } => "who reads it cannot take a value of another type",
        What::Constant { .. } => "who compares it with the released value refuses every event",
        What::Narrowed(_) | What::Listed(_) => "old events with the other values no longer fit their own schema",
        What::Widened(_) | What::Unlisted => "a strict reader refuses a value that it does not know",
        What::Limited(limit) => match limit.direction() {
            Direction::Tighter => "tightened: old events may no longer fit their own schema",
            Direction::Looser => "loosened: a strict reader may refuse what is admitted now",
            Direction::Other => "old events may no longer fit, and a strict reader may refuse new ones",
        },
    };
    why.to_owned()
}
