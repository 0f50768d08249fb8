//! The rooms of a service and the arrows between them: main → inbound → application → domain, application → outbound.

use std::fs;
use std::path::{Path, PathBuf};

/// What the rules of a service may not mention, not even in a comment: AWS, the wire, the clock, chance, and I/O.
const IMPURE: [&str; 10] =
    ["aws_", "contracts", "chassis", "serde", "async ", "now()", "now_v7", "new_v4", "std::env", "tokio"];
/// The rooms that they may not use.
const OTHER_ROOMS: [&str; 6] = ["application::", "::application", "inbound::", "::inbound", "outbound::", "::outbound"];
/// The most lines that a file may have.
const MAX_LINES: usize = 300;

/// The domain is pure: it knows neither AWS nor the wire, neither the clock nor chance, nor any other room.
pub fn domain_is_pure(service: &str) {
    let files = room(service, "domain");
    assert!(!files.is_empty(), "there is no domain");
    for path in &files {
        let source = read(path);
        for word in IMPURE {
            assert!(!source.contains(word), "{} mentions {word}", path.display());
        }
    }
    use_none_of(&files, &OTHER_ROOMS);
}

/// No room imports another against the arrows.
pub fn arrows_point_inwards(service: &str) {
    use_none_of(&room(service, "inbound"), &["outbound::", "::outbound"]);
    use_none_of(&room(service, "application"), &["inbound::", "::inbound"]);
    use_none_of(&room(service, "outbound"), &["inbound::", "::inbound"]);
}

/// No source file has more than 300 lines.
pub fn files_are_short(service: &str) {
    for path in rust_files(&Path::new(service).join("src")) {
        let lines = read(&path).lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

/// `src/name.rs` and all files below `src/name`.
fn room(service: &str, name: &str) -> Vec<PathBuf> {
    let (root, folder) = (Path::new(service).join(format!("src/{name}.rs")), Path::new(service).join("src").join(name));
    let files = if folder.is_dir() { rust_files(&folder) } else { Vec::new() };
    files.into_iter().chain(Some(root).filter(|root| root.is_file())).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a folder can be listed").path());
    let files = paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn use_none_of(files: &[PathBuf], words: &[&str]) {
    for path in files {
        let source = read(path);
        for (number, line) in (1..).zip(source.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.contains(word), "{}:{number} uses {word}: {line}", path.display());
            }
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
