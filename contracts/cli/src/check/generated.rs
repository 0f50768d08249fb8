//! Whether the generated files are those of the Rust types, the declarations and the releases.

use super::rule::{Problem, Rule};
use crate::generate;
use crate::tree::{Origin, Repository, TreeError};

/// A problem for each file that `just contracts` would write, or delete. Types from a folder generate nothing.
///
/// # Errors
/// [`TreeError`], which names the file.
pub fn problems(Repository { root, origin }: &Repository) -> Result<Vec<Problem>, TreeError> {
    match origin {
        Origin::Rust => {
            Ok(generate::stale(root)?.into_iter().map(|path| Problem::new(path, None, Rule::Stale)).collect())
        }
        Origin::Folder(_) => Ok(Vec::new()),
    }
}
