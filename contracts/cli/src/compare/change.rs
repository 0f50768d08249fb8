//! What can differ at one place of a type, in words.

use std::fmt;

/// One difference, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field, as `/data/lines/*/sku`; empty for the whole type.
    pub at: String,
    /// What differs there.
    pub what: What,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Only what is said to people, by keyword.
    Words(Vec<String>),
    /// Other samples of the same schema.
    Samples,
    /// A type that was not there.
    NewType,
    /// A type that is gone, after its announced end.
    Retired,
    /// A type that is gone, and why it should not be.
    TypeRemoved(String),
    /// The type's end is announced, or put off.
    EndAnnounced(String),
    /// The type's end comes earlier than announced.
    EndNearer {
        /// The announced day.
        from: String,
        /// The new day.
        to: String,
    },
    /// The type stays after all.
    EndWithdrawn,
    /// A field is marked as deprecated, or no longer.
    FieldDeprecated,
    /// A field that was not there.
    Added {
        /// Whether every event must have it.
        required: bool,
    },
    /// A field that is gone.
    Removed,
    /// A field that is gone, with one of the same type in its stead.
    Renamed(String),
    /// A field that events may now lack.
    BecameOptional,
    /// A field that events may no longer lack.
    BecameRequired,
    /// Another JSON type.
    Type {
        /// The released type.
        from: String,
        /// The working type.
        to: String,
    },
    /// Another constant.
    Constant {
        /// The released value.
        from: String,
        /// The working value.
        to: String,
    },
    /// Values that are no longer admitted.
    Narrowed(Vec<String>),
    /// Values that were not admitted.
    Widened(Vec<String>),
    /// Only these values are admitted, where any was.
    Listed(Vec<String>),
    /// Any value is admitted, where only some were.
    Unlisted,
    /// Another pattern, format, range or identity.
    Limited(Limit),
}

/// A keyword that limits by itself, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The keyword.
    pub keyword: String,
    /// Its released value.
    pub from: Option<String>,
    /// Its working value.
    pub to: Option<String>,
}

/// Which values a limit admits now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Fewer.
    Tighter,
    /// More.
    Looser,
    /// Nobody can say: some of the old ones may be out, and new ones in.
    Other,
}

impl Limit {
    pub(super) fn new(keyword: &str, from: Option<String>, to: Option<String>) -> Self {
        Self { keyword: keyword.to_owned(), from, to }
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
            (Some(from), None) => write!(f, "{keyword} {from} is gone"),
            (None, None) => write!(f, "{keyword}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Words(keywords) => write!(f, "other words: {}", keywords.join(", ")),
            What::Samples => write!(f, "other samples"),
            What::NewType => write!(f, "the type is new"),
            What::Retired => write!(f, "the type is retired"),
            What::TypeRemoved(_) => write!(f, "the type is gone"),
            What::EndAnnounced(sunset) => write!(f, "the type is announced to end on {sunset}"),
            What::EndNearer { from, to } => write!(f, "the type ends on {to}, not on {from} as announced"),
            What::EndWithdrawn => write!(f, "the type's announced end is taken back"),
            What::FieldDeprecated => write!(f, "the field's `deprecated` changed"),
            What::Added { required: true } => write!(f, "a required field is new"),
            What::Added { required: false } => write!(f, "an optional field is new"),
            What::Removed => write!(f, "the field is gone"),
            What::Renamed(to) => {
                let name = self.at.rsplit('/').next().unwrap_or_default();
                write!(f, "`{name}` is gone and `{to}` of the same type is new")
            }
            What::BecameOptional => write!(f, "the field became optional"),
            What::BecameRequired => write!(f, "the field became required"),
            What::Type { from, to } => write!(f, "{from} became {to}"),
            What::Constant { from, to } => write!(f, "constant {from} became {to}"),
            What::Narrowed(lost) => write!(f, "{} no longer admitted", lost.join(", ")),
            What::Widened(gained) => write!(f, "{} newly admitted", gained.join(", ")),
            What::Listed(values) => write!(f, "only {} admitted, where any value was", values.join(", ")),
            What::Unlisted => write!(f, "any value admitted, where a list was"),
            What::Limited(limit) => limit.fmt(f),
        }
    }
}
