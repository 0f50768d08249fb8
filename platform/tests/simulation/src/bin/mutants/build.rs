//! The copy of the sources with every mutant in it, compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::list::Mutant;

/// The projects that the simulation is built from.
const PROJECTS: [&str; 7] = [
    "contracts",
    "platform/crates/chassis",
    "platform/tests/simulation",
    "services/orders",
    "services/inventory",
    "services/payments",
    "services/notifications",
];

/// Folders of a project that it does not need to build.
const LEFT_OUT: [&str; 3] = ["tests", "build", "target"];

/// The switch, added to each crate that has a mutant. It reads the environment once.
const SWITCH: &str = r#"
/// Whether this mutant is switched on.
#[doc(hidden)]
#[allow(clippy::all, clippy::disallowed_methods)]
pub fn mutated(name: &str) -> bool {
    static ON: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    ON.get_or_init(|| std::env::var("OMS_MUTANT").ok()).as_deref() == Some(name)
}
"#;

/// The copy's binary has another name, so that it does not overwrite the simulation's.
const BINARY: &str = "
[[bin]]
name = \"simulation-of-mutants\"
path = \"src/main.rs\"
";

/// Copies the sources, puts all mutants into the copy and compiles it; returns the simulation's binary.
///
/// # Errors
/// When a mutant's text is not in its file exactly once (the message names the mutant), or the copy does not compile (it
/// shows the compiler's output).
pub fn build(repository: &Path, target: &Path, mutants: &[Mutant]) -> Result<PathBuf> {
    let copy = target.join("mutants");
    let mut changed = patched(repository, mutants)?;
    let manifest = PathBuf::from("platform/tests/simulation/Cargo.toml");
    let text = fs::read_to_string(repository.join(&manifest))?;
    let text = text.replacen("[package]\n", "[package]\nautobins = false\n", 1) + BINARY;
    changed.insert(manifest, text);
    for project in PROJECTS {
        refresh(repository, &copy, Path::new(project), &changed)?;
    }
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--locked", "--features", "flaws"])
        .current_dir(copy.join("platform/tests/simulation"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .context("cannot run cargo")?;
    ensure!(
        built.status.success(),
        "the mutants do not compile; fix mutants.toml and run `just mutants` again:\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
    Ok(target.join("debug/simulation-of-mutants"))
}

/// The changed files, with all of their mutants and the switch, by path relative to the root.
fn patched(repository: &Path, mutants: &[Mutant]) -> Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    let read = |file: &Path| fs::read_to_string(repository.join(file)).with_context(|| format!("{}", file.display()));
    for mutant in mutants {
        if !files.contains_key(&mutant.file) {
            files.insert(mutant.file.clone(), read(&mutant.file)?);
        }
        if let Some(text) = files.get_mut(&mutant.file) {
            *text = with(text, mutant)?;
        }
    }
    let before_src = |file: &Path| file.iter().take_while(|part| *part != "src").collect();
    let crates: BTreeSet<PathBuf> = mutants.iter().map(|it| before_src(&it.file)).collect();
    for root in crates.iter().map(|folder| folder.join("src/lib.rs")) {
        let text = read(&root)? + SWITCH;
        files.insert(root, text);
    }
    Ok(files)
}

fn with(text: &str, mutant: &Mutant) -> Result<String> {
    let Mutant { name, file, find, replace, expression, .. } = mutant;
    let times = text.matches(find.as_str()).count();
    if times != 1 {
        bail!("mutants.toml, {name}: `find` must be in {} exactly once (was {times} times)", file.display());
    }
    ensure!(
        *expression || replace.contains(name.as_str()),
        "mutants.toml, {name}: `replace` must ask crate::mutated({name:?})"
    );
    let switched = if *expression {
        format!("(if crate::mutated({name:?}) {{ {replace} }} else {{ {find} }})")
    } else {
        replace.clone()
    };
    Ok(text.replacen(find.as_str(), &switched, 1))
}

/// Updates the copy of a folder. It does not touch unchanged files, so that cargo does not compile them again.
fn refresh(from: &Path, to: &Path, folder: &Path, changed: &BTreeMap<PathBuf, String>) -> Result<()> {
    fs::create_dir_all(to.join(folder))?;
    let mut copied = BTreeSet::new();
    for entry in fs::read_dir(from.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                refresh(from, to, &path, changed)?;
                copied.insert(entry.file_name());
            }
            continue;
        }
        copied.insert(entry.file_name());
        let wanted =
            changed.get(&path).map_or_else(|| fs::read(from.join(&path)), |text| Ok(text.clone().into_bytes()))?;
        if fs::read(to.join(&path)).ok().as_ref() != Some(&wanted) {
            fs::write(to.join(&path), wanted)?;
        }
    }
    for entry in fs::read_dir(to.join(folder))? {
        let entry = entry?;
        if !copied.contains(&entry.file_name()) {
            let gone = entry.path();
            if entry.file_type()?.is_dir() { fs::remove_dir_all(gone)? } else { fs::remove_file(gone)? }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(find: &str, replace: &str, expression: bool) -> Mutant {
        let (name, breaks, file) = ("m".to_owned(), String::new(), PathBuf::from("f.rs"));
        Mutant { name, breaks, file, find: find.to_owned(), replace: replace.to_owned(), expression }
    }

    #[test]
    fn an_expression_is_replaced_behind_its_switch() {
        let text = with("a && b", &mutant("b", "true", true)).unwrap();
        assert_eq!(text, r#"a && (if crate::mutated("m") { true } else { b })"#);
    }

    #[test]
    fn a_text_that_is_not_in_the_file_once_is_an_error_that_names_the_mutant() {
        for text in ["a", "b b"] {
            let error = with(text, &mutant("b", "true", true)).unwrap_err().to_string();
            assert!(error.contains("m: `find` must be in") && error.contains("f.rs"), "{error}");
        }
    }

    #[test]
    fn a_mutant_without_its_switch_is_an_error() {
        assert!(with("b", &mutant("b", "c", false)).is_err());
        assert!(with("b", &mutant("b", r#"if crate::mutated("m") {}"#, false)).is_ok());
    }
}
