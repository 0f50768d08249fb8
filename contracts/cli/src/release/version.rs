//! The version of the package `contracts`, wherever the working tree names it: in the package itself, in the manifests that
//! require it, in every lock file. Committed or not, each is brought up to date as Cargo would do it, without Cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::tree::Version;

/// Folders that hold what was built or installed, and no project of ours.
const SKIPPED: [&str; 5] = ["target", ".oms", ".git", "node_modules", "build"];

/// Each file whose version differs, with its new text, by path below the repository's root.
///
/// # Errors
/// The file or folder that cannot be read, and why.
pub(super) fn outdated(root: &Path, version: Version) -> Result<BTreeMap<PathBuf, String>, (PathBuf, io::Error)> {
    let mut outdated = BTreeMap::new();
    for path in manifests_and_locks(root, Path::new(""))? {
        let before = fs::read_to_string(root.join(&path)).map_err(|source| (path.clone(), source))?;
        let after = at(&before, version);
        if after != before {
            outdated.insert(path, after);
        }
    }
    Ok(outdated)
}

fn manifests_and_locks(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let unreadable = |source| (folder.to_owned(), source);
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                found.extend(manifests_and_locks(root, &path)?);
            }
        } else if name == "Cargo.toml" || name == "Cargo.lock" {
            found.push(path);
        }
    }
    Ok(found)
}

/// A manifest or a lock file at this version. In a lock file, a package of this repository is its name and version, without
/// source or checksum; a manifest requires the major.
fn at(text: &str, version: Version) -> String {
    let mut named = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let its = named && line.starts_with("version = ");
        named = line.trim_end() == "name = \"contracts\"";
        if its { format!("version = \"{version}\"\n") } else { required(line, version) }
    });
    lines.collect()
}

fn required(line: &str, version: Version) -> String {
    const REQUIRES: &str = "contracts = { version = \"";
    match line.strip_prefix(REQUIRES).and_then(|rest| rest.split_once('"')) {
        Some((_, rest)) => format!("{REQUIRES}{}\"{rest}", version.major),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_major_is_required_by_every_project_that_requires_one() {
        let manifest = |major| {
            let of_cargo = "[dependencies]\nserde = { version = \"1\" }\n";
            format!(
                "{of_cargo}contracts = {{ version = \"{major}\", path = \"..\" }}\n[profile]\ncontracts = {{ opt-level = 3 }}\n"
            )
        };
        assert_eq!(at(&manifest(1), Version { major: 2, minor: 0, patch: 0 }), manifest(2));
    }
}
