//! Whole orders, from POST to COMPLETED: ours and the textbook design's, on one emulator, in one shuffled run.

mod check;
mod counts;
mod document;
pub mod local;
mod measure;
mod report;
pub mod side;
mod textbook;

use anyhow::{Result, bail};
use omsctl::terminal::Step;

use crate::count::proxy::Proxy;
use local::{Local, Profile};
use measure::Plan;
use report::Report;
use side::Side;
use textbook::{Runtime, Textbook};

/// What to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Arguments {
    /// How many orders each design gets one at a time, and again in parallel.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=1000))]
    orders: u16,
    /// How many orders are under way at once when they are placed in parallel.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    at_once: u16,
    /// The port of the emulator that the benchmark starts, and stops when it is done.
    #[arg(long, default_value_t = 4720)]
    port: u16,
    /// Measure our services as they ship (`cargo build --release`) instead of the local build.
    #[arg(long)]
    release: bool,
    /// The order in which the designs take turns.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How the emulator runs the textbook design's functions; `provided` gives both designs the same way to them.
    #[arg(long, value_enum, default_value = "provided")]
    runtime: Runtime,
    /// Instead of measuring, count what an order of each path costs in the textbook design, and write textbook.lock.
    #[arg(long, conflicts_with_all = ["json", "orders", "at_once", "seed", "runtime"])]
    lock: bool,
    /// Write what was measured: the compute time into cost.lock and textbook.lock, the table into docs/performance.md.
    #[arg(long, requires = "release", conflicts_with_all = ["json", "lock"])]
    write: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Measures both designs, prints the result, and stops what it started; or counts what the textbook design costs.
///
/// # Errors
/// When the system does not start, the textbook design is not correct, or nothing could be measured.
pub fn run(arguments: Arguments) -> Result<()> {
    let profile = if arguments.release { Profile::Release } else { Profile::Dev };
    tokio::runtime::Runtime::new()?.block_on(async {
        if arguments.lock {
            let proxy = Proxy::start(&format!("http://127.0.0.1:{}", arguments.port)).await?;
            let local = Local::start(arguments.port, profile, Some(proxy.endpoint.clone())).await?;
            return until_stopped(&local, counts::write(&local, &proxy)).await;
        }
        let local = Local::start(arguments.port, profile, None).await?;
        let Arguments { orders, at_once, seed, runtime, write, json, .. } = arguments;
        let plan = Plan { orders: orders.into(), at_once: at_once.into(), seed };
        let report = until_stopped(&local, measured(&local, plan, runtime)).await?;
        let text = if json { serde_json::to_string_pretty(&report)? + "\n" } else { report.to_string() };
        print!("{text}");
        if write { document::write(&local.repository, &report) } else { Ok(()) }
    })
}

/// Does the work, or is interrupted; whatever happens, no emulator stays behind.
///
/// # Errors
/// What the work returns, or an emulator that cannot be stopped.
pub async fn until_stopped<T>(local: &Local, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let stopped = local.stop();
    let done = done?;
    stopped?;
    Ok(done)
}

async fn measured(local: &Local, plan: Plan, runtime: Runtime) -> Result<Report> {
    let textbook = Textbook::deploy(local, runtime).await?;
    let (ours, theirs) = (Side::ours(local).await?, textbook.side(local).await?);
    let step = Step::begin("the textbook design is correct");
    check::all(local, &textbook, &theirs).await?;
    step.done("checked");

    let step = Step::begin("orders to their end");
    let before = report::load()?;
    let measured = measure::both(local, [&ours, &theirs], plan).await?;
    step.done("measured");
    let dead = textbook.dead_letters().await?;
    if dead > 0 {
        bail!("the textbook design left {dead} dead letters: it was not correct under this load");
    }
    Report::new(measured, plan, [local.profile.name(), runtime.name()], [before, report::load()?])
}
