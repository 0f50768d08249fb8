//! Measures functions beside their peers: CPU time of start, first invocation and message; memory; size.
//!
//! A fake Runtime API and a fake AWS endpoint over TLS play Lambda; each contender is a fresh process on a core of its
//! own, in rounds whose order is shuffled. CPU time counts, since this machine may be busy; wall time is reported beside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

mod aws;
mod contender;
pub mod instructions;
mod process;
mod report;
mod run;
mod runtime_api;
mod tls;
mod valgrind;

use contender::{Contender, Places};
use report::{Measured, Report};
use run::{Bench, Length, live};

/// What to measure, and how often.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Processes of each contender; the order is shuffled in each round.
    #[arg(long, default_value_t = 15)]
    rounds: u32,
    /// Invocations of ten messages after which memory is read; done once for each contender.
    #[arg(long, default_value_t = 1000)]
    invocations: u32,
    /// Measure only these contenders, for example `--only boto3 --only "orders events"`; goals need both.
    #[arg(long, value_name = "CONTENDER")]
    only: Vec<String>,
    /// A folder with the services' bootstraps; without it they are built, as they ship.
    #[arg(long)]
    bin: Option<PathBuf>,
    /// The core that the contenders run on, alone; without it the last one.
    #[arg(long)]
    core: Option<usize>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The bundle that the fake authority is added to.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Within a round: enough for caches and connections to be warm, and for a median.
const ROUND: Length = Length { warm_up: 20, measured: 40 };

/// Measures, and prints what it found.
///
/// # Errors
/// What could not be built or started; failures of contenders are counted and reported.
pub fn run(arguments: &Arguments) -> Result<()> {
    ensure!(arguments.rounds > 0, "--rounds must be at least 1 (was 0)");
    let programs = Programs { profile: Profile::Release, services: &["orders", "payments"], peers: true };
    let (bench, places) = prepared(&programs, arguments.bin.as_deref(), arguments.core)?;
    write_an_order(&bench, &places)?;
    let contenders = chosen(contender::all(&places, &bench.aws.order()?)?, &arguments.only)?;
    let mut measured: Vec<_> = contenders.iter().map(Measured::new).collect::<Result<_>>()?;
    for _ in 0..arguments.rounds {
        for number in shuffled(contenders.len()) {
            measured[number].add(live(&bench, &contenders[number], ROUND), ROUND);
        }
    }
    let long = Length { warm_up: 0, measured: arguments.invocations.max(1) };
    for (contender, measured) in contenders.iter().zip(&mut measured).filter(|(contender, _)| contender.batch.is_some())
    {
        measured.soak(live(&bench, contender, long));
    }
    let report = Report::new(measured, arguments.rounds, arguments.invocations)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    ensure!(!report.has_failures(), "some processes failed; their errors are above");
    Ok(())
}

fn chosen(all: Vec<Contender>, only: &[String]) -> Result<Vec<Contender>> {
    let names: Vec<_> = all.iter().map(|contender| contender.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("--only must be one of {names:?} (was {unknown:?})");
    }
    Ok(all.into_iter().filter(|one| only.is_empty() || only.iter().any(|name| name == one.name)).collect())
}

/// What cargo builds first.
struct Programs {
    profile: Profile,
    services: &'static [&'static str],
    peers: bool,
}

/// How it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// As `just build-local` does.
    Local,
    /// As it ships.
    Release,
}

/// What plays Lambda and AWS, and where the contenders are.
fn prepared(programs: &Programs, bin: Option<&Path>, core: Option<usize>) -> Result<(Bench, Places)> {
    let places = places(programs, bin)?;
    let core = own_core(core)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let aws = aws::Aws::start(runtime.handle())?;
    let folder = tempfile::tempdir()?;
    let bundle =
        fs::read_to_string(SYSTEM_AUTHORITIES).with_context(|| format!("{SYSTEM_AUTHORITIES} cannot be read"))?;
    fs::write(folder.path().join("authorities.pem"), bundle + &aws.authority_pem)?;
    Ok((Bench { runtime, aws, folder, core }, places))
}

/// Has the shipped `api` role write the order that all others read: no fixture can differ from what ships.
fn write_an_order(bench: &Bench, places: &Places) -> Result<()> {
    live(bench, &contender::api(places)?, ROUND).map(drop)
}

fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    fastrand::shuffle(&mut order);
    order
}

/// Takes a core for the contenders, and keeps this process off it.
fn own_core(wanted: Option<usize>) -> Result<usize> {
    let cores = process::cores()?;
    let core = wanted.or(cores.last().copied()).context("no core may be used")?;
    let others: Vec<usize> = cores.iter().copied().filter(|other| *other != core).collect();
    ensure!(cores.contains(&core), "--core must be one of {cores:?} (was {core})");
    ensure!(!others.is_empty(), "two cores are needed: one for the contenders, one for what they talk to");
    process::pin(0, &others)?;
    Ok(core)
}

fn places(programs: &Programs, bin: Option<&Path>) -> Result<Places> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    if programs.peers {
        build(&root.join("platform/bench"), programs.profile, &["--bin", "bench-floor"])?;
    }
    if bin.is_none() {
        for service in programs.services {
            build(&root.join("services").join(service), programs.profile, &[])?;
        }
    }
    let built = target(&root).join(match programs.profile {
        Profile::Local => "debug",
        Profile::Release => "release",
    });
    let python = root.join(".oms/venv/bin/python");
    let services = bin.map_or_else(|| built.clone(), Path::to_owned);
    Ok(Places { root, services, peers: built, python })
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: cargo's own variable")]
fn target(root: &Path) -> PathBuf {
    std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root.join("target"), PathBuf::from)
}

fn build(folder: &Path, profile: Profile, options: &[&str]) -> Result<()> {
    let cargo: &[&str] = match profile {
        Profile::Local => &["build", "--locked"],
        Profile::Release => &["build", "--locked", "--release"],
    };
    eprintln!("── {}: cargo {}", folder.display(), cargo.join(" "));
    let status = Command::new("cargo").args(cargo).args(options).current_dir(folder).status()?;
    if !status.success() {
        bail!("{} does not compile", folder.display());
    }
    Ok(())
}
