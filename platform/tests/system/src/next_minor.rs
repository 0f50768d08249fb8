//! Builds the services of the next minor version: against contracts that are one minor version ahead, and orders with a
//! stored form that has grown.
//!
//! A copy of `contracts` adds an unknown field and an unknown attribute to every event; copies of the services, and of
//! testkit that they share it with, are built against it. The copy of orders gives each order that it accepts an attribute,
//! and writes a state under a word that today's version does not read. The sources in the repository do not change, and
//! other dependencies are not compiled again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use omsctl::package::package;
use omsctl::repository::Repository;
use serde::Deserialize;
use serde_json::Value;

/// The attribute and the field of `data` that only the next minor version has.
const ATTRIBUTE: &str = "nextminor";
const FIELD: &str = "addedInNextMinor";

/// Folders that contracts and services do not need to build.
const LEFT_OUT: [&str; 6] = ["tests", "build", "target", "cli", "languages", "releases"];

/// Depends on contracts, too: one build cannot have both the copy of contracts and the original.
const TESTKIT: &str = "platform/crates/testkit";
/// Depends on nothing that was copied, so the copies use the original.
const CHASSIS: &str = "platform/crates/chassis";

/// The attribute of an order's item that only the next minor version writes, when it accepts the order.
pub const STORED: &str = "nextMinor";
/// How an order's item says that its stock is held, in the next minor version.
pub const STATE: &str = "ALLOCATED ";

/// What is otherwise in the next minor version.
const CHANGES: &str = include_str!("../next-minor.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: PathBuf,
    find: String,
    replace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    change: Vec<Change>,
}

/// Whether an event was made by the next minor version.
pub fn made(event: &Value) -> bool {
    let (attribute, field) = (!event[ATTRIBUTE].is_null(), !event["data"][FIELD].is_null());
    assert_eq!(attribute, field, "half an event of the next minor: {event}");
    field
}

/// The zips of the next minor version by service; built once.
pub fn built(repository: &Repository) -> &'static BTreeMap<String, PathBuf> {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| build(repository))
}

fn build(repository: &Repository) -> BTreeMap<String, PathBuf> {
    let binaries = crate::world::binaries();
    let copy = binaries.parent().unwrap().join("next-minor");
    let Changes { change } = toml::from_str(CHANGES).unwrap();
    let copies = Copy { repository, changes: &change, to: &copy };
    for shared in ["contracts", TESTKIT] {
        copies.folder(Path::new(shared));
    }
    let mut zips = BTreeMap::new();
    for service in repository.services().unwrap() {
        let folder = PathBuf::from("services").join(&service);
        copies.folder(&folder);
        compiled(&copy.join(folder), binaries.parent().unwrap());
        let zip = copy.join(format!("{service}.zip"));
        package(&binaries.join(binary(&service)), &zip).unwrap();
        zips.insert(service, zip);
    }
    zips
}

/// Another name, since the shipped binary is in the same target directory.
fn binary(service: &str) -> String {
    format!("{service}-next-minor")
}

/// Compiles with an empty test, so that cargo chooses the same features of dependencies as for the services with their
/// tests, which are compiled already.
fn compiled(project: &Path, target: &Path) {
    fs::create_dir_all(project.join("tests")).unwrap();
    fs::write(project.join("tests/none.rs"), "").unwrap();
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked", "--bins", "--test", "none"]).current_dir(project);
    // Cargo's variables about this test's package would make build scripts run again.
    let of_a_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| of_a_package(name)) {
        cargo.env_remove(name);
    }
    let built = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
    assert!(built.status.success(), "{}:\n{}", project.display(), String::from_utf8_lossy(&built.stderr));
}

struct Copy<'a> {
    repository: &'a Repository,
    changes: &'a [Change],
    to: &'a Path,
}

impl Copy<'_> {
    /// Updates the copy of a folder. It does not touch unchanged files, so that cargo does not compile them again.
    fn folder(&self, folder: &Path) {
        let to = self.to.join(folder);
        fs::create_dir_all(&to).unwrap();
        let mut copied = BTreeSet::new();
        for entry in fs::read_dir(self.repository.path(folder.to_str().unwrap())).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if !entry.file_type().unwrap().is_dir() {
                self.file(&path);
            } else if LEFT_OUT.iter().all(|left_out| entry.file_name() != *left_out) {
                self.folder(&path);
            } else {
                continue;
            }
            copied.insert(entry.file_name());
        }
        for entry in fs::read_dir(&to).unwrap().map(Result::unwrap).filter(|entry| !copied.contains(&entry.file_name()))
        {
            let gone = entry.path();
            if gone.is_dir() { fs::remove_dir_all(gone) } else { fs::remove_file(gone) }.unwrap();
        }
    }

    fn file(&self, path: &Path) {
        let mut wanted = fs::read(self.repository.path(path.to_str().unwrap())).unwrap();
        for Change { find, replace, .. } in self.changes.iter().filter(|change| change.file == path) {
            let text = String::from_utf8(wanted).unwrap();
            assert_eq!(text.matches(find).count(), 1, "{} no longer has this once: {find}", path.display());
            wanted = text.replacen(find, replace, 1).into_bytes();
        }
        if path.ends_with("Cargo.toml") {
            wanted = self.manifest(&String::from_utf8(wanted).unwrap(), path).into_bytes();
        }
        let to = self.to.join(path);
        if fs::read(&to).ok().as_ref() != Some(&wanted) {
            fs::write(to, wanted).unwrap();
        }
    }

    /// Depends on the copies, and on chassis in the checkout. A service gets another name for its binary.
    fn manifest(&self, text: &str, path: &Path) -> String {
        let chassis = format!("path = \"{}\"", self.repository.path(CHASSIS).display());
        let relative = ["path = \"../../platform/crates/chassis\"", "path = \"../chassis\""];
        let text = relative.iter().fold(text.to_owned(), |text, relative| text.replace(relative, &chassis));
        if !path.starts_with("services") {
            return text;
        }
        let service = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let text = text.replacen("[package]\n", "[package]\nautobins = false\n", 1);
        format!("{text}\n[[bin]]\nname = \"{}\"\npath = \"src/main.rs\"\n", binary(service))
    }
}
