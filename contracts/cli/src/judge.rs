//! Whether a difference is compatible or breaking, why, and which services it affects.

use std::collections::BTreeMap;

use contracts::declaration::{Consumed, Declaration, Field};
use serde::Serialize;

use crate::compare::change::{Direction, Listing, Within};
use crate::compare::{Change, What};
use crate::tree::Declared;

/// Whether consumers of the released type can handle a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No consumer has to change.
    Compatible,
    /// It needs a new major of the type, next to the old one.
    Breaking,
}

/// The part of the language's version that a difference raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Descriptions, samples, or what an open enumeration lists no more.
    Patch,
    /// A type, a field, a value of an open enumeration or a deprecation was added.
    Minor,
    /// A type was retired.
    Major,
}

/// A difference between the last release and the working tree, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The field, for example `/data/lines/*/sku`; empty for the whole type.
    pub field: String,
    /// What differs.
    pub what: String,
    /// Whether consumers can handle it.
    pub verdict: Verdict,
    /// The release that it needs if it is released unchanged.
    pub release: Bump,
    /// Why.
    pub why: String,
    /// The services that it breaks.
    pub victims: Vec<String>,
    /// The services to ask, because they read what may mean something else now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<String>,
    /// Whether a reason is recorded for what would be breaking.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
    /// Values before and after, where the schema is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// The definition that the field is in, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// The services with a declaration, asked who reads what.
#[derive(Debug, Clone, Copy)]
pub struct Readers<'a>(&'a BTreeMap<String, Declared>);

impl<'a> Readers<'a> {
    /// The services of these declarations.
    #[must_use]
    pub fn new(declarations: &'a BTreeMap<String, Declared>) -> Self {
        Self(declarations)
    }

    /// Every service that consumes a type.
    #[must_use]
    pub fn of_type(self, event_type: &str) -> Vec<String> {
        names(self.consumers(event_type))
    }

    /// Every service that reads a field, a part of it, or a field that contains it. An empty field means the whole type.
    #[must_use]
    pub fn of_field(self, event_type: &str, field: &str) -> Vec<String> {
        names(self.reading(event_type, field))
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

/// Whether a read field is `field`, a part of it, or contains it. Every field touches the whole type, which is empty.
#[must_use]
pub fn touches(read: &Field, field: &str) -> bool {
    Field::try_from(field.to_owned()).map_or(true, |field| field.covers(read) || read.covers(&field))
}

fn names(declarations: Vec<(&Declaration, &Consumed)>) -> Vec<String> {
    declarations.into_iter().map(|(declaration, _)| declaration.service.clone()).collect()
}

/// Judges one change of a type. What a declaration tolerates plays no part: readers outside this repository declare nothing.
#[must_use]
pub fn judge(event_type: &str, change: &Change, readers: Readers<'_>) -> Difference {
    let release = release(&change.what);
    let breaks = release.is_none();
    let reading = readers.of_field(event_type, &change.at);
    let asks = matches!(change.what, What::Words(_) | What::FieldDeprecated | What::Listed(_) | What::Unlisted(_));
    let (victims, readers) = match (breaks, asks) {
        (true, _) => (reading, Vec::new()),
        (false, true) => (Vec::new(), reading),
        (false, false) => (Vec::new(), Vec::new()),
    };
    Difference {
        event_type: event_type.to_owned(),
        field: change.at.clone(),
        what: change.to_string(),
        verdict: if breaks { Verdict::Breaking } else { Verdict::Compatible },
        release: release.unwrap_or(Bump::Major),
        why: why(&change.what),
        victims,
        readers,
        accepted: false,
        example: change.example().map(str::to_owned),
        within: change.within.clone(),
    }
}

/// A breaking difference of golden events that is meant. Its readers are still to be asked.
#[must_use]
pub fn accepted(difference: Difference, reason: &str) -> Difference {
    let (readers, why) = (difference.victims, format!("accepted: {reason}"));
    Difference {
        verdict: Verdict::Compatible,
        release: Bump::Minor,
        why,
        victims: Vec::new(),
        readers,
        accepted: true,
        ..difference
    }
}

/// The release that a compatible change needs; `None` for a breaking change.
fn release(what: &What) -> Option<Bump> {
    match what {
        What::Annotations(_)
        | What::Words(_)
        | What::Sample(_)
        | What::SampleAdded(_)
        | What::SampleRemoved(_)
        | What::Filled(_)
        | What::GoldenLayout
        | What::GoldenAdded(_)
        | What::Unlisted(_) => Some(Bump::Patch),
        What::NewType
        | What::EndAnnounced(_)
        | What::EndWithdrawn
        | What::FieldDeprecated
        | What::Listed(_)
        | What::Added { required: false } => Some(Bump::Minor),
        What::Retired => Some(Bump::Major),
        What::TypeRemoved(_)
        | What::TypeReturned
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
        | What::ValueRenamed { .. }
        | What::Listing { .. }
        | What::Golden(_)
        | What::GoldenRemoved(_)
        | What::Limited(_) => None,
    }
}

fn why(what: &What) -> String {
    let why = match what {
        What::Annotations(_) | What::FieldDeprecated => "events look the same as before",
        What::Words(_) => {
            "events have the same form; another unit or meaning is a new name, so ask its readers whether the words agree"
        }
        What::Sample(_) | What::SampleAdded(_) | What::SampleRemoved(_) => {
            "a sample is an example; the golden events show what is published"
        }
        What::Golden(_) => {
            "no change of the schema explains it: undo it, give it a new name, or record in contracts/accepted.toml why \
             consumers can live with it"
        }
        What::GoldenRemoved(_) => "it no longer shows what is published: pin it again, or record a reason",
        What::Filled(_) => "the released schema allows the field, and events without it stay valid",
        What::GoldenLayout => "a reader of JSON sees no difference",
        What::GoldenAdded(_) => "the events that were pinned before are the same",
        What::NewType => "no consumer depends on it yet",
        What::Retired => "a release announced its sunset, the date has passed, and no service consumes it",
        What::TypeReturned => "a release has retired this name, and the archive has its events: take the next major",
        What::TypeRemoved(why) => return why.clone(),
        What::EndAnnounced(_) => "its producer publishes it until that date",
        What::EndNearer { .. } => "consumers have less time than a release promised",
        What::EndWithdrawn => "its producer continues to publish it",
        What::Added { required: false } => "a tolerant reader ignores unknown fields, and events without it stay valid",
        What::Added { required: true } | What::BecameRequired => "events in archives, replays and queues lack it",
        What::Removed => "a service that reads it finds nothing",
        What::Renamed(_) => "a service that reads the old name finds nothing: a rename is a new major",
        What::BecameOptional => "a service that requires it receives events without it",
        What::Type { .. } => "a service that reads it cannot parse a value of another type",
        What::Constant { .. } => "a service that compares it with the released value refuses every event",
        What::Narrowed(_) | What::Listing { to: Listing::Closed, .. } => {
            "old events with other values break their own schema"
        }
        What::Widened(_) => "the enumeration is closed: a reader may refuse a value that it does not know",
        What::ValueRenamed { .. } => {
            "a reader that knows the old value takes a renamed one for the general case; if none is renamed, list the new one in \
             one release, and drop the old one in a later release"
        }
        What::Unlisted(_) => "the enumeration is open: old events with it stay valid",
        What::Listed(_) => "the enumeration is open: every reader takes values that it does not know",
        What::Listing { from: Listing::Closed, .. } => {
            "every value was listed: a reader may refuse one that it does not know"
        }
        What::Listing { .. } => "old events may break the new schema, or new events an old reader",
        What::Limited(limit) if limit.is_range() && limit.direction() == Direction::Looser => {
            "loosened: a reader that chose its number type for the released range cannot hold a number beyond it"
        }
        What::Limited(limit) => match limit.direction() {
            Direction::Tighter => "tightened: old events may break their own schema",
            Direction::Looser => "loosened: a strict reader may refuse the values that are new",
            Direction::Other => "old events may break the new schema, and a strict reader may refuse new events",
        },
    };
    why.to_owned()
}
