//! The golden events: what producers publish, byte for byte, and the reasons for those that differ from the last release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::declaration::{DeclarationError, Field};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TreeError, text, types};

const FOLDER: &str = "contracts/golden";
/// Why golden events may differ from the last release. A release empties it.
pub const ACCEPTED: &str = "contracts/accepted.toml";

/// Its content without a reason.
pub const NOTHING_ACCEPTED: &str = "\
# Golden events that differ from those of the last release on purpose, and why consumers can live with it.
# docs/events.md#what-no-schema-shows has the format; a release empties this file.
";

/// A golden event and its file. A test of its producer writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Golden {
    /// Its path below the repository's root.
    pub path: PathBuf,
    /// The bytes.
    pub text: String,
    /// The event.
    pub event: Value,
}

/// A difference between golden events that is meant, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The field; absent for a golden event that is no longer pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// Why consumers can live with it.
    pub reason: String,
}

impl Accepted {
    /// Whether it is about this field; an empty one is the whole type.
    #[must_use]
    pub fn is_of(&self, field: &str) -> bool {
        self.field.as_ref().map_or("", Field::as_str) == field
    }
}

/// `contracts/accepted.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Accepted>,
}

/// The golden events by type, sorted by number.
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, Vec<Golden>>, TreeError> {
    let mut golden: BTreeMap<String, Vec<Golden>> = BTreeMap::new();
    if !root.join(FOLDER).exists() {
        return Ok(golden);
    }
    for (event_type, path) in types::numbered(root, Path::new(FOLDER))? {
        golden.entry(event_type).or_default().push(parsed(root, path)?);
    }
    Ok(golden)
}

/// The golden event in a file.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn parsed(root: &Path, path: PathBuf) -> Result<Golden, TreeError> {
    let text = text(root, &path)?;
    let event = serde_json::from_str(&text).map_err(|source| TreeError::NotJson { path: path.clone(), source })?;
    Ok(Golden { path, text, event })
}

/// The differences that are meant; none without the file.
pub(super) fn accepted(root: &Path) -> Result<Vec<Accepted>, TreeError> {
    if !root.join(ACCEPTED).exists() {
        return Ok(Vec::new());
    }
    let File { accepted } = toml::from_str(&text(root, Path::new(ACCEPTED))?).map_err(|error| {
        let source = DeclarationError::Shape(error.to_string().trim_end().to_owned());
        TreeError::Declaration { path: ACCEPTED.into(), source }
    })?;
    Ok(accepted)
}
