//! Compares the working tree with the last release and lists every broken rule.
//!
//! - [`integrity`]: released files are present and unchanged
//! - [`schemas`]: the schemas and samples of the working tree
//! - [`generated`]: the generated files are those of the Rust types
//! - [`declared`]: the services' declarations
//! - [`deprecation`]: announced ends of types
//! - [`rule`]: the rules

use jiff::civil::Date;
use serde::Serialize;

use crate::compare::{self, Change, What};
use crate::judge::{Difference, Readers, Verdict, judge};
use crate::tree::{Repository, Tree, TreeError, Version};

pub mod declared;
pub mod deprecation;
pub mod generated;
pub mod integrity;
pub mod rule;
pub mod schemas;

pub use deprecation::Warning;
use integrity::Published;
pub use rule::{Problem, Rule};

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The release that the tree was compared with; `None` before the first release.
    pub compared_with: Option<Version>,
    /// How many types the working tree has.
    pub types: usize,
    /// How many services have an `events.toml`.
    pub services: usize,
    /// Each difference, by type.
    pub differences: Vec<Difference>,
    /// Each rule that is broken.
    pub problems: Vec<Problem>,
    /// Each deprecated type.
    pub warnings: Vec<Warning>,
}

impl Report {
    /// The differences that break a consumer.
    pub fn breaking(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.verdict == Verdict::Breaking)
    }

    /// Whether the tree may be merged and released.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.problems.is_empty() && self.breaking().next().is_none()
    }
}

/// Checks a repository.
///
/// # Errors
/// [`TreeError`] when it cannot be read, with the file.
pub fn check(repository: &Repository, today: Date) -> Result<Report, TreeError> {
    let (root, tree) = (&repository.root, Tree::read(repository)?);
    let mut problems = integrity::problems(root, &tree)?;
    let published = integrity::published(root, &tree, &problems)?;
    problems.extend(schemas::problems(&tree));
    problems.extend(generated::problems(repository)?);
    if !problems.iter().any(|problem| problem.rule.is_circular()) {
        problems.extend(declared::problems(&tree));
    }
    let (overdue, warnings) = deprecation::check(&tree, today);
    problems.extend(overdue);

    let readers = Readers::new(&tree.declarations);
    let mut differences = Vec::new();
    for event_type in tree.schemas.keys().chain(published.keys().filter(|it| !tree.schemas.contains_key(*it))) {
        let changes = changes(event_type, published.get(event_type), &tree, readers, today);
        differences.extend(changes.iter().map(|change| judge(event_type, change, readers)));
    }
    let compared_with = tree.released().map(|release| release.version);
    let (types, services) = (tree.schemas.len(), tree.declarations.len());
    Ok(Report { compared_with, types, services, differences, problems, warnings })
}

/// What differs in one type. A schema that cannot be compared is among the problems already.
fn changes(event_type: &str, old: Option<&Published>, tree: &Tree, readers: Readers<'_>, today: Date) -> Vec<Change> {
    let whole = |what| vec![Change { at: String::new(), what }];
    let (old, new) = match (old, tree.schemas.get(event_type)) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => return whole(removed(event_type, old, readers, today)),
        (None, Some(_)) if tree.released().is_some_and(|it| it.types.contains_key(event_type)) => return Vec::new(),
        (None, Some(_)) => return whole(What::NewType),
        (None, None) => return Vec::new(),
    };
    let mut changes = compare::compare(&old.schema, new).unwrap_or_default();
    let samples = tree.samples.get(event_type).into_iter().flatten().map(|sample| &sample.event);
    if changes.is_empty() && !samples.eq(&old.samples) {
        changes.extend(whole(What::Samples));
    }
    changes
}

/// A type may be removed when a release announced its sunset, the date has come, and no service consumes it.
fn removed(event_type: &str, old: &Published, readers: Readers<'_>, today: Date) -> What {
    match deprecation::announced(&old.schema) {
        None => What::TypeRemoved("no release has deprecated it".to_owned()),
        Some(sunset) if today < sunset => What::TypeRemoved(format!("its sunset is {sunset}")),
        Some(_) if !readers.of_type(event_type).is_empty() => {
            What::TypeRemoved("its sunset has passed, but services still consume it".to_owned())
        }
        Some(_) => What::Retired,
    }
}
