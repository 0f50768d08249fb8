//! One process of one contender, from its start to its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::aws::Aws;
use super::contender::{BATCH, Contender};
use super::process::{self, cpu_time, pin, resident};
use super::runtime_api::RuntimeApi;

/// Longest wait for a process.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest wait for one below a launcher, which may make it fifty times slower.
const PATIENCE_BELOW: Duration = Duration::from_secs(200);

/// What all processes run against.
pub struct Bench {
    /// What serves.
    pub runtime: Runtime,
    /// What plays AWS.
    pub aws: Aws,
    /// Holds `authorities.pem`, the system's certificate authorities and the fake one's: clients read what they would read
    /// in Lambda.
    pub folder: TempDir,
    /// The core that a process is kept to.
    pub core: usize,
}

impl Bench {
    fn authorities(&self) -> PathBuf {
        self.folder.path().join("authorities.pem")
    }
}

/// How much of a process's life is measured.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// Invocations with a full batch before measuring.
    pub warm_up: u32,
    /// Invocations with a full batch that are measured.
    pub measured: u32,
}

/// CPU time and wall time.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// User and system time of the process.
    pub cpu: Duration,
    /// As a clock on the wall shows it.
    pub wall: Duration,
}

/// What one process has cost.
#[derive(Debug)]
pub struct Life {
    /// From its start to its first poll.
    pub start: Cost,
    /// From there to the second poll.
    pub first: Option<Cost>,
    /// All measured invocations.
    pub warm: Option<Cost>,
    /// Bytes in memory at the end.
    pub resident: u64,
}

/// Runs a process, and ends it.
pub fn live(bench: &Bench, contender: &Contender, length: Length) -> Result<Life> {
    let api = RuntimeApi::start(bench.runtime.handle(), PATIENCE)?;
    let mut log = tempfile::tempfile()?;
    let command = contender.command(&[], &api.address, &bench.aws.url, &bench.authorities());
    let process = Process::start(command, &log, bench.core)?;
    let life = process.measure(bench, &api, contender, length);
    drop(process);
    life.with_context(|| format!("{}: its log ends with\n{}", contender.name, tail(&mut log)))
}

/// Runs a process below `launcher` for this many full batches, and ends it so that the launcher can still report.
pub fn live_below(launcher: &[String], bench: &Bench, contender: &Contender, batches: u32) -> Result<()> {
    let api = RuntimeApi::start(bench.runtime.handle(), PATIENCE_BELOW)?;
    let mut log = tempfile::tempfile()?;
    let command = contender.command(launcher, &api.address, &bench.aws.url, &bench.authorities());
    let mut process = Process::start(command, &log, bench.core)?;
    let batch = contender.batch.as_ref().context("a contender without messages")?;
    let handled = api.polled().and_then(|_| process.invoke(&api, batch, batches));
    process::terminate(process.child.id())?;
    process.child.wait()?;
    handled.map(drop).with_context(|| format!("{}: its log ends with\n{}", contender.name, tail(&mut log)))
}

struct Process {
    child: Child,
    started: Instant,
}

impl Process {
    fn start(mut command: Command, log: &File, core: usize) -> Result<Self> {
        let program = command.get_program().to_owned();
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?).spawn();
        let child = child.with_context(|| format!("{} cannot be started", program.display()))?;
        pin(child.id(), &[core])?;
        Ok(Self { child, started })
    }

    fn measure(&self, bench: &Bench, api: &RuntimeApi, contender: &Contender, length: Length) -> Result<Life> {
        let id = self.child.id();
        let first_poll = api.polled()?;
        let start = Cost { cpu: cpu_time(id)?, wall: first_poll - self.started };
        let first = contender.first.as_ref().map(|event| {
            bench.aws.take_requests();
            let before = cpu_time(id)?;
            let since = Instant::now();
            let answer = api.invoke(event.clone())?;
            let polled = api.polled()?;
            no_failures(&answer)?;
            Ok::<_, anyhow::Error>(Cost { cpu: cpu_time(id)?.saturating_sub(before), wall: polled - since })
        });
        let warm = contender.batch.as_ref().map(|event| {
            self.invoke(api, event, length.warm_up)?;
            bench.aws.take_requests();
            let cost = self.invoke(api, event, length.measured)?;
            two_requests_each(&bench.aws.take_requests(), length.measured)?;
            Ok::<_, anyhow::Error>(cost)
        });
        let (first, warm) = (first.transpose()?, warm.transpose()?);
        Ok(Life { start, first, warm, resident: resident(id)? })
    }

    fn invoke(&self, api: &RuntimeApi, event: &std::sync::Arc<str>, times: u32) -> Result<Cost> {
        let (before, since) = (cpu_time(self.child.id())?, Instant::now());
        for _ in 0..times {
            let answer = api.invoke(event.clone())?;
            api.polled()?;
            no_failures(&answer)?;
        }
        Ok(Cost { cpu: cpu_time(self.child.id())?.saturating_sub(before), wall: since.elapsed() })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("a measured process could not be ended: {error}");
        }
    }
}

fn no_failures(answer: &str) -> Result<()> {
    let answer_value: Value = serde_json::from_str(answer).unwrap_or_default();
    let failed = answer_value["batchItemFailures"].as_array().map_or(0, Vec::len);
    ensure!(failed == 0, "{failed} messages of a batch failed");
    let status = answer_value["statusCode"].as_u64().unwrap_or(200);
    ensure!(status < 400, "the function answers {answer}");
    Ok(())
}

/// A peer that asks for less or more is not one.
fn two_requests_each(requests: &BTreeMap<String, u64>, invocations: u32) -> Result<()> {
    let messages = u64::from(invocations) * u64::from(BATCH);
    let expected = BTreeMap::from([("GetItem".to_owned(), messages), ("PutItem".to_owned(), messages)]);
    ensure!(*requests == expected, "{messages} messages made the requests {requests:?}");
    Ok(())
}

fn tail(log: &mut File) -> String {
    let mut text = String::new();
    let read = log.seek(SeekFrom::Start(0)).and_then(|_| log.read_to_string(&mut text));
    let lines: Vec<&str> = text.lines().collect();
    read.map_or_else(|error| error.to_string(), |_| lines[lines.len().saturating_sub(5)..].join("\n"))
}
