//! Compares the working tree with the last release and lists every broken rule.
//!
//! - [`comparable`]: schemas have only keywords that the comparison knows
//! - [`differences`]: what differs from the last release
//! - [`integrity`]: released files are present and unchanged
//! - [`history`]: released files are as the commits that added them have them
//! - [`schemas`]: the schemas and samples of the working tree
//! - [`generated`]: the generated files are those of the Rust types
//! - [`golden`]: the golden events pin every type
//! - [`declared`]: the services' declarations
//! - [`deprecation`]: announced ends of types
//! - [`rule`]: the rules

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use contracts::catalogue;
use jiff::civil::Date;
use serde::Serialize;

use crate::judge::{Difference, Verdict};
use crate::tree::types::schema_path;
use crate::tree::{Origin, Repository, Tree, TreeError, Version};

pub mod comparable;
pub mod declared;
pub mod deprecation;
pub mod differences;
pub mod generated;
pub mod golden;
pub mod history;
pub mod integrity;
pub mod rule;
pub mod schemas;

use comparable::NotComparable;
pub use deprecation::Warning;
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
    /// Whom to talk to, for each consumer outside this repository.
    pub contacts: BTreeMap<String, String>,
    /// Each difference, by type.
    pub differences: Vec<Difference>,
    /// Each rule that is broken.
    pub problems: Vec<Problem>,
    /// Each deprecated type.
    pub warnings: Vec<Warning>,
    /// What was not checked, and why.
    pub notes: Vec<String>,
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

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A schema of the tree or of the last release cannot be compared.
    #[error("{0}")]
    NotComparable(NotComparable),
}

impl CheckError {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::Tree(error) => error.next(),
            Self::NotComparable(error) => error.next(),
        }
    }
}

/// Reads a repository whose event types can be compared.
///
/// # Errors
/// [`CheckError`], which names the file.
pub fn read(repository: &Repository) -> Result<Tree, CheckError> {
    let tree = Tree::read(repository)?;
    let schemas = tree.schemas.iter().map(|(event_type, it)| (event_type.as_str(), schema_path(event_type), it));
    comparable::all(schemas).map_err(CheckError::NotComparable)?;
    Ok(tree)
}

/// Checks a repository.
///
/// # Errors
/// [`CheckError`], which names the file.
pub fn check(repository: &Repository, today: Date) -> Result<Report, CheckError> {
    let (root, tree) = (&repository.root, read(repository)?);
    let mut problems = integrity::problems(root, &tree)?;
    let notes = match history::problems(root) {
        Ok(found) => {
            let known: BTreeSet<PathBuf> = problems.iter().map(|problem| problem.file.clone()).collect();
            problems.extend(found.into_iter().filter(|problem| !known.contains(&problem.file)));
            Vec::new()
        }
        Err(why) => vec![format!("the released files were not compared with the commits that added them: {why}")],
    };
    let published = integrity::published(root, &tree, &problems)?;
    problems.extend(schemas::problems(&tree));
    problems.extend(golden::problems(&tree));
    if repository.origin == Origin::Rust {
        problems.extend(golden::outdated(&tree, &catalogue::all()));
    }
    problems.extend(generated::problems(repository)?);
    problems.extend(declared::problems(&tree));
    let (overdue, warnings) = deprecation::check(&tree, &published, today);
    problems.extend(overdue);

    problems.extend(differences::between_releases(root, &tree, &problems)?);

    let differences = differences::all(&tree, &published, today).map_err(CheckError::NotComparable)?;
    problems.extend(golden::reasons(&tree.accepted, &differences));
    let compared_with = tree.released().map(|release| release.version);
    let (types, contacts) = (tree.schemas.len(), tree.contacts());
    let services = tree.declarations.len() - contacts.len();
    Ok(Report { compared_with, types, services, contacts, differences, problems, warnings, notes })
}
