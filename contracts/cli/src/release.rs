//! Appends a release: the new and changed files, and a manifest of all types. The package gets the release's version.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use contracts::catalogue;
use jiff::civil::Date;
use serde_json::Value;

use crate::check::{self, CheckError, Report, integrity};
use crate::judge::Bump;
use crate::report::counted;
use crate::tree::golden::{ACCEPTED, NOTHING_ACCEPTED};
use crate::tree::{self, Release, Released, Repository, Tree, Version};

mod version;

const CHANGELOG: &str = "contracts/CHANGELOG.md";

/// Why nothing was released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The tree cannot be checked.
    #[error(transparent)]
    Unchecked(#[from] CheckError),
    /// The check fails; its report says why.
    #[error("`contracts check` fails: {} breaking, {}", .0.breaking().count(), counted(.0.problems.len(), "error"))]
    CheckFails(Box<Report>),
    /// Nothing differs.
    #[error("the working tree equals release {0}: there is nothing to release")]
    NoDifference(Version),
    /// The version does not match what changed.
    #[error("{version} is not the next version: {why}; run `just release-contracts {wanted}`")]
    Version {
        /// The version that was asked for.
        version: Version,
        /// The version that matches.
        wanted: Version,
        /// Why it matches.
        why: &'static str,
    },
    /// A manifest or lock file cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The changelog lacks the version.
    #[error("{CHANGELOG}: add a section `## [{0}] - DATE`, then run `just release-contracts {0}`")]
    NotInChangelog(Version),
    /// A file cannot be written.
    #[error("{}: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Releases the working tree of a repository under a version; returns the new files. Every manifest and lock file of the
/// tree gets the version, committed or not.
///
/// # Errors
/// [`ReleaseError`]. Nothing was written, except for [`ReleaseError::Unwritable`].
pub fn release(repository: &Repository, version: Version, today: Date) -> Result<Vec<PathBuf>, ReleaseError> {
    let root = repository.root.as_path();
    let report = check::check(repository, today)?;
    if !report.passes() {
        return Err(ReleaseError::CheckFails(Box::new(report)));
    }
    check_version(version, &report)?;
    let changelog = tree::text(root, Path::new(CHANGELOG)).map_err(CheckError::Tree)?;
    if !changelog.lines().any(|line| line.starts_with(&format!("## [{version}] - "))) {
        return Err(ReleaseError::NotInChangelog(version));
    }
    let tree = check::read(repository)?;
    let changed: BTreeSet<&str> = report.differences.iter().map(|it| it.event_type.as_str()).collect();
    let versions =
        version::outdated(root, version).map_err(|(path, source)| ReleaseError::Unreadable { path, source })?;
    for (path, text) in versions {
        fs::write(root.join(&path), text).map_err(|source| ReleaseError::Unwritable { path, source })?;
    }
    append(root, &tree, &changed, version, today)
}

/// Checks that the version is the one that the differences require.
fn check_version(version: Version, report: &Report) -> Result<(), ReleaseError> {
    let Some(last) = report.compared_with else {
        let first = Version { major: 1, minor: 0, patch: 0 };
        let why = "it is the first release";
        return if version == first { Ok(()) } else { Err(ReleaseError::Version { version, wanted: first, why }) };
    };
    let bump = report.differences.iter().map(|difference| difference.release).max();
    let (why, wanted) = match bump.ok_or(ReleaseError::NoDifference(last))? {
        Bump::Patch => (
            "only descriptions, samples or what an open enumeration lists changed",
            Version { patch: last.patch + 1, ..last },
        ),
        Bump::Minor => (
            "a type, field, value or deprecation was added, or golden events differ for a reason",
            Version { minor: last.minor + 1, patch: 0, ..last },
        ),
        Bump::Major => ("a type is retired", Version { major: last.major + 1, minor: 0, patch: 0 }),
    };
    if version == wanted { Ok(()) } else { Err(ReleaseError::Version { version, wanted, why }) }
}

/// Writes the manifest last: a release without its manifest does not exist.
fn append(
    root: &Path,
    tree: &Tree,
    changed: &BTreeSet<&str>,
    version: Version,
    today: Date,
) -> Result<Vec<PathBuf>, ReleaseError> {
    let mut types = BTreeMap::new();
    let mut written = Vec::new();
    for event_type in tree.schemas.keys() {
        let before = tree.released().and_then(|release| release.types.get(event_type));
        let released = match before {
            Some(before) if !changed.contains(event_type.as_str()) => before.clone(),
            // a retired name never returns, so the last release has the type's highest minor
            Some(before) => copy(root, tree, event_type, before.minor + 1, &mut written)?,
            None => copy(root, tree, event_type, 0, &mut written)?,
        };
        types.insert(event_type.clone(), released);
    }
    let release = Release { version, released: today.to_string(), types, accepted: tree.accepted.clone() };
    let path = PathBuf::from(format!("contracts/releases/{version}.json"));
    let text = serde_json::to_string_pretty(&release)
        .map_err(|source| ReleaseError::Unwritable { path: path.clone(), source: source.into() })?;
    create(root, &path, format!("{text}\n").as_bytes())?;
    written.push(path);
    if !tree.accepted.is_empty() {
        let emptied = fs::write(root.join(ACCEPTED), NOTHING_ACCEPTED);
        emptied.map_err(|source| ReleaseError::Unwritable { path: ACCEPTED.into(), source })?;
    }
    Ok(written)
}

fn copy(
    root: &Path,
    tree: &Tree,
    event_type: &str,
    minor: u32,
    written: &mut Vec<PathBuf>,
) -> Result<Released, ReleaseError> {
    let mut released = |content: &str, to: PathBuf| -> Result<String, ReleaseError> {
        create(root, &to, content.as_bytes())?;
        written.push(to);
        Ok(integrity::sha256(content.as_bytes()))
    };
    let schema = catalogue::pretty(tree.schemas.get(event_type).unwrap_or(&Value::Null));
    let schema = released(&schema, tree::released_schema(event_type, minor))?;
    let (mut samples, mut golden) = (Vec::new(), Vec::new());
    for (sample, number) in tree.samples.get(event_type).into_iter().flatten().zip(1..) {
        samples.push(released(&catalogue::pretty(&sample.event), tree::released_sample(event_type, minor, number))?);
    }
    for (event, number) in tree.golden.get(event_type).into_iter().flatten().zip(1..) {
        golden.push(released(&event.text, tree::released_golden(event_type, minor, number))?);
    }
    Ok(Released { minor, schema, samples, golden })
}

/// Writes a new file. Fails if the file exists, because a released file never changes.
fn create(root: &Path, path: &Path, content: &[u8]) -> Result<(), ReleaseError> {
    let write = || {
        let full = root.join(path);
        fs::create_dir_all(full.parent().unwrap_or(root))?;
        fs::File::create_new(full)?.write_all(content)
    };
    write().map_err(|source| ReleaseError::Unwritable { path: path.to_owned(), source })
}
