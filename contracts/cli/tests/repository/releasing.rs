//! What a release writes, and when it is refused.

use std::fs;
use std::path::{Path, PathBuf};

use contracts_cli::judge::Bump;
use contracts_cli::release::ReleaseError;
use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const SCHEMA: &str = "contracts/schemas/OrderCreated.v1.json";

fn add_optional(schema: &mut Value) {
    schema["properties"]["tracestate"] = json!({ "type": "string", "description": "The vendor's part." });
}

#[test]
fn the_first_release_has_every_file_and_a_manifest_of_all_types() {
    let repository = Repository::new();
    repository.announce("1.0.0", FIRST_DAY);
    repository.run(&["release", "1.0.0", "--today", FIRST_DAY]).prints(0, &["released 1.0.0: 8 new files"]);
    let manifest: Value = serde_json::from_str(&repository.read("contracts/releases/1.0.0.json")).unwrap();
    assert_eq!((&manifest["version"], &manifest["released"]), (&json!("1.0.0"), &json!(FIRST_DAY)));
    assert_eq!(manifest["types"]["OrderCreated.v1"]["minor"], 0);
    assert_eq!(repository.read("contracts/releases/schemas/OrderCreated.v1.0.json"), repository.read(SCHEMA));

    let report = repository.check(FIRST_DAY).unwrap();
    assert!(report.passes() && report.differences.is_empty(), "{report:#?}");
}

#[test]
fn the_next_release_repeats_nothing_that_did_not_change_and_touches_nothing_that_was_released() {
    let repository = Repository::released();
    let before = files(&repository.path().join("contracts/releases"));
    repository.edit(SCHEMA, add_optional);
    let written = repository.release("1.1.0", "2026-12-01").unwrap();
    let wanted = [
        "schemas/OrderCreated.v1.1.json",
        "samples/OrderCreated.v1.1.1.json",
        "golden/OrderCreated.v1.1.1.json",
        "1.1.0.json",
    ];
    assert_eq!(written, wanted.map(|path| Path::new("contracts/releases").join(path)));
    for (path, content) in before {
        assert_eq!(fs::read_to_string(path).unwrap(), content);
    }
    let manifest: Value = serde_json::from_str(&repository.read("contracts/releases/1.1.0.json")).unwrap();
    assert_eq!(manifest["types"]["OrderCreated.v1"]["minor"], 1);
    assert_eq!(manifest["types"]["OrderCompleted.v1"]["minor"], 0);
}

fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read_to_string(path).unwrap()));
        }
    }
    found
}

#[test]
fn the_version_follows_from_what_changed() {
    type Change = fn(&Repository);
    let description: Change =
        |repository| repository.edit(SCHEMA, |schema| schema["description"] = "A better description.".into());
    let sample: Change = |repository| {
        repository.edit("contracts/samples/OrderCreated.v1.1.json", |sample| sample["data"]["total"] = json!(1));
    };
    let more: Change = |repository| repository.edit(SCHEMA, add_optional);
    let both: Change = |repository| {
        repository.edit("contracts/schemas/OrderCompleted.v1.json", |schema| schema["description"] = "Better.".into());
        repository.edit(SCHEMA, add_optional);
    };
    let cases = [
        (description, "1.0.1", Bump::Patch),
        (sample, "1.0.1", Bump::Patch),
        (more, "1.1.0", Bump::Minor),
        (both, "1.1.0", Bump::Minor),
    ];
    for (change, right, size) in cases {
        let repository = Repository::released();
        change(&repository);
        let report = repository.check(FIRST_DAY).unwrap();
        assert_eq!(report.differences.iter().map(|it| it.release).max(), Some(size));
        for version in ["1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "2.0.0"].into_iter().filter(|it| *it != right) {
            let refused = repository.release(version, FIRST_DAY).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{version} is not the next version")), "{refused}");
            assert!(refused.ends_with(&format!("run `just release-contracts {right}`")), "{refused}");
        }
        repository.release(right, FIRST_DAY).unwrap();
        assert!(repository.check(FIRST_DAY).unwrap().differences.is_empty());
    }
}

#[test]
fn a_refused_release_writes_nothing() {
    let repository = Repository::new();
    assert!(matches!(repository.release("1.1.0", FIRST_DAY), Err(ReleaseError::Version { .. })));

    let release = ["release", "1.0.0", "--today", FIRST_DAY];
    repository.announce("1.0.0", FIRST_DAY);
    repository.write("contracts/CHANGELOG.md", "## [1.0.1] - 2026-11-23\n");
    repository.run(&release).prints(1, &["contracts/CHANGELOG.md: add a section `## [1.0.0] - DATE`"]);
    repository.remove("contracts/CHANGELOG.md");
    repository.run(&release).prints(2, &["contracts/CHANGELOG.md: No such file"]);

    assert!(!repository.path().join("contracts/releases").exists());

    let repository = Repository::released();
    assert!(matches!(repository.release("1.0.1", FIRST_DAY), Err(ReleaseError::NoDifference(_))));
    repository.edit(SCHEMA, |schema| schema["properties"]["subject"]["type"] = "integer".into());
    repository.run(&["release", "1.0.1"]).prints(
        1,
        &["breaking    /subject  string became integer", "not released: `contracts check` fails: 1 breaking, 2 errors"],
    );
}

/// What Cargo writes for a package of this repository, between two others.
fn locked(version: &str) -> String {
    let package = |name, version| format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
    let after = package("contracts-of-others", "1.0.0");
    format!("version = 4\n{}dependencies = [\n \"jiff\",\n]\n{after}", package("contracts", version))
}

#[test]
fn every_lock_file_and_manifest_gets_the_version_whether_it_is_committed_or_not() {
    let repository = Repository::released();
    let requires =
        |major| format!("[dependencies]\ncontracts = {{ version = \"{major}\", path = \"../..\" }}\nserde = \"1\"\n");
    let (ours, others) =
        (["contracts", "contracts/cli", "services/loyalty"], ["target/package/x", ".oms/x", "services/orders/build"]);
    for folder in ours.into_iter().chain(others) {
        repository.write(&format!("{folder}/Cargo.lock"), &locked("1.0.0"));
    }
    repository.write("services/loyalty/Cargo.toml", &requires(1));
    repository.write("contracts/CHANGELOG.md", "## [1.1.0] - 2026-12-01\n\n## [2.0.0] - 2026-12-02\n");
    let manifest =
        |version: &str| format!("[package]\nname = \"contracts\"\nversion = \"{version}\"\nedition = \"2024\"\n");
    repository.write("contracts/Cargo.toml", &manifest("1.0.0"));
    repository.edit(SCHEMA, add_optional);
    let run = repository.run(&["release", "1.1.0", "--today", "2026-12-01"]);
    run.prints(0, &["released 1.1.0"]);
    assert_eq!(run.err, "");
    assert_eq!(repository.read("contracts/Cargo.toml"), manifest("1.1.0"));
    assert_eq!(repository.read("services/loyalty/Cargo.toml"), requires(1));
    for (folder, version) in ours.map(|it| (it, "1.1.0")).into_iter().chain(others.map(|it| (it, "1.0.0"))) {
        assert_eq!(repository.read(&format!("{folder}/Cargo.lock")), locked(version), "{folder}");
    }
}
