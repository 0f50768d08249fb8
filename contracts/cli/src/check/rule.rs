//! What can be wrong with the tree, beside differences that break somebody.

use std::fmt;
use std::path::PathBuf;

use contracts::declaration::Wrong;
use contracts::validate::Violation;
use serde::{Serialize, Serializer};

use crate::compare::shape::Unsupported;

/// A rule that is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, below the repository's root.
    pub file: PathBuf,
    /// The event type, if it concerns one.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The rule.
    #[serde(serialize_with = "in_words")]
    pub rule: Rule,
}

impl Problem {
    pub(super) fn new(file: impl Into<PathBuf>, event_type: impl Into<Option<String>>, rule: Rule) -> Self {
        Self { file: file.into(), event_type: event_type.into(), rule }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if let Some(event_type) = &self.event_type {
            write!(f, "{event_type}: ")?;
        }
        self.rule.fmt(f)
    }
}

impl Rule {
    /// Whether whoever follows the schema's references may never come to an end.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self, Self::Unsupported(Unsupported::Reference { .. }))
    }
}

fn in_words<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rule)
}

/// The rules of the tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// A file that a release names is not there.
    #[error("release {0} names this file, and it is gone")]
    ReleasedGone(String),
    /// A file that a release names has changed.
    #[error("a released file never changes, and this one is not what release {0} has")]
    ReleasedChanged(String),
    /// A file that no release names.
    #[error("no release names this file: released files are written by `contracts release` alone")]
    Stray,
    /// A file whose name is no type.
    #[error("the name is not of the form Name.vN")]
    NotAType,
    /// A schema that does not say what every schema must.
    #[error("{keyword} must be {wanted}")]
    Identity {
        /// The place in the schema.
        keyword: &'static str,
        /// The value it must have.
        wanted: String,
    },
    /// A schema that validators refuse.
    #[error("no schema that a validator takes: {0}")]
    NoSchema(String),
    /// A schema that cannot be compared.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// A type without samples.
    #[error("the type has no sample: contracts/samples/{0}.1.json")]
    NoSample(String),
    /// Samples without a type.
    #[error("the sample belongs to no schema in contracts/schemas")]
    SampleOfNothing,
    /// A sample that is no event of its type.
    #[error("the sample does not fit its schema: {0}")]
    SampleUnfit(Violation),
    /// A declaration that cannot be right.
    #[error("{0}")]
    Declaration(Wrong),
    /// A type that its own source does not say.
    #[error("no service with source {0} declares that it produces it")]
    Unproduced(String),
    /// Two services that speak in one name.
    #[error("its source {0} is that of {1} as well")]
    SourceTaken(String, String),
    /// A type of the platform that no consumer says.
    #[error("no service that consumes declares that it produces it")]
    UnproducedByConsumers,
    /// An announced end that is not complete.
    #[error("an announced end needs `deprecated: true`, `x-superseded-by` and `x-sunset` together; {0} is missing")]
    EndIncomplete(&'static str),
    /// The successor does not exist.
    #[error("`x-superseded-by` names {0}, which is not among the schemas")]
    NoSuccessor(String),
    /// The day is none.
    #[error("`x-sunset` must be a day such as 2027-03-31")]
    NoDay,
    /// The day has passed, and somebody is left.
    #[error("its sunset was {sunset}, and {} still consume{s} it: move to {successor}", .consumers.join(", "), s = if .consumers.len() == 1 { "s" } else { "" })]
    SunsetPassed {
        /// The announced day.
        sunset: String,
        /// What to consume instead.
        successor: String,
        /// Who is left.
        consumers: Vec<String>,
    },
}
