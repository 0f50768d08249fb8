//! Counts the instructions of one handled message: exact where time is not, so a change that costs more is seen in CI.
//!
//! The local build is counted in a minute, since it is there anyway, and each batch by itself: the median leaves out
//! those in which a connection was opened again, for which a busy machine gives a reason. What ships is counted with
//! `--release`. It has no names by which batches could be told apart, so it runs twice, the second time with twice the
//! messages; the difference holds neither the start nor the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::contender::{self, BATCH, Contender};
use super::run::{Bench, live_below};
use super::valgrind::Valgrind;
use super::{Profile, Programs};

/// What to count.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Count what ships, not the local build, and the floor beside it.
    #[arg(long)]
    release: bool,
    /// A folder with the services' bootstraps; without it they are built.
    #[arg(long)]
    bin: Option<PathBuf>,
    /// Keep valgrind's files in this folder, for callgrind_annotate.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Accept what is counted now.
    #[arg(long)]
    write: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `instructions.lock`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Locks {
    local: Lock,
    release: Lock,
}

/// What a message costed when this was last accepted.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lock {
    /// What `rustc --version` said: another compiler makes other instructions.
    compiler: String,
    /// Above what the counts of one build differ by.
    tolerance_percent: u64,
    /// How many batches are counted; of what ships, in the shorter run.
    batches: u32,
    instructions_per_message: BTreeMap<String, u64>,
}

/// Counts, and compares with `instructions.lock`.
///
/// # Errors
/// A count that differs from the lock by more than its tolerance, or what could not be counted.
pub fn run(arguments: &Arguments) -> Result<()> {
    let profile = if arguments.release { Profile::Release } else { Profile::Local };
    let programs = Programs { profile, services: &["orders"], peers: arguments.release };
    let (bench, places) = super::prepared(&programs, arguments.bin.as_deref(), None)?;
    let path = places.root.join("platform/bench/instructions.lock");
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut locks: Locks = serde_json::from_str(&text).with_context(|| format!("{} is not a lock", path.display()))?;
    let lock = if arguments.release { &mut locks.release } else { &mut locks.local };

    super::write_an_order(&bench, &places)?;
    let valgrind = Valgrind::find(&places.root)?;
    let mut counted = BTreeMap::new();
    for contender in contender::all(&places, &bench.aws.order()?)?.iter().filter(|one| is_counted(one, profile)) {
        let folder = tempfile::tempdir()?;
        let out = arguments.keep.as_deref().unwrap_or(folder.path());
        let out = out.join(format!("callgrind.{}", contender.name.replace(' ', "-")));
        let count = match profile {
            Profile::Local => median_of_batches,
            Profile::Release => difference_of_runs,
        };
        let count = count(&bench, contender, &valgrind, lock.batches, &out)?;
        counted.insert(contender.name.to_owned(), count);
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&counted)?);
    } else {
        print!("{}", table(&counted, lock));
    }
    let compiler = compiler()?;
    if arguments.write {
        lock.instructions_per_message = counted;
        lock.compiler = compiler;
        return Ok(fs::write(path, serde_json::to_string_pretty(&locks)? + "\n")?);
    }
    compare(&counted, lock, &compiler)
}

/// What ships and handles messages; the floor beside it, where it is built.
fn is_counted(contender: &Contender, profile: Profile) -> bool {
    let is_floor = contender.name == contender::FLOOR && profile == Profile::Release;
    contender.batch.is_some() && (contender.ships || is_floor)
}

/// What a program calls once for each batch, when it asks for the next one.
const NEXT_BATCH: &str = "*NextEventRequest*into_req*";

fn median_of_batches(
    bench: &Bench,
    contender: &Contender,
    valgrind: &Valgrind,
    batches: u32,
    out: &Path,
) -> Result<u64> {
    let mut launcher = valgrind.counting(out);
    launcher.push(format!("--dump-before={NEXT_BATCH}"));
    // Below valgrind, and beside other work, a call may take longer than it is given.
    if let Err(error) = live_below(&launcher, bench, contender, batches) {
        eprintln!("── counting once more, since {error:#}");
        live_below(&launcher, bench, contender, batches)?;
    }
    // The first part is the start, the second the first batch, with its connections.
    let part = |number: u32| total(&PathBuf::from(format!("{}.{number}", out.display())));
    let mut counts = (3..=batches + 1).map(part).collect::<Result<Vec<_>>>()?;
    counts.sort_unstable();
    let middle = counts.get(counts.len() / 2).context("a lock with fewer than two batches")?;
    Ok(middle / u64::from(BATCH))
}

fn difference_of_runs(
    bench: &Bench,
    contender: &Contender,
    valgrind: &Valgrind,
    batches: u32,
    out: &Path,
) -> Result<u64> {
    let count = |times: u32| {
        let out = PathBuf::from(format!("{}.{times}", out.display()));
        live_below(&valgrind.counting(&out), bench, contender, times * batches)?;
        total(&out)
    };
    let (once, twice) = (count(1)?, count(2)?);
    Ok(twice.saturating_sub(once) / u64::from(batches * BATCH))
}

fn total(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out).context("valgrind left no count")?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.context("valgrind did not count to the end")?.trim().parse()?)
}

fn compiler() -> Result<String> {
    let version = Command::new("rustc").arg("--version").output().context("rustc cannot be started")?;
    Ok(String::from_utf8(version.stdout)?.trim().to_owned())
}

fn compare(counted: &BTreeMap<String, u64>, lock: &Lock, compiler: &str) -> Result<()> {
    let names = |counts: &BTreeMap<String, u64>| counts.keys().cloned().collect::<Vec<_>>();
    let known = &lock.instructions_per_message;
    ensure!(names(counted) == names(known), "instructions.lock counts {:?}, not {:?}", names(known), names(counted));
    for (name, now) in counted {
        let before = known.get(name).copied().unwrap_or_default();
        if now.abs_diff(before) * 100 > before * lock.tolerance_percent {
            bail!(
                "a message of {name} takes {now} instructions; instructions.lock says {before}, with {} % tolerance \
                 (counted with {}, now {compiler}). If that is meant, run `just test-instructions --write`",
                lock.tolerance_percent,
                lock.compiler
            );
        }
    }
    Ok(())
}

fn table(counted: &BTreeMap<String, u64>, lock: &Lock) -> String {
    let heading = format!("{:<16} {:>12} {:>12} {:>8}\n", "", "instructions", "lock", "change");
    let row = |(name, now): (&String, &u64)| {
        let before = lock.instructions_per_message.get(name).copied().unwrap_or_default();
        let per_mille = (i128::from(*now) - i128::from(before)) * 1000 / i128::from(before.max(1));
        format!("{name:<16} {now:>12} {before:>12} {per_mille:>+7}‰\n")
    };
    heading + &counted.iter().map(row).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(orders: u64) -> BTreeMap<String, u64> {
        BTreeMap::from([("orders events".to_owned(), orders)])
    }

    fn lock(instructions_per_message: BTreeMap<String, u64>) -> Lock {
        Lock { compiler: "rustc 1".to_owned(), tolerance_percent: 2, batches: 20, instructions_per_message }
    }

    #[test]
    fn a_message_may_cost_two_percent_more_or_less_and_not_more() {
        let lock = lock(counts(1_000_000));
        for fits in [980_000, 1_000_000, 1_020_000] {
            compare(&counts(fits), &lock, "rustc 2").unwrap();
        }
        for (differs, says) in
            [(1_020_001, "takes 1020001 instructions"), (979_999, "--write"), (1, "with rustc 1, now rustc 2")]
        {
            let error = compare(&counts(differs), &lock, "rustc 2").unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_function_that_the_lock_does_not_know_is_an_error() {
        let lock = lock(BTreeMap::new());
        let error = compare(&counts(1), &lock, "rustc 2").unwrap_err().to_string();
        assert!(error.contains("orders events"), "{error}");
    }
}
