//! The working tree: event types, samples, releases, declarations.
//!
//! - [`types`]: the event types, from the Rust crate or from a folder
//! - [`golden`]: the golden events
//! - [`release`]: the releases
//! - [`declared`]: the services' declarations; [`consumers`]: those of consumers outside this repository
//! - [`root`]: where the repository is
//! - [`error`]: why a tree cannot be read

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub mod consumers;
pub mod declared;
pub mod error;
pub mod golden;
pub mod release;
pub mod root;
pub mod types;

pub use declared::Declared;
pub use error::TreeError;
pub use golden::{Accepted, Golden};
pub use release::{Release, Released, Version, released_golden, released_sample, released_schema};
pub use types::{Origin, Sample, Types};

/// A repository, and where its event types come from.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its root.
    pub root: PathBuf,
    /// Where its event types come from.
    pub origin: Origin,
}

/// The working tree's part of the published language.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The schemas, by type.
    pub schemas: BTreeMap<String, Value>,
    /// The samples, by type, sorted by number.
    pub samples: BTreeMap<String, Vec<Sample>>,
    /// The golden events, by type, sorted by number.
    pub golden: BTreeMap<String, Vec<Golden>>,
    /// The differences between golden events that are meant.
    pub accepted: Vec<Accepted>,
    /// Every release, oldest first.
    pub releases: Vec<Release>,
    /// The declarations of services, and of consumers outside this repository, by service.
    pub declarations: BTreeMap<String, Declared>,
}

impl Tree {
    /// Reads the types from where they come from, and the rest below the repository's root.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn read(Repository { root, origin }: &Repository) -> Result<Self, TreeError> {
        Self::with(root, Types::read(root, origin)?)
    }

    /// These types, with the rest below a repository's root.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn with(root: &Path, Types { schemas, samples }: Types) -> Result<Self, TreeError> {
        let (golden, accepted) = (golden::read(root)?, golden::accepted(root)?);
        let (releases, declarations) = (release::read(root)?, declared::read(root)?);
        Ok(Self { schemas, samples, golden, accepted, releases, declarations })
    }

    /// Whom to talk to, for each consumer outside this repository.
    #[must_use]
    pub fn contacts(&self) -> BTreeMap<String, String> {
        let outside = |(name, it): (&String, &Declared)| Some((name.clone(), it.outside.as_ref()?.contact.clone()));
        self.declarations.iter().filter_map(outside).collect()
    }

    /// The latest release.
    #[must_use]
    pub fn released(&self) -> Option<&Release> {
        self.releases.last()
    }
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
