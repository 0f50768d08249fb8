//! The event types: those of the Rust crate, or of a folder with their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::catalogue::{self, Entry};
use serde_json::Value;

use super::{TreeError, json, listed, stem};

/// Where the event types come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The Rust types that this program was built with.
    Rust,
    /// A folder below the repository's root, with the folders `schemas` and `samples`.
    Folder(PathBuf),
}

/// The event types of the working tree.
#[derive(Debug, Clone, Default)]
pub struct Types {
    /// Their schemas, by type.
    pub schemas: BTreeMap<String, Value>,
    /// Their samples, by type, sorted by number.
    pub samples: BTreeMap<String, Vec<Sample>>,
}

/// A sample and its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its path below the repository's root.
    pub path: PathBuf,
    /// The event.
    pub event: Value,
}

impl Types {
    /// Reads the types from where they come from.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn read(root: &Path, origin: &Origin) -> Result<Self, TreeError> {
        match origin {
            Origin::Rust => Ok(Self::of(&catalogue::all())),
            Origin::Folder(folder) => Ok(Self {
                schemas: schemas(root, &folder.join("schemas"))?,
                samples: samples(root, &folder.join("samples"))?,
            }),
        }
    }

    /// The types of a catalogue.
    #[must_use]
    pub fn of(entries: &[Entry]) -> Self {
        let mut types = Self::default();
        for entry in entries {
            let sample = |(index, event): (usize, &Value)| Sample {
                path: sample_path(entry.event_type, index + 1),
                event: event.clone(),
            };
            types.schemas.insert(entry.event_type.to_owned(), entry.schema.clone());
            types.samples.insert(entry.event_type.to_owned(), entry.samples.iter().enumerate().map(sample).collect());
        }
        types
    }
}

/// The path of a generated schema, below the repository's root.
#[must_use]
pub fn schema_path(event_type: &str) -> PathBuf {
    PathBuf::from(format!("contracts/schemas/{event_type}.json"))
}

fn sample_path(event_type: &str, number: usize) -> PathBuf {
    PathBuf::from(format!("contracts/samples/{event_type}.{number}.json"))
}

fn schemas(root: &Path, folder: &Path) -> Result<BTreeMap<String, Value>, TreeError> {
    let mut schemas = BTreeMap::new();
    for path in listed(root, folder)? {
        schemas.insert(stem(&path)?.to_owned(), json(root, &path)?);
    }
    Ok(schemas)
}

fn samples(root: &Path, folder: &Path) -> Result<BTreeMap<String, Vec<Sample>>, TreeError> {
    let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for (event_type, path) in numbered(root, folder)? {
        samples.entry(event_type).or_default().push(Sample { event: json(root, &path)?, path });
    }
    Ok(samples)
}

/// The files `TYPE.NUMBER.json` of a folder, each with its type, sorted by number.
pub(super) fn numbered(root: &Path, folder: &Path) -> Result<Vec<(String, PathBuf)>, TreeError> {
    let mut numbered: BTreeMap<(String, u32), PathBuf> = BTreeMap::new();
    for path in listed(root, folder)? {
        let misnamed = || TreeError::Misnamed { path: path.clone(), wanted: "TYPE.NUMBER.json" };
        let (event_type, number) = stem(&path)?.rsplit_once('.').ok_or_else(misnamed)?;
        let number = number.parse().map_err(|_| misnamed())?;
        numbered.insert((event_type.to_owned(), number), path);
    }
    Ok(numbered.into_iter().map(|((event_type, _), path)| (event_type, path)).collect())
}
