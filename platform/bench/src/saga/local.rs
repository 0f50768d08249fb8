//! The system on this machine that a benchmark starts for itself, and stops.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use omsctl::aws::Aws;
use omsctl::client::Client;
use omsctl::emulator::Emulator;
use omsctl::package::{self, SANDBOX};
use omsctl::repository::Repository;
use omsctl::system::System;
use omsctl::terminal::Step;
use omsctl::up;

/// The stage of the benchmark.
const STAGE: &str = "bench";
/// What takes part in an order; the watcher, which validates events for developers, does not.
pub const SERVICES: [&str; 4] = ["inventory", "notifications", "orders", "payments"];

/// How our services were compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As `just up` does.
    Dev,
    /// As they ship.
    Release,
}

impl Profile {
    /// The folder of cargo's target directory with its binaries.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }

    /// For the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "local build, not optimised",
            Self::Release => "release build",
        }
    }
}

/// The benchmark's stage.
pub struct Local {
    /// This checkout.
    pub repository: Repository,
    /// What runs.
    pub system: System,
    /// The emulator's AWS clients.
    pub aws: Aws,
    /// The demo users, signed in.
    pub client: Client,
    /// How our services were compiled.
    pub profile: Profile,
    emulator: Emulator,
}

impl Local {
    /// Compiles our services and starts them on an emulator of their own. Where `functions` is given, functions call AWS
    /// there, and their policies are enforced, which gives each an access key of its own.
    ///
    /// # Errors
    /// When they do not compile, the stage or the port is in use, or a stack fails.
    pub async fn start(port: u16, profile: Profile, functions: Option<String>) -> Result<Self> {
        let repository = Repository::find()?;
        refuse_what_runs(&repository, port)?;
        build(&repository, profile)?;
        let options = up::Options {
            stage: STAGE.to_owned(),
            only: SERVICES.map(str::to_owned).to_vec(),
            port: Some(port),
            auth: functions.is_some(),
            functions_endpoint: functions,
            ..up::Options::default()
        };
        let started = Self::started(&repository, profile, &options).await;
        if started.is_err() {
            stop_stage(&repository)?;
        }
        started
    }

    async fn started(repository: &Repository, profile: Profile, options: &up::Options) -> Result<Self> {
        let system = up::run(repository, options).await?;
        let aws = system.connect().await;
        let client = Client::sign_in(repository, &aws, system.clone()).await?;
        let emulator = running(repository)?.context("the emulator has stopped")?;
        Ok(Self { repository: repository.clone(), system, aws, client, profile, emulator })
    }

    /// The emulator's base URL.
    pub fn endpoint(&self) -> String {
        self.emulator.endpoint()
    }

    /// Stops the emulator with all that runs on it.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn stop(&self) -> Result<()> {
        self.emulator.stop(&self.repository)
    }
}

fn stop_stage(repository: &Repository) -> Result<()> {
    running(repository)?.map_or(Ok(()), |emulator| emulator.stop(repository))
}

/// The emulator of the benchmark's stage.
fn running(repository: &Repository) -> Result<Option<Emulator>> {
    let Some(known) = repository.stage(STAGE)? else { return Ok(None) };
    Emulator::find(repository, known.port)
}

/// The benchmark stops its emulator at the end, so nothing else may be on it.
fn refuse_what_runs(repository: &Repository, port: u16) -> Result<()> {
    if running(repository)?.is_some() {
        bail!("stage {STAGE} already runs; to stop it, run `just down --stage {STAGE}`");
    }
    if Emulator::find(repository, port)?.is_some() {
        bail!("an emulator of this checkout already runs on port {port}; choose another with --port");
    }
    Ok(())
}

fn build(repository: &Repository, profile: Profile) -> Result<()> {
    let projects: Vec<String> = SERVICES.iter().chain(&[SANDBOX]).map(|name| (*name).to_owned()).collect();
    let step = Step::begin(format!("our services, {}", profile.name()));
    for project in &projects {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet"]).current_dir(repository.path(&package::folder(project)));
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        if !cargo.status().context("cannot run cargo")?.success() {
            bail!("{project} does not compile");
        }
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository.path("target"), PathBuf::from);
    package::package_all(repository, &target.join(profile.folder()), &projects)?;
    step.done("built");
    Ok(())
}
