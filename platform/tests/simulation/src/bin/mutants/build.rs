//! The copy of the sources with every mutant in it, compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::list::Mutant;

/// What the simulation is made of.
const PROJECTS: [&str; 7] = [
    "contracts",
    "platform/crates/chassis",
    "platform/tests/simulation",
    "services/orders",
    "services/inventory",
    "services/payments",
    "services/notifications",
];

/// What of a project is not needed to build it.
const LEFT_OUT: [&str; 3] = ["tests", "build", "target"];

/// The switch, as it is put into each crate that has a mutant. It reads the environment once.
const SWITCH: &str = r#"
/// Whether this mutant is switched on.
#[doc(hidden)]
#[allow(clippy::all, clippy::disallowed_methods)]
pub fn mutated(name: &str) -> bool {
    static ON: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    ON.get_or_init(|| std::env::var("OMS_MUTANT").ok()).as_deref() == Some(name)
}
"#;

/// The copy's binary has a name of its own, so that it does not overwrite the simulation's.
const BINARY: &str = "
[[bin]]
name = \"simulation-of-mutants\"
path = \"src/main.rs\"
";

/// Copies the sources, puts all mutants into the copy and compiles it; returns the simulation's binary.
///
/// # Errors
/// A text that does not stand in its file exactly once, or a copy that does not compile: each names the mutant or shows
/// what the compiler says.
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
        .context("cargo cannot be run")?;
    ensure!(built.status.success(), "the mutants do not compile:\n{}", String::from_utf8_lossy(&built.stderr));
    Ok(target.join("debug/simulation-of-mutants"))
}

/// The files that a mutant changes, with all of their mutants and the switch, by path below the root.
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
    let crates: BTreeSet<PathBuf> = mutants.iter().map(|it| it.file.components().take(2).collect()).collect();
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
        bail!("mutants.toml, {name}: its text stands {times} times in {}, and must stand there once", file.display());
    }
    ensure!(*expression || replace.contains(name.as_str()), "mutants.toml, {name}: nothing asks for its switch");
    let switched = if *expression {
        format!("(if crate::mutated({name:?}) {{ {replace} }} else {{ {find} }})")
    } else {
        replace.clone()
    };
    Ok(text.replacen(find.as_str(), &switched, 1))
}

/// Brings the copy of a folder up to date. A file that is the same is left alone, so that cargo sees that it is.
fn refresh(from: &Path, to: &Path, folder: &Path, changed: &BTreeMap<PathBuf, String>) -> Result<()> {
    fs::create_dir_all(to.join(folder))?;
    let mut kept = BTreeSet::new();
    for entry in fs::read_dir(from.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                refresh(from, to, &path, changed)?;
                kept.insert(entry.file_name());
            }
            continue;
        }
        kept.insert(entry.file_name());
        let wanted =
            changed.get(&path).map_or_else(|| fs::read(from.join(&path)), |text| Ok(text.clone().into_bytes()))?;
        if fs::read(to.join(&path)).ok().as_ref() != Some(&wanted) {
            fs::write(to.join(&path), wanted)?;
        }
    }
    for entry in fs::read_dir(to.join(folder))? {
        let entry = entry?;
        if !kept.contains(&entry.file_name()) {
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
    fn an_expression_is_put_behind_its_switch() {
        let text = with("a && b", &mutant("b", "true", true)).unwrap();
        assert_eq!(text, r#"a && (if crate::mutated("m") { true } else { b })"#);
    }

    #[test]
    fn a_text_that_is_not_there_once_is_an_error_that_names_the_mutant() {
        for text in ["a", "b b"] {
            let error = with(text, &mutant("b", "true", true)).unwrap_err().to_string();
            assert!(error.contains("m: its text stands") && error.contains("f.rs"), "{error}");
        }
    }

    #[test]
    fn a_mutant_that_nothing_switches_on_is_an_error() {
        assert!(with("b", &mutant("b", "c", false)).is_err());
        assert!(with("b", &mutant("b", r#"if crate::mutated("m") {}"#, false)).is_ok());
    }
}
