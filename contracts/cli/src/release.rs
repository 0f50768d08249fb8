//! Appends a release: what is new or changed, and a manifest of all types.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::civil::Date;
use serde::Deserialize;

use crate::check::{self, Report, integrity};
use crate::judge::Size;
use crate::tree::{self, Release, Released, Tree, TreeError, Version};

const MANIFEST: &str = "contracts/Cargo.toml";
const CHANGELOG: &str = "contracts/CHANGELOG.md";

/// Why nothing was released.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The check fails; its report says why.
    #[error("`contracts check` fails: {} breaking, {} wrong", .0.breaking().count(), .0.problems.len())]
    CheckFails(Box<Report>),
    /// Nothing differs.
    #[error("nothing differs from release {0}")]
    NothingNew(Version),
    /// The version does not follow from what changed.
    #[error("{version} is not the next release: {why}, so it is {wanted}")]
    Version {
        /// The version that was asked for.
        version: Version,
        /// The version that follows.
        wanted: Version,
        /// Why it follows.
        why: &'static str,
    },
    /// The package says another version.
    #[error("{MANIFEST}: its version is {found}, not {wanted}")]
    PackageVersion {
        /// The version that was asked for.
        wanted: Version,
        /// What the file says.
        found: String,
    },
    /// The package's file has no version.
    #[error("{MANIFEST}: {0}")]
    Package(String),
    /// Nobody has written down what changed.
    #[error("{CHANGELOG}: there is no section `## [{0}] - DATE`")]
    Unwritten(Version),
    /// A file cannot be written.
    #[error("{}: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Releases the working tree of a repository under a version; gives the new files.
///
/// # Errors
/// [`Refused`]; then nothing was written, save for [`Refused::Unwritable`].
pub fn release(root: &Path, version: Version, today: Date) -> Result<Vec<PathBuf>, Refused> {
    let report = check::check(root, today)?;
    if !report.passes() {
        return Err(Refused::CheckFails(Box::new(report)));
    }
    follows(version, &report)?;
    packaged(root, version)?;
    let changelog = tree::text(root, Path::new(CHANGELOG))?;
    if !changelog.lines().any(|line| line.starts_with(&format!("## [{version}] - "))) {
        return Err(Refused::Unwritten(version));
    }
    let tree = Tree::read(root)?;
    let changed: BTreeSet<&str> = report.differences.iter().map(|it| it.event_type.as_str()).collect();
    append(root, &tree, &changed, version, today)
}

/// Whether the version is the one that the differences ask for.
fn follows(version: Version, report: &Report) -> Result<(), Refused> {
    let Some(last) = report.compared_with else {
        let first = Version { major: 1, minor: 0, patch: 0 };
        let why = "nothing was released yet";
        return if version == first { Ok(()) } else { Err(Refused::Version { version, wanted: first, why }) };
    };
    let size = report.differences.iter().map(|difference| difference.release).max();
    let (why, wanted) = match size.ok_or(Refused::NothingNew(last))? {
        Size::Patch => ("only words and samples changed", Version { patch: last.patch + 1, ..last }),
        Size::Minor => ("something was added or announced", Version { minor: last.minor + 1, patch: 0, ..last }),
        Size::Major => ("a type is retired", Version { major: last.major + 1, minor: 0, patch: 0 }),
    };
    if version == wanted { Ok(()) } else { Err(Refused::Version { version, wanted, why }) }
}

fn packaged(root: &Path, wanted: Version) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    let text = tree::text(root, Path::new(MANIFEST))?;
    let manifest: Manifest =
        toml::from_str(&text).map_err(|error| Refused::Package(error.to_string().trim_end().to_owned()))?;
    let found = manifest.package.version;
    if found == wanted.to_string() { Ok(()) } else { Err(Refused::PackageVersion { wanted, found }) }
}

/// The manifest is written last: before it is there, nothing is released.
fn append(
    root: &Path,
    tree: &Tree,
    changed: &BTreeSet<&str>,
    version: Version,
    today: Date,
) -> Result<Vec<PathBuf>, Refused> {
    let mut types = BTreeMap::new();
    let mut written = Vec::new();
    for event_type in tree.schemas.keys() {
        let before = tree.released().and_then(|release| release.types.get(event_type));
        let released = match before {
            Some(before) if !changed.contains(event_type.as_str()) => before.clone(),
            Some(_) | None => copy(root, tree, event_type, next_minor(tree, event_type), &mut written)?,
        };
        types.insert(event_type.clone(), released);
    }
    let release = Release { version, released: today.to_string(), types };
    let path = PathBuf::from(format!("contracts/releases/{version}.json"));
    let text = serde_json::to_string_pretty(&release)
        .map_err(|source| Refused::Unwritable { path: path.clone(), source: source.into() })?;
    create(root, &path, format!("{text}\n").as_bytes())?;
    written.push(path);
    Ok(written)
}

/// A type that once was retired and is back does not reuse a minor.
fn next_minor(tree: &Tree, event_type: &str) -> u32 {
    let minors = tree.releases.iter().filter_map(|release| Some(release.types.get(event_type)?.minor));
    minors.max().map_or(0, |minor| minor + 1)
}

fn copy(
    root: &Path,
    tree: &Tree,
    event_type: &str,
    minor: u32,
    written: &mut Vec<PathBuf>,
) -> Result<Released, Refused> {
    let mut released = |from: &Path, to: PathBuf| -> Result<String, Refused> {
        let content = tree::text(root, from)?;
        create(root, &to, content.as_bytes())?;
        written.push(to);
        Ok(integrity::sha256(content.as_bytes()))
    };
    let schema = released(&check::schemas::path(event_type), tree::released_schema(event_type, minor))?;
    let samples = tree.samples.get(event_type).into_iter().flatten().enumerate();
    let samples = samples
        .map(|(index, sample)| released(&sample.path, tree::released_sample(event_type, minor, index + 1)))
        .collect::<Result<_, _>>()?;
    Ok(Released { minor, schema, samples })
}

/// Writes a file that is not there yet: what was released is never written again.
fn create(root: &Path, path: &Path, content: &[u8]) -> Result<(), Refused> {
    let write = || {
        let full = root.join(path);
        fs::create_dir_all(full.parent().unwrap_or(root))?;
        fs::File::create_new(full)?.write_all(content)
    };
    write().map_err(|source| Refused::Unwritable { path: path.to_owned(), source })
}
