//! Tests what is deployed: each project alone, side by side, then the whole system, on emulators that enforce IAM.
//!
//! Whatever ends it (success, a failed test, Ctrl-C), no emulator and no test process stays behind. If it fails, what
//! the stages logged is in `.oms/failed-STAGE.log`.

mod plan;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::future::try_join_all;
use futures::stream::{FuturesOrdered, StreamExt};

use crate::build::{self, Profile};
use crate::emulator::{self, Emulator};
use crate::package;
use crate::process::{Process, until_interrupted};
use crate::repository::{Repository, remove, write_private};

use plan::{Alone, Deployment, description, descriptions};
pub use plan::{DEFAULT_PORT, Plan};

/// The project with the tests of the whole system.
const SYSTEM_TESTS: &str = "platform/tests/system";
/// The tests of the system that run after all others.
const LAST_TESTS: &str = "at_the_end::";
/// How long the log of a failed stage is waited for.
const LOGS_WITHIN: Duration = Duration::from_secs(30);

/// Carries out a plan.
///
/// # Errors
/// When compiling, deploying or a test fails, or a signal interrupts it.
pub async fn run(repository: &Repository, plan: &Plan) -> Result<()> {
    let outcome = until_interrupted(everything(repository, plan)).await;
    if outcome.is_err() {
        for deployment in plan.deployments() {
            // A second Ctrl-C, or a stage that does not answer, must not keep the emulators from being stopped.
            let kept = until_interrupted(keep_log(repository, deployment));
            match tokio::time::timeout(LOGS_WITHIN, kept).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => eprintln!("── no log of stage {}: {error:#}", deployment.stage),
                Err(_) => eprintln!("── no log of stage {}: it did not answer in time", deployment.stage),
            }
        }
    }
    let stopped = stop_all(repository, plan);
    if let (Err(_), Err(error)) = (&outcome, &stopped) {
        eprintln!("── {error:#}");
    }
    outcome.and(stopped)
}

async fn everything(repository: &Repository, plan: &Plan) -> Result<()> {
    build(repository, plan).await?;
    stop_all(repository, plan)?;
    each_alone(repository, plan).await?;
    if plan.system.is_empty() {
        return Ok(());
    }
    stop_all(repository, plan)?;
    let outcome = whole_system(repository, plan).await;
    outcome.context("the tests of the system failed; to run them again, run `just test-deployed system`")
}

async fn build(repository: &Repository, plan: &Plan) -> Result<()> {
    let since = Instant::now();
    if !plan.system.is_empty() {
        cargo(repository, SYSTEM_TESTS, ["build", "--locked", "--test", "system"]).run().await?;
    }
    build::build(repository, &plan.build, Profile::DevWithTests).await?;
    report("built", since.elapsed());
    Ok(())
}

/// Tests the projects side by side and prints their output one after the other.
async fn each_alone(repository: &Repository, plan: &Plan) -> Result<()> {
    let mut running: FuturesOrdered<_> = plan.alone.iter().map(|alone| tested_alone(repository, alone)).collect();
    let mut failed = Vec::new();
    while let Some(tested) = running.next().await {
        std::io::stderr().write_all(&fs::read(repository.oms(&log_name(tested.alone))).unwrap_or_default())?;
        match tested.outcome {
            Ok(()) => report(format!("{}, deployed alone", tested.alone.project), tested.took),
            Err(error) => {
                eprintln!("── {}, deployed alone: {error:#}", tested.alone.project);
                failed.push(tested.alone.project.as_str());
            }
        }
    }
    if !failed.is_empty() {
        bail!(
            "the tests of {} failed; to run them again, run `just test-deployed {}`",
            failed.join(", "),
            failed.join(" ")
        );
    }
    Ok(())
}

struct Tested<'a> {
    alone: &'a Alone,
    outcome: Result<()>,
    took: Duration,
}

async fn tested_alone<'a>(repository: &Repository, alone: &'a Alone) -> Tested<'a> {
    let since = Instant::now();
    let outcome = test_alone(repository, alone).await;
    Tested { alone, outcome, took: since.elapsed() }
}

async fn test_alone(repository: &Repository, alone: &Alone) -> Result<()> {
    let log = File::create(repository.oms(&log_name(alone)))?;
    let deployment = &alone.deployment;
    up(deployment, &["--only", &alone.project])?.output_to(&log)?.without_output().run().await?;
    describe(repository, deployment).await?;
    let targets = alone.targets.iter().flat_map(|target| ["--test", target.as_str()]);
    let test = cargo(repository, &package::folder(&alone.project), ["test"].into_iter().chain(targets));
    test.env("OMS_ENV", &descriptions(repository, [deployment])?).output_to(&log)?.run().await
}

/// Each test has one of the stages for itself, since it may kill what runs in it.
async fn whole_system(repository: &Repository, plan: &Plan) -> Result<()> {
    let since = Instant::now();
    try_join_all(plan.system.iter().map(|it| deploy(repository, it))).await?;
    let count = plan.system.len();
    report(format!("{count} stages of the system"), since.elapsed());

    let stages = descriptions(repository, &plan.system)?;
    let side_by_side = format!("--test-threads={count}");
    system_tests(repository, &stages, &[&side_by_side, "--skip", LAST_TESTS]).await?;
    system_tests(repository, &stages, &["--test-threads=1", LAST_TESTS]).await?;
    report("the system", since.elapsed());
    Ok(())
}

async fn deploy(repository: &Repository, deployment: &Deployment) -> Result<()> {
    up(deployment, &[])?.without_output().run().await?;
    describe(repository, deployment).await
}

async fn system_tests(repository: &Repository, stages: &OsStr, arguments: &[&str]) -> Result<()> {
    let arguments = ["test", "--test", "system", "--"].into_iter().chain(arguments.iter().copied());
    cargo(repository, SYSTEM_TESTS, arguments).env("OMS_ENV", stages).run().await
}

/// Writes the description of a stage, with tokens, to the file that the tests read.
async fn describe(repository: &Repository, deployment: &Deployment) -> Result<()> {
    let output = omsctl(["env", "--stage", &deployment.stage, "--json", "--tokens"])?.output().await?;
    write_private(&repository.oms(&description(deployment)), &output.stdout)
}

/// Writes what a stage logged to a file, if the stage still runs.
async fn keep_log(repository: &Repository, deployment: &Deployment) -> Result<()> {
    let stage = deployment.stage.as_str();
    let name = format!("failed-{stage}.log");
    remove(&repository.oms(&name))?;
    if repository.stage(stage)?.is_none() {
        return Ok(());
    }
    if let Ok(output) = omsctl(["logs", "--stage", stage, "--since", "1h", "--json"])?.output().await {
        write_private(&repository.oms(&name), &output.stdout)?;
        eprintln!("── failed; to see what stage {stage} logged, run `less .oms/{name}`");
    }
    Ok(())
}

/// Stops the emulators of the plan's stages, and what a run that was killed left on their ports.
fn stop_all(repository: &Repository, plan: &Plan) -> Result<()> {
    let _lock = repository.lock()?;
    let mut ports: BTreeSet<u16> = plan.ports.clone().collect();
    let mut outcome = Ok(());
    for deployment in plan.deployments() {
        // If another program uses the planned port, the emulator has the next free one.
        match repository.stage(&deployment.stage) {
            Ok(known) => ports.extend(known.map(|known| known.port)),
            Err(error) => outcome = outcome.and(Err(error)),
        }
    }
    for port in ports {
        // One that does not stop must not keep the others running.
        outcome = outcome.and(stop(repository, port));
    }
    outcome
}

fn stop(repository: &Repository, port: u16) -> Result<()> {
    let stopped = Emulator::find(repository, port).and_then(|found| match found {
        Some(emulator) => emulator.stop(repository),
        None => emulator::forget(repository, port),
    });
    stopped.with_context(|| format!("the emulator on port {port} did not stop; run `omsctl down --port {port}`"))
}

fn up(deployment: &Deployment, more: &[&str]) -> Result<Process> {
    let port = deployment.port.to_string();
    omsctl(["up", "--stage", &deployment.stage, "--port", &port, "--auth"].iter().chain(more))
}

/// A child with this very program, so that its output can go to a file.
fn omsctl<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Result<Process> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(Process::new(program, arguments))
}

fn cargo<I: IntoIterator<Item: AsRef<OsStr>>>(repository: &Repository, folder: &str, arguments: I) -> Process {
    Process::new("cargo", arguments).folder(&repository.path(folder))
}

fn log_name(alone: &Alone) -> String {
    format!("alone-{}.log", alone.project)
}

fn report(what: impl Display, took: Duration) {
    eprintln!("── {what}: {} s", took.as_secs());
}
