//! What a run measured, written where people and `omsctl cost` read it.

use anyhow::Result;
use omsctl::cost::document;
use omsctl::cost::lock::Lock;
use omsctl::repository::Repository;
use omsctl::terminal::note;

use super::counts;
use super::report::Report;
use crate::count;

/// Where the times of whole orders are shown.
const HEADING: &str = "## How long an order takes";
const SOURCE: &str = "the mean of consumers and relays, as the emulator billed it; `just compute-lock` measured it";

/// Writes the compute time into the lock of each design, and the table into its page.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(repository: &Repository, report: &Report) -> Result<()> {
    let [ours, theirs] = report.billed();
    for (file, recipes, milliseconds) in [(count::LOCK, count::RECIPES, ours), (counts::LOCK, counts::RECIPES, theirs)]
    {
        let path = repository.path(file);
        let mut lock = Lock::read(&path)?;
        lock.compute.milliseconds = (10.0 * milliseconds).round() / 10.0;
        SOURCE.clone_into(&mut lock.compute.source);
        lock.write(&path, recipes)?;
        note(format!("wrote [compute] of {file}"));
    }
    document::replace_block(repository, HEADING, &report.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use super::super::measure::{Measured, Plan};
    use super::*;

    const PAGE: &str = "docs/performance.md";

    #[test]
    fn the_time_goes_into_both_locks_with_its_source_and_the_table_onto_the_page() {
        let (here, folder) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), tempfile::tempdir().unwrap());
        for file in [count::LOCK, counts::LOCK, PAGE] {
            fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
            fs::copy(here.join(file), folder.path().join(file)).unwrap();
        }
        let side = |name, billed| {
            let took = vec![Duration::from_millis(123)];
            Measured {
                name,
                together: took.clone(),
                alone: took,
                elapsed: Duration::from_secs(1),
                billed,
                failures: vec![],
            }
        };
        let plan = Plan { orders: 1, at_once: 1, seed: 1 };
        let sides = [side("ours", 4.26), side("textbook", 8.0)];
        let report = Report::new(sides, plan, ["release build", "provided.al2023"], [0.5, 0.5]).unwrap();

        write(&Repository::at(folder.path()), &report).unwrap();

        for (file, expected) in [(count::LOCK, 4.3), (counts::LOCK, 8.0)] {
            let (before, after) =
                (Lock::read(&here.join(file)).unwrap(), Lock::read(&folder.path().join(file)).unwrap());
            assert!((after.compute.milliseconds - expected).abs() < 1e-9, "{}", after.compute.milliseconds);
            assert!(after.compute.source.contains("`just compute-lock`"), "{}", after.compute.source);
            assert_eq!(after.paths, before.paths, "the counts of {file} stay");
        }
        let page = fs::read_to_string(folder.path().join(PAGE)).unwrap();
        assert!(page.contains("one at a time, p50") && page.contains("Ours: release build"), "{page}");
    }
}
