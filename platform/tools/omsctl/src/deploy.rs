//! Deploys a stage to AWS: compiles what has code, then `sam deploy`, stack after stack.
//!
//! A stage of this machine comes up by [`crate::up`] instead, from the same templates.

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;

use anyhow::{Result, bail};

use crate::aws_cli::Cli;
use crate::build::{self, Architecture, Profile};
use crate::package::{self, REGISTRY, SANDBOX, WATCHER};
use crate::parameters::{Override, Rules};
use crate::process::{Process, until_interrupted};
use crate::repository::Repository;
use crate::stacks::PLATFORM;
use crate::system::stack_name;
use crate::template;
use crate::up::check_stage;
use crate::wrong::WrongArgument;

pub(crate) mod present;
mod production;

/// What a stage asks for money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gateway {
    /// The gateway that simulates a payment provider; it moves no money.
    Sandbox,
    /// Stripe, or another gateway with Stripe's API at `GatewayUrl`.
    Stripe,
}

impl FromStr for Gateway {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "stripe" => Ok(Self::Stripe),
            other => Err(format!("gateway must be sandbox or stripe (was {other:?})")),
        }
    }
}

/// What is to be deployed.
#[derive(Debug, Clone)]
pub struct Request {
    /// Such as `prod`.
    pub stage: String,
    /// Parts of the stage; all of them if none is named.
    pub parts: Vec<String>,
    /// The payment gateway; a whole stage has no default.
    pub gateway: Option<Gateway>,
    /// Whether the watcher validates every event on the bus.
    pub watcher: bool,
    /// Template parameters.
    pub parameters: BTreeMap<String, String>,
}

/// A part of a stage, with its template.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    template: String,
    has_code: bool,
}

/// Deploys the named parts of a stage; all of them, as far as the request wants them, if none is named.
///
/// # Errors
/// When a tool is missing, a part is unknown, a stage of production lacks something, or compiling or deploying fails.
pub async fn run(repository: &Repository, request: &Request) -> Result<()> {
    check_stage(&request.stage)?;
    let all = all_parts(repository)?;
    refuse_part(&request.stage, &all)?;
    let parts = select(&all, request)?;
    let rules = Rules::read(repository, parts.iter().map(|part| part.template.clone()))?;
    production::check(request, &rules)?;
    find_sam().await?;
    let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
    let parameters = production::settle(&Cli, request, &names, &rules).await?;
    let projects: Vec<String> = parts.iter().filter(|part| part.has_code).map(|part| part.name.clone()).collect();
    build::build(repository, &projects, Profile::Release).await?;
    let architecture = build::architecture().await;
    until_interrupted(async {
        for part in &parts {
            eprintln!("── {}", stack_name(&request.stage, &part.name));
            let text = fs::read_to_string(repository.path(&part.template))?;
            let arguments = arguments(&request.stage, part, architecture, &template::declared(&text, &parameters));
            Process::new("sam", arguments).in_the_region().folder(&repository.path("")).run().await?;
        }
        Ok(())
    })
    .await
}

async fn find_sam() -> Result<()> {
    if Process::new("sam", ["--version"]).output().await.is_err() {
        bail!(
            "`sam` is missing. Deploying needs the AWS SAM CLI and the AWS CLI, and credentials of an AWS account in the \
             environment or in a profile (AWS_PROFILE, AWS_REGION). Building for arm64 also needs cargo-lambda and the \
             Rust target. docs/deploying.md says how to install them"
        );
    }
    Ok(())
}

/// The template of a part, relative to the root.
///
/// # Errors
/// When there is no such part; the message lists the others.
pub(crate) fn template_of(repository: &Repository, part: &str) -> Result<String> {
    let all = templates(repository)?;
    let known: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
    package::choose(&known, &[part.to_owned()])?;
    Ok(all.into_iter().find(|(name, _)| name == part).map(|(_, template)| template).unwrap_or_default())
}

/// The parts of a stage with their templates, relative to the root.
///
/// # Errors
/// When `services/` cannot be read.
pub(crate) fn templates(repository: &Repository) -> Result<Vec<(String, String)>> {
    Ok(all_parts(repository)?.into_iter().map(|part| (part.name, part.template)).collect())
}

/// Every part of this checkout, in the order of deployment: the registry comes last, since nothing needs it.
fn all_parts(repository: &Repository) -> Result<Vec<Part>> {
    let platform = PLATFORM.iter().map(|(name, template)| Part {
        name: (*name).to_owned(),
        template: (*template).to_owned(),
        has_code: false,
    });
    let mut projects = package::deployable(repository)?;
    // Payments reads the sandbox gateway's URL from a parameter of that stack.
    projects.sort_by_key(|name| (name == REGISTRY, name != SANDBOX));
    let projects =
        projects.into_iter().map(|name| Part { template: package::template(&name), has_code: name != REGISTRY, name });
    Ok(platform.chain(projects).collect())
}

/// The stage comes first. A part in its place would become a whole stage of that name.
fn refuse_part(stage: &str, all: &[Part]) -> Result<()> {
    if all.iter().any(|part| part.name == stage) {
        bail!(WrongArgument(format!(
            "{stage} is a part, not a stage. To deploy it, run `omsctl deploy STAGE {stage}`"
        )));
    }
    Ok(())
}

fn select(all: &[Part], request: &Request) -> Result<Vec<Part>> {
    let known: Vec<String> = all.iter().map(|part| part.name.clone()).collect();
    let chosen = package::choose(&known, &request.parts)?;
    if request.watcher && !chosen.iter().any(|part| part == WATCHER) {
        bail!(WrongArgument(format!(
            "{} alone would be deployed: leave out watcher=on, or name watcher as a part, too",
            chosen.join(", ")
        )));
    }
    let on_request = |part: &Part| match part.name.as_str() {
        SANDBOX => request.gateway == Some(Gateway::Sandbox),
        WATCHER => request.watcher,
        _ => true,
    };
    let wanted = |part: &&Part| chosen.contains(&part.name) && (!request.parts.is_empty() || on_request(part));
    Ok(all.iter().filter(wanted).cloned().collect())
}

/// SAM passes on only those parameters that the template declares.
fn arguments(
    stage: &str,
    part: &Part,
    architecture: Architecture,
    parameters: &BTreeMap<String, String>,
) -> Vec<String> {
    let stack = stack_name(stage, &part.name);
    let (stage, architecture) = (format!("Stage={stage}"), format!("Architecture={}", architecture.parameter()));
    let arguments = [
        "deploy",
        "--template-file",
        &part.template,
        "--stack-name",
        &stack,
        "--resolve-s3",
        "--capabilities",
        "CAPABILITY_IAM",
        "CAPABILITY_NAMED_IAM",
        "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--parameter-overrides",
        &stage,
        "Emulated=false",
        &architecture,
    ];
    let given = parameters.iter().map(|(name, value)| Override(name, value).to_string());
    arguments.into_iter().map(str::to_owned).chain(given).collect()
}

#[cfg(test)]
mod tests;
