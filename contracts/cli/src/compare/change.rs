//! One difference of a type, and its text.

use std::fmt;

use serde::Serialize;

/// One difference, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field, for example `/data/lines/*/sku`; empty for the whole type.
    pub at: String,
    /// The definition that the field is in, if it is in one.
    pub within: Option<Within>,
    /// What differs there.
    pub what: What,
}

/// A place in a definition such as `OrderId`, which other fields and types may share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Within {
    /// The definition.
    pub definition: String,
    /// The field of it; empty for the whole definition.
    pub field: String,
}

impl Change {
    /// Values before and after, of a difference that is not of the schema.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        let (What::Sample(example) | What::Golden(example) | What::Filled(example)) = &self.what else { return None };
        Some(example)
    }

    /// A difference of a whole type.
    #[must_use]
    pub fn of_type(what: What) -> Self {
        Self { at: String::new(), within: None, what }
    }
}

/// A description that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reworded {
    /// The value of an enumeration that it describes; `None` for the field.
    pub value: Option<String>,
    /// The released description.
    pub from: String,
    /// The new description.
    pub to: String,
}

impl fmt::Display for Reworded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            None => write!(f, "the description changed: ")?,
            Some(value) => write!(f, "the description of {value} changed: ")?,
        }
        match (self.from.as_str(), self.to.as_str()) {
            ("", to) => write!(f, "\"{to}\" is new"),
            (from, "") => write!(f, "\"{from}\" was removed"),
            (from, to) => write!(f, "\"{from}\" became \"{to}\""),
        }
    }
}

/// The kinds of difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Only annotations such as titles and examples, by keyword.
    Annotations(Vec<String>),
    /// Descriptions.
    Words(Vec<Reworded>),
    /// Another value of a sample, with an example.
    Sample(String),
    /// A new sample, by its number.
    SampleAdded(usize),
    /// A sample that is gone, by its number.
    SampleRemoved(usize),
    /// Another value of a golden event, or none, with an example.
    Golden(String),
    /// A golden event with an optional field that it lacked, with an example.
    Filled(String),
    /// Golden events of the same JSON, written otherwise.
    GoldenLayout,
    /// A new golden event, by its number.
    GoldenAdded(usize),
    /// A golden event that is gone, by its number.
    GoldenRemoved(usize),
    /// A new type.
    NewType,
    /// A type that was removed after its sunset.
    Retired,
    /// A type that an earlier release has retired.
    TypeReturned,
    /// A type that was removed too early, and why it is too early.
    TypeRemoved(String),
    /// The type is deprecated, or its sunset is later.
    EndAnnounced(String),
    /// The type's sunset is earlier than released.
    EndNearer {
        /// The released date.
        from: String,
        /// The new date.
        to: String,
    },
    /// The type is no longer deprecated.
    EndWithdrawn,
    /// A field is deprecated, or no longer deprecated.
    FieldDeprecated,
    /// A new field.
    Added {
        /// Whether every event must have it.
        required: bool,
    },
    /// A removed field.
    Removed,
    /// A removed field, and a new field of the same type.
    Renamed(String),
    /// A field that events may now lack.
    BecameOptional,
    /// A field that events may no longer lack.
    BecameRequired,
    /// Another JSON type.
    Type {
        /// The released type.
        from: String,
        /// The new type.
        to: String,
    },
    /// Another constant.
    Constant {
        /// The released value.
        from: String,
        /// The new value.
        to: String,
    },
    /// Values that a closed enumeration no longer admits.
    Narrowed(Vec<String>),
    /// Values that a closed enumeration newly admits.
    Widened(Vec<String>),
    /// Values that an open enumeration no longer lists, and still admits.
    Unlisted(Vec<String>),
    /// Values that an open enumeration no longer lists, and values that it lists instead.
    ValueRenamed {
        /// The values that are gone.
        lost: Vec<String>,
        /// The values that are new.
        gained: Vec<String>,
    },
    /// Values that an open enumeration newly lists, and admitted before.
    Listed(Vec<String>),
    /// Values are listed in another way.
    Listing {
        /// How they were listed.
        from: Listing,
        /// How they are listed.
        to: Listing,
    },
    /// Another pattern, format, range or identity.
    Limited(Limit),
}

/// How far a schema lists the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Not at all.
    Any,
    /// The known ones; later releases may list more.
    Open,
    /// All of them.
    Closed,
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any value",
            Self::Open => "an open enumeration",
            Self::Closed => "a closed enumeration",
        })
    }
}

/// A keyword that limits values independently of the others, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The keyword.
    pub keyword: String,
    /// Its released value.
    pub from: Option<String>,
    /// Its new value.
    pub to: Option<String>,
}

/// Whether a limit admits more or fewer values than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Fewer.
    Tighter,
    /// More.
    Looser,
    /// Unknown: it may exclude old values and admit new ones.
    Other,
}

impl Limit {
    pub(super) fn new(keyword: &str, from: Option<String>, to: Option<String>) -> Self {
        Self { keyword: keyword.to_owned(), from, to }
    }

    /// Whether it limits numbers, for which a reader chooses a type.
    #[must_use]
    pub fn is_range(&self) -> bool {
        matches!(self.keyword.as_str(), "minimum" | "maximum")
    }

    /// Whether it admits more or fewer values now.
    #[must_use]
    pub fn direction(&self) -> Direction {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
        match (&self.from, &self.to) {
            (None, _) => return Direction::Tighter,
            (_, None) => return Direction::Looser,
            (Some(_), Some(_)) => {}
        }
        match (number(&self.from), number(&self.to), self.keyword.starts_with("min")) {
            (Some(from), Some(to), true) if to > from => Direction::Tighter,
            (Some(from), Some(to), false) if to < from => Direction::Tighter,
            (Some(_), Some(_), _) => Direction::Looser,
            _ => Direction::Other,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keyword, from, to } = self;
        match (from, to) {
            (Some(from), Some(to)) => write!(f, "{keyword} {from} became {to}"),
            (None, Some(to)) => write!(f, "{keyword} {to} is new"),
            (Some(from), None) => write!(f, "{keyword} {from} was removed"),
            (None, None) => write!(f, "{keyword}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Annotations(keywords) => write!(f, "annotations changed: {}", keywords.join(", ")),
            What::Words(reworded) => {
                let reworded: Vec<String> = reworded.iter().map(ToString::to_string).collect();
                f.write_str(&reworded.join("; "))
            }
            What::Sample(_) => write!(f, "a sample has another value"),
            What::SampleAdded(number) => write!(f, "sample {number} is new"),
            What::SampleRemoved(number) => write!(f, "sample {number} was removed"),
            What::Golden(_) => write!(f, "a golden event has another value"),
            What::Filled(_) => write!(f, "a golden event has this optional field, which it lacked"),
            What::GoldenLayout => write!(f, "golden events have other bytes for the same JSON"),
            What::GoldenAdded(number) => write!(f, "golden event {number} is new"),
            What::GoldenRemoved(number) => write!(f, "golden event {number} was removed"),
            What::NewType => write!(f, "the type is new"),
            What::TypeReturned => write!(f, "the type is back"),
            What::Retired => write!(f, "the type is retired"),
            What::TypeRemoved(_) => write!(f, "the type was removed"),
            What::EndAnnounced(sunset) => write!(f, "the type is deprecated and ends on {sunset}"),
            What::EndNearer { from, to } => write!(f, "the type ends on {to}; the released date was {from}"),
            What::EndWithdrawn => write!(f, "the type is no longer deprecated"),
            What::FieldDeprecated => write!(f, "the field's `deprecated` changed"),
            What::Added { required: true } => write!(f, "a required field is new"),
            What::Added { required: false } => write!(f, "an optional field is new"),
            What::Removed => write!(f, "the field was removed"),
            What::Renamed(to) => {
                let name = self.at.rsplit('/').next().unwrap_or_default();
                write!(f, "`{name}` was removed and `{to}` of the same type is new")
            }
            What::BecameOptional => write!(f, "the field became optional"),
            What::BecameRequired => write!(f, "the field became required"),
            What::Type { from, to } => write!(f, "{from} became {to}"),
            What::Constant { from, to } => write!(f, "constant {from} became {to}"),
            What::Narrowed(lost) => write!(f, "{} no longer admitted", lost.join(", ")),
            What::Widened(gained) => write!(f, "{} newly admitted", gained.join(", ")),
            What::ValueRenamed { lost, gained } => {
                write!(f, "{} no longer listed, and {} newly listed", lost.join(", "), gained.join(", "))
            }
            What::Unlisted(lost) => write!(f, "{} no longer listed, but still admitted", lost.join(", ")),
            What::Listed(gained) => write!(f, "{} newly listed", gained.join(", ")),
            What::Listing { from, to } => write!(f, "{from} became {to}"),
            What::Limited(limit) => limit.fmt(f),
        }
    }
}
