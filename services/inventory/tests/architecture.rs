//! The domain knows neither AWS nor the wire, neither the clock nor chance.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn the_domain_is_pure() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain"));
    assert!(files.iter().any(|path| path.ends_with("reservation/step.rs")), "not all is read: {files:?}");
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        for word in
            ["aws_", "contracts", "chassis", "serde", "async ", "now()", "now_v7", "new_v4", "std::env", "tokio"]
        {
            assert!(!source.contains(word), "{} mentions {word}", path.display());
        }
    }
}
