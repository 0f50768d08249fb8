//! The rules of the working tree. Differences that break a consumer are in `judge`.

use std::fmt;
use std::path::PathBuf;

use contracts::declaration::{DeclarationError, Field};
use contracts::validate::Violation;
use serde::{Serialize, Serializer};

use super::deprecation::Instead;

/// A broken rule, and where.
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

fn in_words<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rule)
}

/// The rules of the tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// A file that a release lists is missing.
    #[error("release {0} lists this file, but it is missing: restore it from git")]
    ReleasedMissing(String),
    /// A file that a release lists has changed.
    #[error("a released file never changes, but this one differs from release {0}: restore it from git")]
    ReleasedChanged(String),
    /// A file that no release lists.
    #[error("no release lists this file: only `just release-contracts` writes to this folder")]
    NotReleased,
    /// A released file that is not what was released, though its release says so.
    #[error(
        "a released file never changes, but this one differs from what commit {commit} added, hash and all: run `git checkout {commit} -- contracts/releases`"
    )]
    Rewritten {
        /// The commit that added the file.
        commit: String,
    },
    /// A released file that is missing, and that no release lists any more.
    #[error(
        "commit {commit} added this file, and a released file is never removed: run `git checkout {commit} -- contracts/releases`"
    )]
    Deleted {
        /// The commit that added the file.
        commit: String,
    },
    /// A generated file that is not what the Rust types, the declarations and the releases say.
    #[error("it is generated, and differs from what is in the Rust types and declarations: run `just contracts`")]
    Stale,
    /// A sunset that no release has announced and that is not ahead.
    #[error("its sunset {0} is announced without notice: give its consumers a day that is still to come")]
    SunsetWithoutNotice(String),
    /// A release that breaks what the release before it promised.
    #[error(
        "{field} {what}, which breaks release {before}; only `just release-contracts` writes releases, and it refuses this"
    )]
    ReleaseBreaks {
        /// The field, or `the type`.
        field: String,
        /// The difference.
        what: String,
        /// The release before.
        before: String,
    },
    /// A file whose name is not a type.
    #[error("the file name must have the form Name.vN.json")]
    NotAType,
    /// A schema without one of the values that every schema must have.
    #[error("{keyword} must be {wanted}")]
    Identity {
        /// The place in the schema.
        keyword: &'static str,
        /// The value it must have.
        wanted: String,
    },
    /// A schema that validators refuse.
    #[error("the schema is invalid: {0}")]
    InvalidSchema(String),
    /// A type without samples.
    #[error("the type has no sample: contracts/samples/{0}.1.json is missing")]
    SampleMissing(String),
    /// A sample whose type has no schema.
    #[error("the sample has no schema in contracts/schemas")]
    SampleWithoutSchema,
    /// A sample that breaks its schema.
    #[error("the sample breaks its schema: {0}")]
    InvalidSample(Violation),
    /// A type that no golden event pins.
    #[error("no golden event pins this type: let its producer's test publish one, then run `just pin-events SERVICE`")]
    GoldenMissing,
    /// A golden event whose type has no schema.
    #[error("the golden event is of a type that is not published: delete it, with the test's line that publishes it")]
    GoldenWithoutSchema,
    /// A golden event that breaks its schema.
    #[error("the golden event breaks its schema: {0}")]
    InvalidGolden(Violation),
    /// A golden event with a field that no schema names.
    #[error("the golden event has {0}, which the schema does not name")]
    GoldenUnnamed(Field),
    /// A golden event that the Rust types do not read.
    #[error(
        "the Rust types do not read the golden event ({0}): undo the change, or run `just pin-events SERVICE` to see what it breaks"
    )]
    GoldenUnreadable(String),
    /// A golden event that the Rust types write otherwise.
    #[error(
        "the Rust types write {0} of the golden event otherwise: undo the change, or run `just pin-events SERVICE` to see what it breaks"
    )]
    GoldenOutdated(String),
    /// A recorded reason without a word.
    #[error("`reason` of `field` {0:?} must say why consumers can live with the difference (was empty)")]
    NoReason(String),
    /// A recorded reason that nothing needs.
    #[error("no golden event differs from the last release at `field` {0:?}: remove the entry")]
    NothingToAccept(String),
    /// An error in a declaration.
    #[error("{0}")]
    Declaration(DeclarationError),
    /// A type that its own source does not publish.
    #[error("no service with source {0} lists this type in `produces` of its events.toml")]
    Unproduced(String),
    /// Two services with one source.
    #[error("its source {0} already belongs to {1}")]
    SourceTaken(String, String),
    /// A type of the platform that no consumer publishes.
    #[error("no service that consumes events lists this type in `produces` of its events.toml")]
    UnproducedByConsumers,
    /// A deprecation that is not complete.
    #[error(
        "a deprecated type needs `deprecated: true`, `x-sunset`, and `x-superseded-by` or `x-retirement-reason`; {0} is missing"
    )]
    IncompleteDeprecation(&'static str),
    /// A deprecation that both names a successor and says that there is none.
    #[error("a deprecated type has `x-superseded-by`, or `x-retirement-reason` where nothing replaces it; it has both")]
    TwoEnds,
    /// The successor does not exist.
    #[error("`x-superseded-by` names {0}, which has no schema in contracts/schemas")]
    UnknownSuccessor(String),
    /// The sunset is not a date.
    #[error("`x-sunset` must be a date such as 2027-03-31")]
    InvalidSunset,
    /// The sunset has passed, and services still consume the type.
    #[error("its sunset was {sunset}, and {} still consume{s} it: {instead}", .consumers.join(", "), s = if .consumers.len() == 1 { "s" } else { "" })]
    SunsetPassed {
        /// The announced day.
        sunset: String,
        /// What they do.
        instead: Instead,
        /// The services that still consume it.
        consumers: Vec<String>,
    },
}
