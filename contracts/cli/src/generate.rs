//! What is made from the Rust types and the declarations: schemas, samples, and what is drawn from them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use contracts::catalogue;

/// Every generated file, by its path below the repository's root.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, String> {
    catalogue::files().into_iter().map(|(path, content)| (Path::new("contracts").join(path), content)).collect()
}

/// Writes every generated file, and removes schemas and samples that belong to no type any more.
#[must_use]
pub fn run(root: &Path) -> ExitCode {
    match write(root, &files()) {
        Ok(count) => {
            println!("{count} files in contracts and docs");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("contracts: the generated files could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(root: &Path, files: &BTreeMap<PathBuf, String>) -> io::Result<usize> {
    for folder in ["contracts/schemas", "contracts/samples"] {
        let folder = root.join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
    }
    for (path, content) in files {
        fs::write(root.join(path), content)?;
    }
    Ok(files.len())
}
