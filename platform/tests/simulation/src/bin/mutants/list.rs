//! The mutants, as `mutants.toml` lists them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// One way to break a rule, as `mutants.toml` lists it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Its name.
    pub name: String,
    /// The broken rule, in words.
    pub breaks: String,
    /// The source file, relative to the repository's root.
    pub file: PathBuf,
    /// A text that is in the file exactly once.
    pub find: String,
    /// The text that replaces it.
    pub replace: String,
    /// Whether both are expressions, so that the switch can be put around them.
    #[serde(default = "yes")]
    pub expression: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    mutant: Vec<Mutant>,
}

/// The mutants that the file lists.
///
/// # Errors
/// When the file cannot be read, or two mutants have the same name.
pub fn mutants(repository: &Path) -> Result<Vec<Mutant>> {
    let path = repository.join("platform/tests/simulation/mutants.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let Listed { mutant } =
        toml::from_str(&text).with_context(|| format!("{} is not a list of mutants", path.display()))?;
    let mut names = BTreeSet::new();
    for it in &mutant {
        ensure!(names.insert(&it.name), "{}: two mutants have the name {}", path.display(), it.name);
    }
    Ok(mutant)
}
