//! Generates the schemas and samples from the Rust types, and the documents from these and the declarations.
//!
//! - [`language`]: the event types, their declarations and their releases
//! - `dialect`: schemas in older dialects of JSON Schema
//! - `asyncapi`, `registry`, `page`: the documents

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use contracts::catalogue::{self, Entry, pretty};

use crate::check::comparable::{self, NotComparable};
use crate::tree::types::schema_path;
use crate::tree::{self, TreeError, Types};

mod asyncapi;
mod dialect;
pub mod language;
mod page;
mod registry;

pub use language::Language;

/// The command that regenerates all of it.
pub const COMMAND: &str = "just contracts";

/// The folders that contain generated files only.
const FOLDERS: [&str; 2] = ["contracts/schemas", "contracts/samples"];

/// The schemas and samples, by path below the repository's root.
fn of_types(entries: &[Entry]) -> BTreeMap<PathBuf, String> {
    let Types { schemas, samples } = Types::of(entries);
    let schemas = schemas.iter().map(|(event_type, schema)| (schema_path(event_type), pretty(schema)));
    let samples = samples.into_values().flatten().map(|sample| (sample.path, pretty(&sample.event)));
    schemas.chain(samples).collect()
}

/// The documents, generated from types, declarations and releases, by path below the repository's root.
#[must_use]
pub fn documents(language: &Language) -> BTreeMap<PathBuf, String> {
    BTreeMap::from([
        (PathBuf::from("contracts/asyncapi.json"), asyncapi::document(language)),
        (PathBuf::from("contracts/template.yaml"), registry::template(language)),
        (PathBuf::from("docs/message-schemas.md"), page::page(language)),
    ])
}

/// Each generated file that is stale, missing or left over.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn stale(root: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let mut wanted = of_types(&catalogue::all());
    wanted.extend(documents(&Language::of(root, catalogue::all())?));
    let differs =
        |(path, content): &(&PathBuf, &String)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(content);
    let mut stale: Vec<PathBuf> = wanted.iter().filter(differs).map(|(path, _)| path.clone()).collect();
    for path in present(root)? {
        if !wanted.contains_key(&path) {
            stale.push(path);
        }
    }
    Ok(stale)
}

/// Why the files were not generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A schema cannot be compared with later ones, so it may not be published.
    #[error("not generated: {0}")]
    NotComparable(NotComparable),
    /// The declarations or releases cannot be read.
    #[error("not generated: {0}")]
    Tree(#[from] TreeError),
    /// A file cannot be written.
    #[error("not generated: {}: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl GenerateError {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::NotComparable(error) => error.next(),
            Self::Tree(error) => error.next(),
            Self::Unwritable { .. } => format!("make the file writable, then run `{COMMAND}`"),
        }
    }
}

/// Writes every file that is generated from these types, and removes the schemas and samples of other types. Returns how
/// many files there are.
///
/// # Errors
/// [`GenerateError`], which names the file.
pub fn write(root: &Path, entries: Vec<Entry>) -> Result<usize, GenerateError> {
    let schemas = entries.iter().map(|entry| (entry.event_type, schema_path(entry.event_type), &entry.schema));
    comparable::all(schemas).map_err(GenerateError::NotComparable)?;
    let files = of_types(&entries);
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder)).map_err(unwritable(Path::new(folder)))?;
    }
    save(root, &files)?;
    for path in present(root)? {
        if !files.contains_key(&path) {
            fs::remove_file(root.join(&path)).map_err(unwritable(&path))?;
        }
    }
    let documents = documents(&Language::of(root, entries)?);
    save(root, &documents)?;
    Ok(files.len() + documents.len())
}

fn save(root: &Path, files: &BTreeMap<PathBuf, String>) -> Result<(), GenerateError> {
    files.iter().try_for_each(|(path, content)| fs::write(root.join(path), content).map_err(unwritable(path)))
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> GenerateError {
    |source| GenerateError::Unwritable { path: path.to_owned(), source }
}

/// The files in the generated folders.
fn present(root: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let mut paths = Vec::new();
    for folder in FOLDERS.map(Path::new).into_iter().filter(|folder| root.join(folder).exists()) {
        paths.extend(tree::entries(root, folder)?);
    }
    Ok(paths)
}
