//! Compares what orders, payments, inventory and the gateway know, and repairs what differs.
//!
//! - [`snapshot`]: what each of them knows, as plain data
//! - [`compare`](mod@compare): the comparison, which is pure
//! - [`finding`]: one difference, and the command that repairs it
//! - [`read`]: reads a snapshot through the services' APIs
//! - [`repair`]: sends the commands, and compares again until everything is repaired
//!
//! The services are read one after the other while the system works, so a single comparison can be wrong. A finding
//! counts only if two comparisons agree on it.

pub mod compare;
pub mod finding;
mod read;
mod repair;
pub mod report;
pub mod snapshot;

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::staff_api::StaffApi;
use compare::compare;
use finding::Finding;
use read::Progress;
use report::{Counts, Report};
use snapshot::Snapshot;

/// The default pause between two comparisons.
pub const PAUSE: Duration = Duration::from_secs(2);
/// Up to this many orders are read one by one; for more, reading the lists is faster.
const ONE_BY_ONE: usize = 50;

/// What to compare, and whether to repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What changed within this time is not compared.
    pub grace: SignedDuration,
    /// Only these orders and skus; all if empty.
    pub only: Vec<String>,
    /// Whether to repair.
    pub repair: bool,
    /// The pause between two comparisons.
    pub pause: Duration,
    /// How long to wait until everything is repaired.
    pub within: Duration,
}

/// Compares, and repairs if the options say so.
///
/// # Errors
/// When a service does not answer. A refused repair is part of the report.
pub async fn run(staff: &StaffApi, options: &Options) -> Result<Report> {
    let (snapshot, findings) = compare_twice(staff, options).await?;
    let report = Report::new(&staff.system.stage, options.grace, Counts::of(&snapshot));
    if options.repair && !findings.is_empty() {
        repair::repair(staff, options, findings, report).await
    } else {
        Ok(report.found(findings))
    }
}

/// The findings of a second comparison that a first one had, too.
async fn compare_twice(staff: &StaffApi, options: &Options) -> Result<(Snapshot, Vec<Finding>)> {
    let (snapshot, first) = compare_once(staff, &options.only, options.grace, Progress::Shown).await?;
    if first.is_empty() {
        return Ok((snapshot, first));
    }
    tokio::time::sleep(options.pause).await;
    let (snapshot, second) = compare_once(staff, &options.only, options.grace, Progress::Shown).await?;
    let both = second.into_iter().filter(|finding| first.iter().any(|before| before.is_same(finding)));
    Ok((snapshot, both.collect()))
}

/// Compares everything, or some orders alone if `only` names nothing but a few orders.
async fn compare_once(
    staff: &StaffApi,
    only: &[String],
    grace: SignedDuration,
    progress: Progress,
) -> Result<(Snapshot, Vec<Finding>)> {
    if (1..=ONE_BY_ONE).contains(&only.len()) && only.iter().all(|id| id.starts_with("ord_")) {
        let snapshot = read::some(staff, only, progress).await?;
        let findings = compare::orders(&snapshot, now(), grace);
        return Ok((snapshot, findings));
    }
    let snapshot = read::everything(staff, progress).await?;
    let mut findings = compare(&snapshot, now(), grace);
    findings.retain(|finding| only.is_empty() || only.contains(&finding.subject.to_string()));
    Ok((snapshot, findings))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the comparison is as of now")]
fn now() -> Timestamp {
    Timestamp::now()
}
