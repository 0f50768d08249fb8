//! The rooms of a service and the arrows between them: main → inbound → application → domain, application → outbound.

use std::fs;
use std::path::{Path, PathBuf};

/// What the rules of a service may not mention, not even in a comment: AWS, the wire, the clock, chance, and I/O.
const IMPURE: [&str; 10] =
    ["aws_", "contracts", "chassis", "serde", "async ", "now()", "now_v7", "new_v4", "std::env", "tokio"];
/// The rooms that they may not use.
const OTHER_ROOMS: [&str; 3] = ["application", "inbound", "outbound"];
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
    use_none_of(&room(service, "inbound"), &["outbound"]);
    use_none_of(&room(service, "application"), &["inbound"]);
    use_none_of(&room(service, "outbound"), &["inbound", "application"]);
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

fn use_none_of(files: &[PathBuf], rooms: &[&str]) {
    for path in files {
        let source = read(path);
        let mut in_use = false;
        for (number, line) in (1..).zip(source.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            in_use |= begins_use(line);
            for room in rooms {
                assert!(!names(line, room, in_use), "{}:{number} uses {room}: {line}", path.display());
            }
            in_use &= !line.contains(';');
        }
    }
}

fn begins_use(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("use ") || line.starts_with("pub") && line.contains(" use ")
}

/// Whether a line names a room: beside a `::`, or anywhere in a `use`, whose braces may hold it alone.
fn names(line: &str, room: &str, in_use: bool) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    line.split(room).zip(line.split(room).skip(1)).any(|(before, after)| {
        let is_whole = !before.ends_with(goes_on) && !after.starts_with(goes_on);
        is_whole && (in_use || before.ends_with("::") || after.starts_with("::"))
    })
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
