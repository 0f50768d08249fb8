//! Finds the repository from where the command line runs.

use std::path::{Path, PathBuf};

/// What the repository's root contains.
const CONTENT: [&str; 2] = ["contracts/Cargo.toml", "services"];

/// No folder on the way up is the repository.
#[derive(Debug, thiserror::Error)]
#[error("neither {} nor a folder above it is the repository's root, which contains {}", .0.display(), CONTENT.join(" and "))]
pub struct NoRepository(PathBuf);

/// The repository's root: a folder, or the nearest one above it, with the contracts and the services.
///
/// # Errors
/// [`NoRepository`], which names the folder.
pub fn above(folder: &Path) -> Result<PathBuf, NoRepository> {
    let is_root = |folder: &&Path| CONTENT.iter().all(|it| folder.join(it).exists());
    folder.ancestors().find(is_root).map(Path::to_owned).ok_or_else(|| NoRepository(folder.to_owned()))
}

impl NoRepository {
    /// What the operator does next.
    pub const NEXT: &str = "go to the repository, or name it with --root";
}
