//! Whether orders, payments, the gateway and the stock tell the same story, and what mends it if they do not.
//!
//! - [`world`]: what each side says, as plain data
//! - [`compare`](mod@compare): the comparison, which is pure
//! - [`finding`]: one drift, and the command that mends it
//! - [`read`]: what each side says, through the services' APIs
//! - [`repair`]: the commands, and looking again until all is mended
//!
//! The sides are read one after the other while the system goes on, so one look can be wrong; two looks that agree are
//! not.

pub mod compare;
pub mod finding;
mod read;
mod repair;
pub mod report;
pub mod world;

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use compare::compare;
use finding::Finding;
use read::Progress;
use report::{Counts, Report};
use world::World;

/// How long lies between the two looks, unless one knows better.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// So many orders are asked for one by one; for more of them the lists are faster.
const ONE_BY_ONE: usize = 50;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What moved less than this ago is not compared.
    pub grace: SignedDuration,
    /// Only these orders and skus; all if empty.
    pub only: Vec<String>,
    /// Whether to mend.
    pub repair: bool,
    /// How long lies between two looks.
    pub between: Duration,
    /// How long to wait for it to be mended.
    pub within: Duration,
}

/// Compares, and mends if that is wanted.
///
/// # Errors
/// When a service does not answer. A repair that is refused is part of the report.
pub async fn run(desk: &Desk, options: &Options) -> Result<Report> {
    let (world, findings) = look_twice(desk, options).await?;
    let report = Report::new(&desk.system.stage, options.grace, Counts::of(&world));
    if options.repair && !findings.is_empty() {
        repair::mend(desk, options, findings, report).await
    } else {
        Ok(report.with(findings))
    }
}

/// What does not agree now, and did not a moment ago.
async fn look_twice(desk: &Desk, options: &Options) -> Result<(World, Vec<Finding>)> {
    let (world, first) = look(desk, &options.only, options.grace, Progress::Told).await?;
    if first.is_empty() {
        return Ok((world, first));
    }
    tokio::time::sleep(options.between).await;
    let (world, second) = look(desk, &options.only, options.grace, Progress::Told).await?;
    let both = second.into_iter().filter(|finding| first.iter().any(|before| before.is(finding)));
    Ok((world, both.collect()))
}

/// One look at everything, or at some orders alone if only orders are asked for.
async fn look(
    desk: &Desk,
    only: &[String],
    grace: SignedDuration,
    progress: Progress,
) -> Result<(World, Vec<Finding>)> {
    if (1..=ONE_BY_ONE).contains(&only.len()) && only.iter().all(|id| id.starts_with("ord_")) {
        let world = read::some(desk, only, progress).await?;
        let findings = compare::orders(&world, now(), grace);
        return Ok((world, findings));
    }
    let world = read::everything(desk, progress).await?;
    let mut findings = compare(&world, now(), grace);
    findings.retain(|finding| only.is_empty() || only.contains(&finding.subject.to_string()));
    Ok((world, findings))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: someone compares now")]
fn now() -> Timestamp {
    Timestamp::now()
}
