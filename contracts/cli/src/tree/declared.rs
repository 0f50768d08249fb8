//! The declarations of the services, and of consumers outside this repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::declaration::Declaration;

use super::consumers::{self, Outside};
use super::{TreeError, entries, text};

/// A declaration and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its path below the repository's root.
    pub path: PathBuf,
    /// Its content.
    pub declaration: Declaration,
    /// Set for a consumer outside this repository.
    pub outside: Option<Outside>,
}

/// The declarations, by service.
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, Declared>, TreeError> {
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
        declarations.insert(declaration.service.clone(), Declared { path, declaration, outside: None });
    }
    consumers::read(root, &mut declarations)?;
    Ok(declarations)
}
