//! Released files in a git history.

use std::path::Path;
use std::process::Command;

use contracts_cli::check::integrity::sha256;
use serde_json::Value;

use crate::repository::{FIRST_DAY, Repository};

const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];
const RELEASED: &str = "contracts/releases/schemas/OrderCreated.v1.0.json";
const MANIFEST: &str = "contracts/releases/1.0.0.json";
const README: &str = "contracts/releases/README.md";
const GOLDEN: &str = "contracts/releases/golden";
const UNCOMPARED: &str = "note        the released files were not compared with the commits that added them: ";

fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let known = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
    let output = command.args(known).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(repository: &Repository) -> String {
    git(repository.path(), &["add", "--all"]);
    git(repository.path(), &["commit", "--quiet", "--message", "What changed"]);
    git(repository.path(), &["rev-parse", "HEAD"])[..10].to_owned()
}

/// Released, and its release committed, in this commit.
fn committed() -> (Repository, String) {
    let repository = Repository::released();
    git(repository.path(), &["init", "--quiet"]);
    let added = commit(&repository);
    repository.write("README.md", "# Orders");
    commit(&repository);
    (repository, added)
}

/// Edits a released file, and its hash in the release.
fn rewrite(repository: &Repository) {
    repository.edit(RELEASED, |schema| schema["description"] = "As if it had been so.".into());
    let hash = sha256(repository.read(RELEASED).as_bytes());
    repository.edit(MANIFEST, |release: &mut Value| release["types"]["OrderCreated.v1"]["schema"] = hash.into());
}

#[test]
fn a_released_file_that_was_edited_together_with_its_hash() {
    let (repository, added) = committed();
    let ran = repository.run(&CHECK);
    ran.prints(0, &["0 errors"]);
    assert!(!ran.out.contains("note"), "{ran:#?}");

    rewrite(&repository);
    let errors = [MANIFEST, RELEASED].map(|path| {
        format!(
            "error       {path}: a released file never changes, but this one differs from what commit {added} added"
        )
    });
    let errors: Vec<&str> = errors.iter().map(String::as_str).collect();
    repository.run(&CHECK).prints(1, &errors);
    repository.run(&["who-breaks"]).prints(1, &[RELEASED]);

    commit(&repository);
    repository.run(&CHECK).prints(1, &errors);

    git(repository.path(), &["checkout", &added, "--", "contracts/releases"]);
    repository.run(&CHECK).prints(0, &["0 errors"]);
}

#[test]
fn a_release_that_was_made_anew_before_it_was_published() {
    let repository = Repository::released();
    let golden = repository.path().join(GOLDEN);
    let aside = repository.path().join("aside");
    std::fs::rename(&golden, &aside).unwrap();
    git(repository.path(), &["init", "--quiet"]);
    commit(&repository);
    rewrite(&repository);
    repository.write(README, "# Releases");
    std::fs::rename(&aside, &golden).unwrap();
    let published = commit(&repository);
    repository.run(&CHECK).prints(0, &["0 errors"]);

    repository.write(README, "# The releases");
    commit(&repository);
    repository.run(&CHECK).prints(0, &["0 errors"]);
    // nor does it help to publish once more
    std::fs::rename(&golden, &aside).unwrap();
    commit(&repository);
    repository.edit(RELEASED, |schema| schema["description"] = "As if it had been otherwise.".into());
    let hash = sha256(repository.read(RELEASED).as_bytes());
    repository.edit(MANIFEST, |release: &mut Value| release["types"]["OrderCreated.v1"]["schema"] = hash.into());
    std::fs::rename(&aside, &golden).unwrap();
    commit(&repository);
    repository.run(&CHECK).prints(1, &[&format!("{RELEASED}: a released file never changes"), &published]);
}

#[test]
fn a_release_that_was_taken_away() {
    let (repository, added) = committed();
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| schema["description"] = "Better.".into());
    repository.release("1.0.1", FIRST_DAY).unwrap();
    let second = commit(&repository);
    let of_second = ["1.0.1.json", "schemas/OrderCreated.v1.1.json", "samples/OrderCreated.v1.1.1.json"];
    for path in of_second.into_iter().chain(["golden/OrderCreated.v1.1.1.json"]) {
        repository.remove(&format!("contracts/releases/{path}"));
    }
    commit(&repository);
    let error = format!("contracts/releases/1.0.1.json: commit {second} added this file, and a released file is never");
    repository.run(&CHECK).prints(1, &[&error, "4 errors"]);
    assert_ne!(added, second);
}

#[test]
fn a_release_that_is_not_yet_committed_and_one_from_another_branch() {
    let (repository, _) = committed();
    git(repository.path(), &["checkout", "--quiet", "-b", "more"]);
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| schema["description"] = "Better.".into());
    repository.release("1.0.1", FIRST_DAY).unwrap();
    repository.run(&CHECK).prints(0, &["0 errors"]);
    commit(&repository);
    git(repository.path(), &["checkout", "--quiet", "main"]);
    repository.run(&CHECK).prints(0, &["0 errors"]);
    repository.write("README.md", "# Orders and more");
    commit(&repository);
    git(repository.path(), &["merge", "--quiet", "--no-edit", "more"]);
    repository.run(&CHECK).prints(0, &["compared with release 1.0.1", "0 errors"]);
    rewrite(&repository);
    repository.run(&CHECK).prints(1, &[RELEASED]);
}

#[test]
fn without_a_whole_history_the_check_says_so_and_goes_on() {
    let repository = Repository::released();
    repository.run(&CHECK).prints(0, &[&format!("{UNCOMPARED}no git history is here\n")]);
    git(repository.path(), &["init", "--quiet"]);
    repository.run(&CHECK).prints(0, &[&format!("{UNCOMPARED}no git history is here\n")]);

    let (repository, _) = committed();
    let clone = Repository::empty();
    let origin = format!("file://{}", repository.path().display());
    git(clone.path(), &["clone", "--quiet", "--depth", "1", &origin, "."]);
    rewrite(&clone);
    clone.run(&CHECK).prints(0, &[&format!("{UNCOMPARED}this clone is shallow; `git fetch --unshallow`")]);
    git(clone.path(), &["fetch", "--quiet", "--unshallow"]);
    clone.run(&CHECK).prints(1, &[RELEASED]);
}

/// With git's own history of a path, the merge would lead to the branch alone.
#[test]
fn a_branch_with_another_past_that_is_merged() {
    let repository = Repository::released();
    git(repository.path(), &["init", "--quiet"]);
    let files = ["contracts/releases", "contracts/golden", "contracts/schemas", "contracts/samples"];
    let released: Vec<String> = files.iter().map(|folder| format!(":(exclude){folder}")).collect();
    let released: Vec<&str> = released.iter().map(String::as_str).collect();
    git(repository.path(), &[&["add", "--all", "--", "."], &released[..]].concat());
    git(repository.path(), &["commit", "--quiet", "--message", "Before the release"]);
    git(repository.path(), &["branch", "evil"]);
    commit(&repository);

    git(repository.path(), &["checkout", "--quiet", "evil"]);
    git(repository.path(), &["checkout", "--quiet", "main", "--", "."]);
    rewrite_golden(&repository);
    commit(&repository);
    git(repository.path(), &["checkout", "--quiet", "main"]);
    git(repository.path(), &["merge", "--quiet", "--no-edit", "--strategy-option", "theirs", "evil"]);
    repository.run(&CHECK).prints(1, &["1.0.0.json: a released file never changes"]);
}

/// Edits a golden event, as it is and as it was released, and its hash in the release.
fn rewrite_golden(repository: &Repository) {
    let released = "contracts/releases/golden/OrderCreated.v1.0.1.json";
    let text = repository.read(released).replace("\"total\":4790", "\"total\":479000");
    assert_ne!(text, repository.read(released));
    repository.write(released, &text);
    repository.write("contracts/golden/OrderCreated.v1.1.json", &text);
    let hash = sha256(text.as_bytes());
    repository.edit(MANIFEST, |release: &mut Value| release["types"]["OrderCreated.v1"]["golden"][0] = hash.into());
}

#[test]
fn a_release_that_was_written_by_hand() {
    let (repository, _) = committed();
    let golden = repository.read("contracts/releases/golden/OrderCreated.v1.0.1.json");
    let golden = golden.replace("\"total\":4790", "\"total\":479000");
    for (folder, end) in [("schemas", ""), ("samples", ".1")] {
        let text = repository.read(&format!("contracts/releases/{folder}/OrderCreated.v1.0{end}.json"));
        repository.write(&format!("contracts/releases/{folder}/OrderCreated.v1.1{end}.json"), &text);
    }
    repository.write("contracts/releases/golden/OrderCreated.v1.1.1.json", &golden);
    repository.write("contracts/golden/OrderCreated.v1.1.json", &golden);
    repository.write("contracts/releases/1.0.1.json", &repository.read(MANIFEST));
    repository.edit("contracts/releases/1.0.1.json", |release: &mut Value| {
        release["version"] = "1.0.1".into();
        let released = &mut release["types"]["OrderCreated.v1"];
        released["minor"] = 1.into();
        released["golden"][0] = sha256(golden.as_bytes()).into();
    });
    commit(&repository);
    let said = "contracts/releases/1.0.1.json: OrderCreated.v1: /data/total a golden event has another value, which breaks release 1.0.0";
    repository.run(&CHECK).prints(1, &[said]);
    repository.run(&["who-breaks"]).prints(1, &[said]);
}
