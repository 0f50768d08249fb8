//! Brings up a local stage, from an empty machine to a running system; safe to run again.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Result, bail};

use crate::build::{self, Profile};
use crate::cloudformation::Outcome;
use crate::emulator::{DEFAULT_PORT, Emulator};
use crate::package::{self, REGISTRY, SANDBOX};
use crate::parameters::Rules;
use crate::repository::{LocalStage, Repository};
use crate::stacks::{InstallOptions, Installer, templates};
use crate::system::{self, System};
use crate::terminal::{Step, note};
use crate::users;
use crate::wrong::WrongArgument;

/// The parameter from which a template reads the gateway's URL.
const GATEWAY: &str = "/oms/${Stage}/gateway/url";

/// Which stage to bring up, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Such as `local`.
    pub stage: String,
    /// Only these services; all if empty.
    pub only: Vec<String>,
    /// The emulator's port, if not the stage's last one or the default one.
    pub port: Option<u16>,
    /// Whether the emulator enforces IAM policies.
    pub auth: bool,
    /// Template parameters that differ from the local values.
    pub parameters: BTreeMap<String, String>,
    /// Whether to compile and zip first what is installed.
    pub build: bool,
    /// Where the functions find AWS, if not at the emulator itself: such as a proxy that counts their requests.
    pub functions_endpoint: Option<String>,
}

/// Starts the emulator if it does not run, installs every stack, creates the demo users.
///
/// # Errors
/// When the emulator does not start or a stack fails. Another run continues from there.
pub async fn run(repository: &Repository, options: &Options) -> Result<System> {
    check_stage(&options.stage)?;
    let projects = chosen(repository, &options.only)?;
    Rules::read(repository, templates(&projects))?.check(&options.parameters)?;
    if options.build {
        let with_code: Vec<String> = projects.iter().filter(|name| *name != REGISTRY).cloned().collect();
        build::build(repository, &with_code, Profile::Dev).await?;
    }
    let _one_at_a_time = repository.lock_stage(&options.stage)?;
    let (emulator, known) = hosted(repository, options).await?;

    let endpoint = emulator.endpoint();
    let installer = Installer::new(repository, &options.stage, &endpoint).await?;
    installer.everything(&projects, &options.parameters).await?;

    let aws = installer.aws();
    let system = System::discover(aws, &options.stage, Some(&endpoint), &package::projects(repository)?).await?;
    let passwords = users::create(aws, &system.identity, &known.passwords).await?;
    repository.remember(&options.stage, &LocalStage { passwords, ..known })?;
    Ok(System { users: users::known(aws, &system.identity).await?, ..system })
}

/// Installs one project on a stage that is up, and changes nothing else of the stage.
///
/// # Errors
/// When the stage is not on this machine, the project does not exist, or its stack fails.
pub async fn install(repository: &Repository, stage: &str, project: &str, options: &InstallOptions) -> Result<Outcome> {
    let project = chosen(repository, &[project.to_owned()])?.into_iter().find(|name| name == project);
    Rules::read(repository, project.as_ref().map(package::template))?.check(&options.parameters)?;
    let _one_at_a_time = repository.lock_stage(stage)?;
    let (_, endpoint) = system::locate(repository, stage).await?;
    let (Some(project), Some(endpoint)) = (project, endpoint) else {
        bail!("stage {stage} is not on this machine; to deploy it to AWS, run `just deploy {stage} gateway=…`");
    };
    Installer::new(repository, stage, &endpoint).await?.project(&project, options).await
}

/// Starts or finds the emulator that hosts the stage; returns it with the stage's stored state.
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

/// A stage stays on its emulator: the stored port wins over the one in `options`. If that emulator no longer runs, the
/// next one gets its port, unless `options` has another.
async fn start(repository: &Repository, options: &Options) -> Result<Emulator> {
    let port = match repository.stage(&options.stage)? {
        Some(known) if Emulator::find(repository, known.port)?.is_some() => {
            if options.port.is_some_and(|port| port != known.port) {
                note(format!("stage {} already runs on port {} and stays there", options.stage, known.port));
            }
            known.port
        }
        Some(known) => {
            repository.forget(&options.stage)?;
            options.port.unwrap_or(known.port)
        }
        None => options.port.unwrap_or(DEFAULT_PORT),
    };
    Emulator::start(repository, port, options.auth, options.functions_endpoint.as_deref()).await
}

/// The named projects, and the sandbox gateway if one of them charges; every project if none is named.
fn chosen(repository: &Repository, only: &[String]) -> Result<Vec<String>> {
    let mut all = package::deployable(repository)?;
    let named = package::choose(&all, only)?;
    let charges = |name: &String| {
        let template = repository.path(&package::folder(name)).join("template.yaml");
        fs::read_to_string(template).is_ok_and(|text| text.contains(GATEWAY))
    };
    let one_charges = named.iter().any(charges);
    all.retain(|name| named.contains(name) || name == SANDBOX && one_charges);
    Ok(all)
}

/// The templates have the same rule; checking it here fails before anything starts.
pub(crate) fn check_stage(stage: &str) -> Result<()> {
    let allowed = |text: &str| text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    if !(2..=12).contains(&stage.len()) || !stage.starts_with(|it: char| it.is_ascii_lowercase()) || !allowed(stage) {
        bail!(WrongArgument(format!(
            "a stage name must have 2 to 12 lower-case letters or digits and begin with a letter (was {stage:?})"
        )));
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

    const CHARGES: &str = "GATEWAY_URL: !Sub '{{resolve:ssm:/oms/${Stage}/gateway/url}}'";
    const SANDBOX_FOLDER: &str = "platform/local/sandbox-gateway";

    #[test]
    fn without_a_choice_every_project_of_the_checkout_is_installed() {
        let templates = [("services/orders", ""), ("services/new", ""), ("platform/watcher", ""), ("contracts", "")];
        let (_folder, repository) = checkout(&templates);
        assert_eq!(chosen(&repository, &[]).unwrap(), names(&["new", "orders", "watcher", "contracts"]));
        assert_eq!(chosen(&repository, &names(&["orders"])).unwrap(), names(&["orders"]));
        assert_eq!(package::projects(&repository).unwrap(), names(&["new", "orders", "watcher"]), "no code");
    }

    #[test]
    fn a_service_that_charges_brings_the_sandbox_gateway_along() {
        let (_folder, repository) =
            checkout(&[("services/a", ""), ("services/charges", CHARGES), (SANDBOX_FOLDER, "")]);
        for (only, expected) in
            [(vec!["charges"], vec!["charges", SANDBOX]), (vec!["a"], vec!["a"]), (vec![SANDBOX], vec![SANDBOX])]
        {
            assert_eq!(chosen(&repository, &names(&only)).unwrap(), names(&expected));
        }
    }

    #[test]
    fn an_unknown_service_is_an_error_that_lists_the_known_ones() {
        let (_folder, repository) = checkout(&[("services/orders", ""), ("services/payments", "")]);
        let error = chosen(&repository, &names(&["payment"])).unwrap_err();
        assert_eq!(error.to_string(), "there is no project payment; choose from: orders, payments");
    }

    #[test]
    fn a_stage_name_that_the_templates_would_refuse_is_refused_first() {
        for allowed in ["local", "t1", "onlyorders"] {
            check_stage(allowed).unwrap();
        }
        for refused in ["", "x", "Local", "1st", "orders-alone", "averylongstage"] {
            check_stage(refused).unwrap_err();
        }
    }
}
