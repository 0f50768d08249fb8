//! Counts the instructions of one handled message: exact where time is not, so a change that costs more is seen in CI.
//!
//! Two runs under valgrind, one with twice the messages; their difference holds neither the start nor the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::contender::{self, BATCH, Contender};
use super::run::{Bench, live_below};

/// What to count.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A folder with the services' bootstraps; without it they are built, as they ship.
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

/// Batches of the shorter run: after these, every connection is open and every cache is filled.
const BATCHES: u32 = 20;

/// What a message costed when this was last accepted.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lock {
    tolerance_percent: u64,
    instructions_per_message: BTreeMap<String, u64>,
}

/// Counts, and compares with `instructions.lock`.
///
/// # Errors
/// A count that differs from the lock by more than its tolerance, or what could not be counted.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (bench, places) = super::prepared(arguments.bin.as_deref(), None)?;
    let path = places.root.join("platform/bench/instructions.lock");
    super::write_an_order(&bench, &places)?;
    let mut counted = BTreeMap::new();
    for contender in contender::all(&places, &bench.aws.order()?)?.iter().filter(|one| one.ships && one.batch.is_some())
    {
        counted.insert(contender.name.to_owned(), per_message(&bench, contender, arguments.keep.as_deref())?);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let lock: Lock = serde_json::from_str(&text).with_context(|| format!("{} is not a lock", path.display()))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&counted)?);
    } else {
        print!("{}", table(&counted, &lock));
    }
    if arguments.write {
        let lock = Lock { instructions_per_message: counted, ..lock };
        return Ok(fs::write(path, serde_json::to_string_pretty(&lock)? + "\n")?);
    }
    compare(&counted, &lock)
}

fn per_message(bench: &Bench, contender: &Contender, keep: Option<&Path>) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let folder = keep.unwrap_or(folder.path());
    let count = |batches| counted(bench, contender, batches, &folder.join(format!("callgrind.{batches}")));
    let (once, twice) = (count(BATCHES)?, count(2 * BATCHES)?);
    Ok(twice.saturating_sub(once) / (u64::from(BATCHES * BATCH)))
}

fn counted(bench: &Bench, contender: &Contender, batches: u32, out: &Path) -> Result<u64> {
    let valgrind = ["valgrind", "--tool=callgrind", &format!("--callgrind-out-file={}", out.display())];
    live_below(&valgrind.map(str::to_owned), bench, contender, batches)?;
    let text =
        fs::read_to_string(out).context("valgrind left no count; to install it, run `apt-get install valgrind`")?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals: ")).context("valgrind did not count to the end")?;
    Ok(total.trim().parse()?)
}

fn compare(counted: &BTreeMap<String, u64>, lock: &Lock) -> Result<()> {
    let names = |counts: &BTreeMap<String, u64>| counts.keys().cloned().collect::<Vec<_>>();
    let known = &lock.instructions_per_message;
    ensure!(names(counted) == names(known), "instructions.lock counts {:?}, not {:?}", names(known), names(counted));
    for (name, now) in counted {
        let before = known.get(name).copied().unwrap_or_default();
        if now.abs_diff(before) * 100 > before * lock.tolerance_percent {
            bail!(
                "a message of {name} takes {now} instructions; instructions.lock says {before}, with {} % tolerance. \
                 If that is meant, run `just test-instructions --write`",
                lock.tolerance_percent
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

    #[test]
    fn a_message_may_cost_two_percent_more_or_less_and_not_more() {
        let lock = Lock { tolerance_percent: 2, instructions_per_message: counts(1_000_000) };
        for fits in [980_000, 1_000_000, 1_020_000] {
            compare(&counts(fits), &lock).unwrap();
        }
        for (differs, says) in [(1_020_001, "takes 1020001 instructions"), (979_999, "--write")] {
            let error = compare(&counts(differs), &lock).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_function_that_the_lock_does_not_know_is_an_error() {
        let lock = Lock { tolerance_percent: 2, instructions_per_message: BTreeMap::new() };
        let error = compare(&counts(1), &lock).unwrap_err().to_string();
        assert!(error.contains("orders events"), "{error}");
    }
}
