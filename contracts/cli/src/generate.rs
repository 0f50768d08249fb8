//! Generates the schemas and samples from the Rust types, and the documents from these and the declarations.
//!
//! - [`language`]: the event types, their declarations and their releases
//! - `dialect`: schemas in older dialects of JSON Schema
//! - `asyncapi`, `registry`, `page`: the documents

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use contracts::catalogue;

use crate::tree::{self, TreeError};

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

/// The schemas and samples, generated from the Rust types alone, by path below the repository's root.
#[must_use]
pub fn of_types() -> BTreeMap<PathBuf, String> {
    catalogue::files().into_iter().map(|(path, content)| (Path::new("contracts").join(path), content)).collect()
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
    let mut wanted = of_types();
    wanted.extend(documents(&Language::read(root)?));
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

/// Writes every generated file, and removes the schemas and samples of removed types.
#[must_use]
pub fn run(root: &Path) -> ExitCode {
    match write(root) {
        Ok(count) => {
            println!("generated {count} files in contracts and docs");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("contracts: not generated: {error}\nnext: correct the file, then run `{COMMAND}`");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum GenerateError {
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error("{}: {source}", .path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// Writes the schemas first: broken ones in the tree would keep it from being read.
fn write(root: &Path) -> Result<usize, GenerateError> {
    let schemas = of_types();
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder)).map_err(unwritable(Path::new(folder)))?;
    }
    save(root, &schemas)?;
    for path in present(root)? {
        if !schemas.contains_key(&path) {
            fs::remove_file(root.join(&path)).map_err(unwritable(&path))?;
        }
    }
    let documents = documents(&Language::read(root)?);
    save(root, &documents)?;
    Ok(schemas.len() + documents.len())
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
