//! What belongs here, as far as a machine can check it: no noun of the business, and at most 2,163 lines of code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::{Path, PathBuf};

/// Words of the business, and of what one service alone does. `oms` itself is in the URI that names problems.
const NOUNS: [&str; 8] =
    ["order_", "\"ord_", "inventory", "payment", "refund", "reservation", "notification", "\"oms."];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// What ships: a file without its tests.
fn shipped(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap().to_owned()
}

#[test]
fn what_ships_knows_no_noun_of_the_business() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(files.iter().any(|path| path.ends_with("store/table.rs")), "not all is read: {files:?}");
    for path in files.iter().filter(|path| !path.ends_with("tests.rs")) {
        for (number, line) in (1..).zip(shipped(path).lines()) {
            for noun in NOUNS {
                assert!(!line.contains(noun), "{}:{number} has {noun}: {line}", path.display());
            }
        }
    }
}

#[test]
fn what_ships_stays_small() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let code = files.iter().filter(|path| !path.ends_with("tests.rs"));
    let lines: usize = code.map(|path| shipped(path).lines().filter(is_code).count()).sum();
    assert!(lines <= 2_163, "{lines} lines of code");
}
