//! Everything that a local stage needs, from an empty machine to a running system; safe to run again.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Result, bail};

use crate::deploy::Outcome;
use crate::emulator::{DEFAULT_PORT, Emulator};
use crate::package::{self, SANDBOX};
use crate::repository::{LocalStage, Repository};
use crate::stacks::{Deployer, Version};
use crate::system::{self, System};
use crate::terminal::{Step, note};
use crate::users;

/// By this parameter a template finds the gateway.
const GATEWAY: &str = "/oms/${Stage}/gateway/url";

/// What to bring up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The stage's name.
    pub stage: String,
    /// Only these services; all if empty.
    pub only: Vec<String>,
    /// The emulator's port, if not the usual one.
    pub port: Option<u16>,
    /// Whether the emulator enforces IAM policies.
    pub auth: bool,
    /// Parameters of templates that shall differ from what is usual on one machine.
    pub parameters: BTreeMap<String, String>,
}

/// Starts the emulator if need be, deploys every stack, creates the demo users.
///
/// # Errors
/// When the emulator does not start or a stack fails; running it again goes on from there.
pub async fn run(repository: &Repository, options: &Options) -> Result<System> {
    check_stage(&options.stage)?;
    let projects = chosen(repository, &options.only)?;
    let _one_at_a_time = repository.lock_stage(&options.stage)?;
    let (emulator, known) = hosted(repository, options).await?;

    let endpoint = emulator.endpoint();
    let deployer = Deployer::new(repository, &options.stage, &endpoint).await?;
    deployer.everything(&projects, &options.parameters).await?;

    let aws = deployer.aws();
    let system = System::discover(aws, &options.stage, Some(&endpoint), &package::projects(repository)?).await?;
    let passwords = users::create(aws, &system.identity, &known.passwords).await?;
    repository.remember(&options.stage, &LocalStage { passwords, ..known })?;
    Ok(System { users: users::known(aws, &system.identity).await?, ..system })
}

/// Brings a new version of one project to a stage that is up, and touches nothing else of it.
///
/// # Errors
/// When the stage is not hosted here, there is no such project, or its stack fails.
pub async fn deploy(repository: &Repository, stage: &str, project: &str, version: &Version) -> Result<Outcome> {
    let project = chosen(repository, &[project.to_owned()])?.into_iter().find(|name| name == project);
    let _one_at_a_time = repository.lock_stage(stage)?;
    let (_, endpoint) = system::locate(repository, stage).await?;
    let (Some(project), Some(endpoint)) = (project, endpoint) else {
        bail!("the stage {stage} is not of this machine: deploy to AWS with just deploy {stage}");
    };
    Deployer::new(repository, stage, &endpoint).await?.project(&project, version).await
}

/// The emulator that hosts the stage, and what is remembered of the stage.
async fn hosted(repository: &Repository, options: &Options) -> Result<(Emulator, LocalStage)> {
    let _one_at_a_time = repository.lock()?;
    let step = Step::begin("emulator");
    let emulator = start(repository, options).await?;
    step.done(&format!("port {}", emulator.port));
    let fresh = LocalStage { port: emulator.port, passwords: BTreeMap::new() };
    let known = repository.stage(&options.stage)?.unwrap_or(fresh);
    repository.remember(&options.stage, &known)?;
    Ok((emulator, known))
}

/// The port that is remembered for the stage wins: a stage lives in one emulator.
async fn start(repository: &Repository, options: &Options) -> Result<Emulator> {
    let wanted = options.port.unwrap_or(DEFAULT_PORT);
    let port = match repository.stage(&options.stage)? {
        Some(known) if Emulator::find(repository, known.port)?.is_some() => {
            if options.port.is_some_and(|port| port != known.port) {
                note(format!("{} runs on port {} already and stays there", options.stage, known.port));
            }
            known.port
        }
        Some(_) => {
            repository.forget(&options.stage)?;
            wanted
        }
        None => wanted,
    };
    Emulator::start(repository, port, options.auth).await
}

/// What was named, with the gateway if one of them pays; everything if nothing was named.
fn chosen(repository: &Repository, only: &[String]) -> Result<Vec<String>> {
    let mut all = package::deployable(repository)?;
    if let Some(unknown) = only.iter().find(|name| !all.contains(name)) {
        bail!("there is no service {unknown}, only: {}", all.join(", "));
    }
    let pays = |name: &String| {
        let template = repository.path(&package::folder(name)).join("template.yaml");
        fs::read_to_string(template).is_ok_and(|text| text.contains(GATEWAY))
    };
    let one_pays = only.iter().any(pays);
    all.retain(|name| only.is_empty() || only.contains(name) || name == SANDBOX && one_pays);
    Ok(all)
}

/// The rule is the templates' own; here it is told before anything has been started.
fn check_stage(stage: &str) -> Result<()> {
    let allowed = |text: &str| text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    if !(2..=12).contains(&stage.len()) || !stage.starts_with(|it: char| it.is_ascii_lowercase()) || !allowed(stage) {
        bail!("a stage's name has 2 to 12 lower-case letters and digits and begins with a letter: {stage:?} does not");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A checkout with these templates.
    fn checkout(templates: &[(&str, &str)]) -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        for (project, text) in templates {
            let project = folder.path().join(project);
            fs::create_dir_all(&project).unwrap();
            fs::write(project.join("template.yaml"), text).unwrap();
        }
        let repository = Repository::at(folder.path());
        (folder, repository)
    }

    const PAYS: &str = "GATEWAY_URL: !Sub '{{resolve:ssm:/oms/${Stage}/gateway/url}}'";
    const SANDBOX_FOLDER: &str = "platform/local/sandbox-gateway";

    #[test]
    fn without_a_choice_everything_that_is_there_is_deployed() {
        let templates = [("services/orders", ""), ("services/new", ""), ("platform/watcher", ""), ("contracts", "")];
        let (_folder, repository) = checkout(&templates);
        assert_eq!(chosen(&repository, &[]).unwrap(), names(&["new", "orders", "watcher", "contracts"]));
        assert_eq!(chosen(&repository, &names(&["orders"])).unwrap(), names(&["orders"]));
        assert_eq!(package::projects(&repository).unwrap(), names(&["new", "orders", "watcher"]), "no code");
    }

    #[test]
    fn a_service_that_pays_brings_its_gateway_along() {
        let (_folder, repository) = checkout(&[("services/a", ""), ("services/pays", PAYS), (SANDBOX_FOLDER, "")]);
        for (only, expected) in
            [(vec!["pays"], vec!["pays", SANDBOX]), (vec!["a"], vec!["a"]), (vec![SANDBOX], vec![SANDBOX])]
        {
            assert_eq!(chosen(&repository, &names(&only)).unwrap(), names(&expected));
        }
    }

    #[test]
    fn a_service_that_does_not_exist_is_an_error_that_lists_those_that_do() {
        let (_folder, repository) = checkout(&[("services/orders", ""), ("services/payments", "")]);
        let error = chosen(&repository, &names(&["payment"])).unwrap_err();
        assert_eq!(error.to_string(), "there is no service payment, only: orders, payments");
    }

    #[test]
    fn a_stage_that_the_templates_would_refuse_is_refused_first() {
        for allowed in ["local", "t1", "onlyorders"] {
            check_stage(allowed).unwrap();
        }
        for refused in ["", "x", "Local", "1st", "orders-alone", "averylongstage"] {
            check_stage(refused).unwrap_err();
        }
    }
}
