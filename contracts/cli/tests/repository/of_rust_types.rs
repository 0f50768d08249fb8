//! The Rust types are what is compared, and the generated files must be theirs.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Ran, Repository};

const SCHEMA: &str = "contracts/schemas/OrderCreated.v1.json";
/// It reads the field that is renamed.
const READER: &str = "services/payments/events.toml";
const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];

/// The last release and the generated files call `payBy` of the Rust type `payUntil`.
fn renamed_since_the_release() -> Repository {
    let repository = Repository::of_services();
    repository.run_on_rust_types(&["generate"]).prints(0, &["generated"]);
    let rename = |fields: &mut Value| {
        let fields = fields.as_object_mut().unwrap();
        let field = fields.remove("payBy").unwrap();
        fields.insert("payUntil".into(), field);
    };
    repository.edit(SCHEMA, |schema| {
        let data = &mut schema["$defs"]["OrderCreated"];
        rename(&mut data["properties"]);
        let required = data["required"].as_array_mut().unwrap();
        required.retain(|name| name != "payBy");
        required.push(json!("payUntil"));
    });
    repository.edit("contracts/samples/OrderCreated.v1.1.json", |sample| rename(&mut sample["data"]));
    let golden = ["contracts/golden/OrderCreated.v1.1.json", "contracts/golden/OrderCreated.v1.2.json"];
    let restored = [golden[0], golden[1], READER];
    let real = restored.map(|path| repository.read(path));
    for path in golden {
        repository.edit(path, |event| rename(&mut event["data"]));
    }
    repository.write(READER, &real[2].replace("/data/payBy", "/data/payUntil"));
    repository.release("1.0.0", FIRST_DAY).unwrap();
    for (path, real) in restored.iter().zip(&real) {
        repository.write(path, real);
    }
    repository
}

#[test]
fn a_renamed_field_is_breaking_whether_or_not_the_files_are_generated() {
    let repository = renamed_since_the_release();
    let breaking = "breaking    /data/payUntil  `payUntil` was removed and `payBy` of the same type is new";
    let stale = "contracts/asyncapi.json (and 4 more): it is generated, and differs";
    repository.run_on_rust_types(&CHECK).prints(1, &[breaking, stale, "1 breaking", "run `just contracts`"]);

    repository.run_on_rust_types(&["generate"]).prints(0, &[]);
    let ran = repository.run_on_rust_types(&CHECK);
    ran.prints(1, &[breaking, "1 breaking"]);
    assert!(!ran.out.contains("just contracts"), "{ran:#?}");
}

#[test]
fn generated_files_that_are_changed_missing_or_left_over_are_errors() {
    type Change = fn(&Repository, &str);
    let repository = Repository::of_services();
    repository.run_on_rust_types(&["generate"]).prints(0, &[]);
    repository.run_on_rust_types(&CHECK).prints(0, &["0 errors"]);
    let changes: [(&str, Change); 3] = [
        ("docs/message-schemas.md", |repository, path| repository.write(path, "# By hand")),
        ("contracts/samples/OrderCompleted.v1.1.json", |repository, path| repository.remove(path)),
        ("contracts/schemas/OrderShipped.v1.json", |repository, path| repository.write(path, "{}")),
    ];
    for (path, change) in changes {
        change(&repository, path);
        let error = format!("error       {path}: it is generated");
        repository.run_on_rust_types(&CHECK).prints(1, &[&error, "1 error", "next: run `just contracts`"]);
        repository.run_on_rust_types(&["generate"]).prints(0, &[]);
        repository.run_on_rust_types(&CHECK).prints(0, &["0 errors"]);
    }
}

#[test]
fn the_repository_is_found_from_the_working_folder_upwards() {
    let repository = Repository::of_services();
    repository.announce("1.0.0", FIRST_DAY);
    let run_in = |folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contracts"));
        Ran::of(command.current_dir(folder).args(["who-breaks", "OrderCreated.v1"]).output().unwrap())
    };
    run_in(repository.path()).prints(0, &["2 services consuming OrderCreated.v1"]);
    run_in(&repository.path().join("services/orders")).prints(0, &["2 services consuming OrderCreated.v1"]);

    let elsewhere = tempfile::tempdir().unwrap();
    let error = "nor a folder above it is the repository's root, which contains contracts/Cargo.toml and services";
    run_in(elsewhere.path()).prints(2, &[error, "next: go to the repository, or name it with --root"]);
}
