//! The releases of the language, and where their files are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Accepted, TreeError, json, listed, stem};

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
    /// The differences from the golden events of the release before, and why each was meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
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
    /// SHA-256 of each `releases/golden/TYPE.MINOR.NUMBER.json`, from number 1.
    pub golden: Vec<String>,
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

/// The path of a released schema, below the repository's root.
#[must_use]
pub fn released_schema(event_type: &str, minor: u32) -> PathBuf {
    PathBuf::from(format!("contracts/releases/schemas/{event_type}.{minor}.json"))
}

/// The path of a released golden event, below the repository's root; `number` counts from 1.
#[must_use]
pub fn released_golden(event_type: &str, minor: u32, number: usize) -> PathBuf {
    PathBuf::from(format!("contracts/releases/golden/{event_type}.{minor}.{number}.json"))
}

/// The path of a released sample, below the repository's root; `number` counts from 1.
#[must_use]
pub fn released_sample(event_type: &str, minor: u32, number: usize) -> PathBuf {
    PathBuf::from(format!("contracts/releases/samples/{event_type}.{minor}.{number}.json"))
}

/// Every release, oldest first.
pub(super) fn read(root: &Path) -> Result<Vec<Release>, TreeError> {
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
