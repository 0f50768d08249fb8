//! Deploys a stage to AWS: compiles what has code, then `sam deploy`, stack after stack.
//!
//! A stage of this machine comes up by [`crate::up`] instead, from the same templates.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Result, bail};

use crate::build::{self, Architecture, Profile};
use crate::package::{self, REGISTRY, SANDBOX, WATCHER};
use crate::parameters::{Override, Rules};
use crate::process::{Process, until_interrupted};
use crate::repository::Repository;
use crate::stacks::PLATFORM;
use crate::system::stack_name;
use crate::template;
use crate::up::check_stage;

/// The parts of a stage that are deployed only on request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Optional {
    /// The gateway that simulates a payment provider.
    pub sandbox: bool,
    /// The validation of every event on the bus.
    pub watcher: bool,
}

/// A part of a stage, with its template.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    template: String,
    has_code: bool,
}

/// Deploys the named parts of a stage; all of them, as far as `optional` allows, if none is named.
///
/// # Errors
/// When the SAM CLI is missing, a part is unknown, or compiling or deploying fails.
pub async fn run(
    repository: &Repository,
    stage: &str,
    parts: &[String],
    optional: Optional,
    parameters: &BTreeMap<String, String>,
) -> Result<()> {
    check_stage(stage)?;
    let all = all_parts(repository)?;
    refuse_part(stage, &all)?;
    let parts = select(&all, parts, optional)?;
    Rules::read(repository, parts.iter().map(|part| part.template.clone()))?.check(parameters)?;
    if Process::new("sam", ["--version"]).output().await.is_err() {
        bail!(
            "`sam` is missing. Deploying needs the AWS SAM CLI, and credentials of an AWS account in the environment or \
             in a profile (AWS_PROFILE, AWS_REGION). Building for arm64 also needs cargo-lambda and the Rust target. \
             Run `pip install -r .github/deploy-requirements.txt && rustup target add aarch64-unknown-linux-gnu`"
        );
    }
    let projects: Vec<String> = parts.iter().filter(|part| part.has_code).map(|part| part.name.clone()).collect();
    build::build(repository, &projects, Profile::Release).await?;
    let architecture = build::architecture().await;
    until_interrupted(async {
        for part in &parts {
            eprintln!("── {}", stack_name(stage, &part.name));
            let text = fs::read_to_string(repository.path(&part.template))?;
            let arguments = arguments(stage, part, architecture, &template::declared(&text, parameters));
            Process::new("sam", arguments).folder(&repository.path("")).run().await?;
        }
        Ok(())
    })
    .await
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
        bail!("{stage} is a part, not a stage. To deploy it, run `omsctl deploy STAGE {stage}`");
    }
    Ok(())
}

fn select(all: &[Part], names: &[String], optional: Optional) -> Result<Vec<Part>> {
    let known: Vec<String> = all.iter().map(|part| part.name.clone()).collect();
    let chosen = package::choose(&known, names)?;
    let on_request = |part: &Part| match part.name.as_str() {
        SANDBOX => optional.sandbox,
        WATCHER => optional.watcher,
        _ => true,
    };
    let wanted = |part: &&Part| chosen.contains(&part.name) && (!names.is_empty() || on_request(part));
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
mod tests {
    use super::*;

    fn checkout() -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        let projects = ["services/orders", "services/payments", "platform/local/sandbox-gateway", "platform/watcher"];
        for project in projects.into_iter().chain(["contracts"]) {
            fs::create_dir_all(folder.path().join(project)).unwrap();
            fs::write(folder.path().join(project).join("template.yaml"), "").unwrap();
        }
        let repository = Repository::at(folder.path());
        (folder, repository)
    }

    fn deployed(names: &[&str], optional: Optional) -> Vec<String> {
        let (_folder, repository) = checkout();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let parts = select(&all_parts(&repository).unwrap(), &names, optional).unwrap();
        parts.into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn a_whole_stage_comes_in_the_order_in_which_its_parts_need_each_other() {
        let all = Optional { sandbox: true, watcher: true };
        let expected = ["platform", "dead-letters", "sandbox-gateway", "orders", "payments", "watcher", "contracts"];
        assert_eq!(deployed(&[], all), expected);
        assert_eq!(
            deployed(&[], Optional::default()),
            ["platform", "dead-letters", "orders", "payments", "contracts"],
            "a real gateway, and no watcher"
        );
    }

    #[test]
    fn a_named_part_is_deployed_alone() {
        assert_eq!(deployed(&["payments"], Optional::default()), ["payments"]);
        assert_eq!(deployed(&["watcher"], Optional::default()), ["watcher"]);
        assert_eq!(deployed(&["dead-letters", "platform"], Optional::default()), ["platform", "dead-letters"]);
    }

    #[test]
    fn a_part_in_the_place_of_the_stage_is_refused() {
        let (_folder, repository) = checkout();
        let parts = all_parts(&repository).unwrap();
        let error = refuse_part("orders", &parts).unwrap_err();
        assert_eq!(error.to_string(), "orders is a part, not a stage. To deploy it, run `omsctl deploy STAGE orders`");
        assert!(refuse_part("prod", &parts).is_ok());
    }

    #[test]
    fn an_unknown_part_is_an_error_that_lists_the_known_ones() {
        let (_folder, repository) = checkout();
        let parts = all_parts(&repository).unwrap();
        let error = select(&parts, &["order".to_owned()], Optional::default()).unwrap_err();
        assert!(error.to_string().starts_with("there is no project order; choose from: platform, dead-letters, "));
    }

    #[test]
    fn sam_gets_the_stage_and_the_architecture_of_the_build() {
        let (_folder, repository) = checkout();
        let orders = all_parts(&repository).unwrap().into_iter().find(|part| part.name == "orders").unwrap();
        let given = BTreeMap::from([
            ("SenderAddress".to_owned(), "a@b.example".to_owned()),
            ("Note".to_owned(), "a b".to_owned()),
        ]);
        let arguments = arguments("prod", &orders, Architecture::Arm64, &given).join(" ");
        assert!(
            arguments.starts_with("deploy --template-file services/orders/template.yaml --stack-name oms-prod-orders ")
        );
        assert!(arguments.ends_with(
            " --parameter-overrides Stage=prod Emulated=false Architecture=arm64 Note=\"a b\" SenderAddress=a@b.example"
        ));
    }
}
