//! The files of the working tree: schemas, samples, releases, declarations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use contracts::declaration::{Declaration, DeclarationError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The working tree's part of the published language.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The schemas of the working tree, by type.
    pub schemas: BTreeMap<String, Value>,
    /// The samples of the working tree, by type, sorted by number.
    pub samples: BTreeMap<String, Vec<Sample>>,
    /// Every release, oldest first.
    pub releases: Vec<Release>,
    /// The services' declarations, by service.
    pub declarations: BTreeMap<String, Declared>,
}

/// A sample and its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its path below the repository's root.
    pub path: PathBuf,
    /// The event.
    pub event: Value,
}

/// A declaration and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its path below the repository's root.
    pub path: PathBuf,
    /// Its content.
    pub declaration: Declaration,
}

/// One release: `contracts/releases/VERSION.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Version of the whole language: major.minor.patch.
    pub version: Version,
    /// The date of the release, as `2026-11-23`.
    pub released: String,
    /// Every type of the language at that version.
    pub types: BTreeMap<String, Released>,
}

/// One type in a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// The minor version of the type's schema, from 0.
    pub minor: u32,
    /// SHA-256 of `releases/schemas/TYPE.MINOR.json`, in hexadecimal digits.
    pub schema: String,
    /// SHA-256 of each `releases/samples/TYPE.MINOR.NUMBER.json`, from number 1.
    pub samples: Vec<String>,
}

/// A version of the language, ordered as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Raised when a type is retired.
    pub major: u32,
    /// Raised by new types, new optional fields, and deprecations.
    pub minor: u32,
    /// Raised when only descriptions or samples change.
    pub patch: u32,
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        match parts.as_deref() {
            Ok(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(format!("`{text}` is not a version such as 1.2.0")),
        }
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Why the tree cannot be read; each names the file.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or folder is missing or cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not JSON, or not of the expected shape.
    #[error("{}: {source}", .path.display())]
    NotJson {
        /// Where.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A file whose name does not have the expected form.
    #[error("{}: the file name must be {wanted}", .path.display())]
    Misnamed {
        /// Where.
        path: PathBuf,
        /// The expected form.
        wanted: &'static str,
    },
    /// A declaration in the folder of another service.
    #[error("{}: `service` is {service}, but must be the name of the folder", .path.display())]
    WrongFolder {
        /// Where.
        path: PathBuf,
        /// The service that it declares.
        service: String,
    },
    /// A declaration that cannot be read.
    #[error("{}: {source}", .path.display())]
    Declaration {
        /// Where.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: DeclarationError,
    },
}

impl TreeError {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        let (Self::Unreadable { path, .. }
        | Self::NotJson { path, .. }
        | Self::Misnamed { path, .. }
        | Self::WrongFolder { path, .. }
        | Self::Declaration { path, .. }) = self;
        if path.starts_with("contracts/schemas") || path.starts_with("contracts/samples") {
            return "run `just contracts`, which generates these files".to_owned();
        }
        if path.starts_with("contracts/releases") {
            return format!("run `git checkout -- {}`: a released file never changes", path.display());
        }
        format!("correct {}, then run `just check-contracts`", path.display())
    }
}

impl Tree {
    /// Reads the tree below a repository's root.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn read(root: &Path) -> Result<Self, TreeError> {
        Ok(Self {
            schemas: schemas(root)?,
            samples: samples(root)?,
            releases: releases(root)?,
            declarations: declarations(root)?,
        })
    }

    /// The latest release.
    #[must_use]
    pub fn released(&self) -> Option<&Release> {
        self.releases.last()
    }
}

/// The path of a released schema, below the repository's root.
#[must_use]
pub fn released_schema(event_type: &str, minor: u32) -> PathBuf {
    PathBuf::from(format!("contracts/releases/schemas/{event_type}.{minor}.json"))
}

/// The path of a released sample, below the repository's root; `number` counts from 1.
#[must_use]
pub fn released_sample(event_type: &str, minor: u32, number: usize) -> PathBuf {
    PathBuf::from(format!("contracts/releases/samples/{event_type}.{minor}.{number}.json"))
}

/// The JSON of a file below the repository's root.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn json<T: serde::de::DeserializeOwned>(root: &Path, path: &Path) -> Result<T, TreeError> {
    serde_json::from_str(&text(root, path)?).map_err(|source| TreeError::NotJson { path: path.to_owned(), source })
}

/// The text of a file below the repository's root.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn text(root: &Path, path: &Path) -> Result<String, TreeError> {
    fs::read_to_string(root.join(path)).map_err(|source| TreeError::Unreadable { path: path.to_owned(), source })
}

fn schemas(root: &Path) -> Result<BTreeMap<String, Value>, TreeError> {
    let mut schemas = BTreeMap::new();
    for path in listed(root, Path::new("contracts/schemas"))? {
        schemas.insert(stem(&path)?.to_owned(), json(root, &path)?);
    }
    Ok(schemas)
}

fn samples(root: &Path) -> Result<BTreeMap<String, Vec<Sample>>, TreeError> {
    let mut numbered: BTreeMap<(String, u32), Sample> = BTreeMap::new();
    for path in listed(root, Path::new("contracts/samples"))? {
        let misnamed = || TreeError::Misnamed { path: path.clone(), wanted: "TYPE.NUMBER.json" };
        let (event_type, number) = stem(&path)?.rsplit_once('.').ok_or_else(misnamed)?;
        let number = number.parse().map_err(|_| misnamed())?;
        numbered.insert((event_type.to_owned(), number), Sample { event: json(root, &path)?, path });
    }
    let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for ((event_type, _), sample) in numbered {
        samples.entry(event_type).or_default().push(sample);
    }
    Ok(samples)
}

fn releases(root: &Path) -> Result<Vec<Release>, TreeError> {
    let folder = Path::new("contracts/releases");
    if !root.join(folder).exists() {
        return Ok(Vec::new());
    }
    let mut releases = Vec::new();
    for path in listed(root, folder)? {
        let release: Release = json(root, &path)?;
        if stem(&path)? != release.version.to_string() {
            return Err(TreeError::Misnamed { path, wanted: "its `version` and .json" });
        }
        releases.push(release);
    }
    releases.sort_by_key(|release| release.version);
    Ok(releases)
}

fn declarations(root: &Path) -> Result<BTreeMap<String, Declared>, TreeError> {
    let mut declarations = BTreeMap::new();
    for folder in entries(root, Path::new("services"))? {
        let path = folder.join("events.toml");
        if !root.join(&path).exists() {
            continue;
        }
        let declaration = Declaration::parse(&text(root, &path)?)
            .map_err(|source| TreeError::Declaration { path: path.clone(), source })?;
        if folder.file_name().and_then(|name| name.to_str()) != Some(&declaration.service) {
            return Err(TreeError::WrongFolder { path, service: declaration.service });
        }
        declarations.insert(declaration.service.clone(), Declared { path, declaration });
    }
    Ok(declarations)
}

/// The JSON files of a folder, in the order of their names.
fn listed(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let mut paths = entries(root, folder)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    Ok(paths)
}

/// Everything in a folder, in the order of the names.
///
/// # Errors
/// [`TreeError`], which names the folder.
pub fn entries(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let unreadable = |source| TreeError::Unreadable { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(unreadable)? {
        paths.push(folder.join(entry.map_err(unreadable)?.file_name()));
    }
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> Result<&str, TreeError> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.ok_or_else(|| TreeError::Misnamed { path: path.to_owned(), wanted: "valid UTF-8" })
}
