//! Compares the released files with the hashes of their releases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::rule::{Problem, Rule};
use crate::tree::{self, Golden, Released, Tree, TreeError};

pub(super) const RELEASES: &str = "contracts/releases";
/// Explains the folder.
pub(super) const README: &str = "contracts/releases/README.md";
/// The first commit that added to it is the first whose releases stay as they are.
pub(super) const PUBLISHED: &str = "contracts/releases/golden";

/// One type of the last release.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The file of its schema.
    pub file: PathBuf,
    /// Its schema.
    pub schema: Value,
    /// Its samples, by number.
    pub samples: Vec<Value>,
    /// Its golden events, by number.
    pub golden: Vec<Golden>,
}

/// The types of the last release whose files are present and unchanged.
///
/// # Errors
/// [`TreeError`] when such a file is not JSON.
pub fn published(root: &Path, tree: &Tree, problems: &[Problem]) -> Result<BTreeMap<String, Published>, TreeError> {
    let broken: BTreeSet<&Path> = problems.iter().map(|problem| problem.file.as_path()).collect();
    let mut published = BTreeMap::new();
    for (event_type, released) in tree.released().into_iter().flat_map(|release| &release.types) {
        let files = files(event_type, released);
        if files.iter().any(|(path, _)| broken.contains(path.as_path())) {
            continue;
        }
        let file = tree::released_schema(event_type, released.minor);
        let sample = |(path, _): &(PathBuf, String)| tree::json::<Value>(root, path);
        let samples = samples(event_type, released).iter().map(sample).collect::<Result<_, _>>()?;
        let golden = golden(event_type, released).into_iter().map(|(path, _)| tree::golden::parsed(root, path));
        let (schema, golden) = (tree::json(root, &file)?, golden.collect::<Result<_, _>>()?);
        published.insert(event_type.clone(), Published { file, schema, samples, golden });
    }
    Ok(published)
}

/// Every released file that is missing or changed, and every file that no release lists.
///
/// # Errors
/// [`TreeError`] when a folder or file cannot be read.
pub fn problems(root: &Path, tree: &Tree) -> Result<Vec<Problem>, TreeError> {
    let mut problems = BTreeMap::new();
    let mut listed = BTreeSet::new();
    for release in &tree.releases {
        listed.insert(Path::new(RELEASES).join(format!("{}.json", release.version)));
        for (event_type, released) in &release.types {
            for (path, hash) in files(event_type, released) {
                let version = release.version.to_string();
                let rule = match fs::read(root.join(&path)) {
                    Ok(content) if sha256(&content) == hash => None,
                    Ok(_) => Some(Rule::ReleasedChanged(version)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Rule::ReleasedMissing(version)),
                    Err(source) => return Err(TreeError::Unreadable { path, source }),
                };
                if let Some(rule) = rule {
                    problems.entry(path.clone()).or_insert(Problem::new(&path, event_type.clone(), rule));
                }
                listed.insert(path);
            }
        }
    }
    listed.insert(PathBuf::from(README));
    for path in files_below(root, Path::new(RELEASES))?.into_iter().filter(|path| !listed.contains(path)) {
        problems.insert(path.clone(), Problem::new(path, None, Rule::NotReleased));
    }
    Ok(problems.into_values().collect())
}

/// The hexadecimal digits of a content's SHA-256.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

/// The files of a released type with their hashes.
fn files(event_type: &str, released: &Released) -> Vec<(PathBuf, String)> {
    let schema = (tree::released_schema(event_type, released.minor), released.schema.clone());
    std::iter::once(schema).chain(samples(event_type, released)).chain(golden(event_type, released)).collect()
}

fn samples(event_type: &str, released: &Released) -> Vec<(PathBuf, String)> {
    let path = |number| tree::released_sample(event_type, released.minor, number);
    (1..).map(path).zip(released.samples.iter().cloned()).collect()
}

fn golden(event_type: &str, released: &Released) -> Vec<(PathBuf, String)> {
    let path = |number| tree::released_golden(event_type, released.minor, number);
    (1..).map(path).zip(released.golden.iter().cloned()).collect()
}

/// Every file below a folder.
fn files_below(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, TreeError> {
    if !root.join(folder).exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for path in tree::entries(root, folder)? {
        if root.join(&path).is_dir() { files.extend(files_below(root, &path)?) } else { files.push(path) }
    }
    Ok(files)
}
