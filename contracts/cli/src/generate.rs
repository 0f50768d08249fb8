//! What is made from the Rust types and the declarations: schemas, samples, and what is drawn from them.
//!
//! - [`language`]: everything that is known of the event types
//! - `dialect`: schemas in the words of older dialects of JSON Schema
//! - `asyncapi`, `registry`, `page`: the documents

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use contracts::catalogue;

use crate::tree::TreeError;

mod asyncapi;
mod dialect;
pub mod language;
mod page;
mod registry;

pub use language::Language;

/// Makes all of it anew.
pub const COMMAND: &str = "just contracts";

/// Where nothing may lie but what is generated.
const FOLDERS: [&str; 2] = ["contracts/schemas", "contracts/samples"];

/// The schemas and samples, which follow from the Rust types alone, by path below the repository's root.
#[must_use]
pub fn of_types() -> BTreeMap<PathBuf, String> {
    catalogue::files().into_iter().map(|(path, content)| (Path::new("contracts").join(path), content)).collect()
}

/// The documents, which also follow from declarations and releases, by path below the repository's root.
#[must_use]
pub fn documents(language: &Language) -> BTreeMap<PathBuf, String> {
    BTreeMap::from([
        (PathBuf::from("contracts/asyncapi.json"), asyncapi::document(language)),
        (PathBuf::from("contracts/template.yaml"), registry::template(language)),
        (PathBuf::from("docs/message-schemas.md"), page::page(language)),
    ])
}

/// Each file that is not what it would be if it were generated now, or that should not be there.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn stale(root: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let mut wanted = of_types();
    wanted.extend(documents(&Language::read(root)?));
    let differs =
        |(path, content): &(&PathBuf, &String)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(content);
    let mut stale: Vec<PathBuf> = wanted.iter().filter(differs).map(|(path, _)| path.clone()).collect();
    for path in lying(root).map_err(|source| TreeError::Unreadable { path: "contracts".into(), source })? {
        if !wanted.contains_key(&path) {
            stale.push(path);
        }
    }
    Ok(stale)
}

/// Writes every generated file, and removes schemas and samples that belong to no type any more.
#[must_use]
pub fn run(root: &Path) -> ExitCode {
    match write(root) {
        Ok(count) => {
            println!("{count} files in contracts and docs");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("contracts: the files could not be generated: {error}");
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

/// The schemas come first: what lies in the tree may be too broken to be read.
fn write(root: &Path) -> Result<usize, GenerateError> {
    let schemas = of_types();
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder)).map_err(unwritable(Path::new(folder)))?;
    }
    save(root, &schemas)?;
    for path in lying(root).map_err(unwritable(Path::new("contracts")))? {
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

/// The files in the folders that are generated as a whole.
fn lying(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder))? {
            paths.push(Path::new(folder).join(entry?.file_name()));
        }
    }
    paths.sort();
    Ok(paths)
}
