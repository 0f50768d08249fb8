//! `build`, `package`, `zip`, `deploy`, `import-retained` and `test-deployed`: from the sources to bootstraps, to AWS and to the tests of
//! what is deployed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use omsctl::aws_cli::Cli;
use omsctl::build::Profile;
use omsctl::deploy::{Gateway, Request};
use omsctl::package::{Packaged, Work};
use omsctl::parameters::assignment;
use omsctl::repository::Repository;
use omsctl::terminal::table;
use omsctl::{import, package as packaging, test_deployed};

use super::print;

#[derive(Debug, Args)]
pub struct Build {
    /// Services, sandbox-gateway or watcher; all of them if none is named.
    projects: Vec<String>,
    /// Build for AWS: optimised, and for arm64 where this machine can compile that.
    #[arg(long)]
    release: bool,
}

#[derive(Debug, Args)]
pub struct Package {
    /// Services, sandbox-gateway or watcher; all of them if none is named.
    projects: Vec<String>,
    /// The folder in which cargo put the binaries.
    #[arg(long, default_value = "target/debug")]
    binaries: PathBuf,
}

#[derive(Debug, Args)]
pub struct Zip {
    /// The binary.
    binary: PathBuf,
    /// The zip to write.
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Deploy {
    /// The stage on AWS, such as prod.
    stage: String,
    /// Parts of the stage (platform, dead-letters, contracts, a service; all of them if none is named), values of template
    /// parameters, such as `AlarmEmail=ops@example.com`, `gateway=sandbox` or `gateway=stripe` (a whole stage needs one of
    /// them), and `watcher=on` for a stage whose events are all validated.
    #[arg(value_name = "PART|NAME=VALUE", value_parser = Argument::parse)]
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
enum Argument {
    Part(String),
    Gateway(Gateway),
    Watcher(bool),
    Parameter(String, String),
}

impl Argument {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None => Ok(Self::Part(text.to_owned())),
            Some(("gateway", name)) => name.parse().map(Self::Gateway),
            Some(("watcher", "on")) => Ok(Self::Watcher(true)),
            Some(("watcher", "off")) => Ok(Self::Watcher(false)),
            Some(("watcher", other)) => Err(format!("watcher must be on or off (was {other:?})")),
            Some(_) => assignment(text).map(|(name, value)| Self::Parameter(name, value)),
        }
    }
}

impl From<Deploy> for Request {
    fn from(Deploy { stage, arguments }: Deploy) -> Self {
        let mut request = Self { stage, parts: vec![], gateway: None, watcher: false, parameters: BTreeMap::new() };
        for argument in arguments {
            match argument {
                Argument::Part(part) => request.parts.push(part),
                Argument::Gateway(gateway) => request.gateway = Some(gateway),
                Argument::Watcher(watcher) => request.watcher = watcher,
                Argument::Parameter(name, value) => drop(request.parameters.insert(name, value)),
            }
        }
        request
    }
}

#[derive(Debug, Args)]
pub struct ImportRetained {
    /// The stage on AWS, such as prod.
    stage: String,
    /// Platform, dead-letters or a service.
    part: String,
}

#[derive(Debug, Args)]
pub struct TestDeployed {
    /// Services, sandbox-gateway, watcher or system; all of them if none is named.
    names: Vec<String>,
    /// The first port of the tests' emulators; each emulator uses one port.
    #[arg(long, default_value_t = test_deployed::DEFAULT_PORT)]
    port: u16,
}

pub async fn build(arguments: Build) -> Result<()> {
    let repository = Repository::find()?;
    let projects = packaging::choose(&packaging::projects(&repository)?, &arguments.projects)?;
    let profile = if arguments.release { Profile::Release } else { Profile::Dev };
    let packaged = omsctl::build::build(&repository, &projects, profile).await?;
    print(&sizes(projects.iter().map(String::as_str).zip(&packaged)))
}

pub fn package(arguments: &Package) -> Result<()> {
    let repository = Repository::find()?;
    let projects = packaging::choose(&packaging::projects(&repository)?, &arguments.projects)?;
    let packaged = packaging::package_all(&repository, &arguments.binaries, &projects)?;
    print(&sizes(projects.iter().map(String::as_str).zip(&packaged)))
}

pub fn zip(arguments: &Zip) -> Result<()> {
    let packaged = packaging::package(&arguments.binary, &arguments.out)?;
    print(&sizes(std::iter::once((arguments.out.to_string_lossy().as_ref(), &packaged))))
}

pub async fn deploy(arguments: Deploy) -> Result<()> {
    omsctl::deploy::run(&Repository::find()?, &arguments.into()).await
}

pub async fn import_retained(arguments: &ImportRetained) -> Result<()> {
    print(&import::run(&Cli, &Repository::find()?, &arguments.stage, &arguments.part).await?)
}

pub async fn test_deployed(arguments: TestDeployed) -> Result<ExitCode> {
    let repository = Repository::find()?;
    let plan = match test_deployed::Plan::new(&repository, &arguments.names, arguments.port) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("omsctl: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    test_deployed::run(&repository, &plan).await.map(|()| ExitCode::SUCCESS)
}

/// A line for each project that was zipped, and one with the names of those that did not change.
fn sizes<'a>(packaged: impl Iterator<Item = (&'a str, &'a Packaged)>) -> String {
    let (zipped, unchanged): (Vec<_>, Vec<_>) = packaged.partition(|(_, it)| it.work == Work::Zipped);
    let rows: Vec<_> = zipped.into_iter().map(|(name, it)| row(name, it)).collect();
    let sizes = if rows.is_empty() { String::new() } else { table(["PROJECT", "BINARY", "ZIP"], &rows) };
    if unchanged.is_empty() {
        return sizes;
    }
    let names: Vec<&str> = unchanged.into_iter().map(|(name, _)| name).collect();
    format!("{sizes}unchanged, not zipped again: {}\n", names.join(", "))
}

fn row(name: &str, packaged: &Packaged) -> [String; 3] {
    [name.to_owned(), megabytes(packaged.binary_bytes), megabytes(packaged.zip_bytes)]
}

fn megabytes(bytes: u64) -> String {
    // Two decimals by integer arithmetic: hundredths of a megabyte.
    let hundredths = (bytes + 5_000) / 10_000;
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(arguments: &[&str]) -> Request {
        let arguments = arguments.iter().map(|text| Argument::parse(text).unwrap()).collect();
        Deploy { stage: "prod".to_owned(), arguments }.into()
    }

    #[test]
    fn what_follows_the_stage_is_a_part_the_gateway_the_watcher_or_a_parameter() {
        let whole = request(&["gateway=stripe", "AlarmEmail=ops@a.example", "watcher=on"]);
        assert_eq!((whole.gateway, whole.watcher, whole.parts.len()), (Some(Gateway::Stripe), true, 0));
        assert_eq!(whole.parameters["AlarmEmail"], "ops@a.example");
        let part = request(&["payments", "GatewayUrl=https://pay.a.example/?x=1"]);
        assert_eq!((part.gateway, part.watcher, part.parts), (None, false, vec!["payments".to_owned()]));
        assert_eq!(part.parameters["GatewayUrl"], "https://pay.a.example/?x=1");
        for wrong in ["gateway=", "gateway=paypal", "watcher=yes", "=1", "a b=1"] {
            assert!(Argument::parse(wrong).is_err(), "{wrong}");
        }
    }
}
