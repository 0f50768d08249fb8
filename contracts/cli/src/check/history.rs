//! Compares the released files with the commits that added them. A file that was edited together with its hash is as its
//! release says, but not as it was released.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::integrity::{PUBLISHED, README, RELEASES};
use super::rule::{Problem, Rule};

/// Why there is no history to compare with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoHistory {
    /// Git does not run.
    #[error("git cannot be run")]
    Git,
    /// No repository of git, or one without commits.
    #[error("no git history is here")]
    None,
    /// The first commits are absent.
    #[error("this clone is shallow; `git fetch --unshallow` gets the rest")]
    Shallow,
}

/// A commit that added a file, and the id of what it added.
struct Added {
    commit: String,
    blob: String,
    /// Another commit, perhaps of a branch that was merged, added the file with another content.
    contested: bool,
}

/// Every released file that is missing, or is not what the first commit with it added.
///
/// # Errors
/// [`NoHistory`], where nothing can be compared.
pub fn problems(root: &Path) -> Result<Vec<Problem>, NoHistory> {
    match git(root, &["rev-parse", "--is-shallow-repository"])?.as_str() {
        "false\n" => {}
        _ => return Err(NoHistory::Shallow),
    }
    let added = added(root)?;
    let present: Vec<&PathBuf> = added.keys().filter(|path| root.join(path).exists()).collect();
    let mut blobs: BTreeMap<&PathBuf, String> = present.iter().copied().zip(blobs(root, &present)?).collect();
    let problem = |(path, Added { commit, blob, contested }): (&PathBuf, &Added)| {
        let commit = commit.get(..10).unwrap_or(commit).to_owned();
        match blobs.remove(path) {
            Some(present) if present == *blob && !contested => None,
            Some(_) => Some(Problem::new(path, None, Rule::Rewritten { commit })),
            None => Some(Problem::new(path, None, Rule::Deleted { commit })),
        }
    };
    Ok(added.iter().filter_map(problem).collect())
}

/// The first commit that added each file. The first commit with [`PUBLISHED`] counts as having added all that it has: what was
/// before it was never published (decision 28).
fn added(root: &Path) -> Result<BTreeMap<PathBuf, Added>, NoHistory> {
    // Without `--full-history`, the log follows a merge only to the side that has the files as they are now.
    let full = ["log", "--full-history", "--topo-order", "--format=%H"];
    let published = git(root, &[&full[..], &["--diff-filter=A", "--", PUBLISHED]].concat())?;
    let (mut added, range) = match published.lines().last() {
        Some(first) => (whole(root, first)?, format!("{first}..HEAD")),
        None => (BTreeMap::new(), "HEAD".to_owned()),
    };
    let raw = ["--reverse", "-m", "--no-renames", "--relative", "--raw", "--no-abbrev", "--diff-filter=A"];
    let log = git(root, &[&["-c", "core.quotePath=off"], &full[..], &raw[..], &[&range, "--", RELEASES]].concat())?;
    let mut commit = "";
    for line in log.lines() {
        // `:000000 100644 0000… 5d41… A<tab>contracts/releases/1.0.0.json`, or the commit of the lines that follow
        match line.strip_prefix(':').and_then(|raw| raw.split_once('\t')) {
            Some((raw, path)) => {
                let blob = raw.split(' ').nth(3).unwrap_or_default().to_owned();
                let first = Added { commit: commit.to_owned(), blob: blob.clone(), contested: false };
                let first = added.entry(PathBuf::from(path)).or_insert(first);
                first.contested |= first.blob != blob;
            }
            None if !line.is_empty() => commit = line,
            None => {}
        }
    }
    added.remove(Path::new(README));
    Ok(added)
}

/// Every released file as a commit has it.
fn whole(root: &Path, commit: &str) -> Result<BTreeMap<PathBuf, Added>, NoHistory> {
    let tree = git(root, &["-c", "core.quotePath=off", "ls-tree", "-r", commit, "--", RELEASES])?;
    // `100644 blob 5d41…<tab>contracts/releases/1.0.0.json`
    let files = tree.lines().filter_map(|line| line.split_once('\t'));
    let added = |(object, path): (&str, &str)| {
        let blob = object.rsplit(' ').next().unwrap_or_default().to_owned();
        (PathBuf::from(path), Added { commit: commit.to_owned(), blob, contested: false })
    };
    Ok(files.map(added).collect())
}

/// The id that git would give the content of each file.
fn blobs(root: &Path, paths: &[&PathBuf]) -> Result<Vec<String>, NoHistory> {
    let mut command = command(root, &["hash-object", "--no-filters", "--stdin-paths"]);
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(|_| NoHistory::Git)?;
    let names = paths.iter().fold(String::new(), |names, path| names + &path.to_string_lossy() + "\n");
    let mut stdin = child.stdin.take().ok_or(NoHistory::Git)?;
    // a thread, because git writes an id for each path that it reads
    let writer = std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    let output = child.wait_with_output().map_err(|_| NoHistory::Git)?;
    writer.join().map_err(|_| NoHistory::Git)?.map_err(|_| NoHistory::Git)?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn git(root: &Path, args: &[&str]) -> Result<String, NoHistory> {
    let output = command(root, args).output().map_err(|_| NoHistory::Git)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(NoHistory::None)
    }
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(args).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}
