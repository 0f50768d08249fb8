//! Everything that a local stage needs, from an empty machine to a running system; safe to run again.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use futures::future::join_all;

use crate::aws::{self, Aws};
use crate::deploy::{self, Outcome, Stack};
use crate::emulator::{DEFAULT_PORT, Emulator};
use crate::package::{self, SANDBOX};
use crate::repository::{LocalStage, Repository};
use crate::system::{System, stack_name};
use crate::terminal::{Step, note};
use crate::{http, template, users};

const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=unchecked";
/// The one service that calls the sandbox.
const PAYMENTS: &str = "payments";

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
    let _lock = repository.lock()?;
    let projects = chosen(&package::projects(repository)?, &options.only)?;

    let step = Step::begin("emulator");
    let emulator = start(repository, options).await?;
    step.done(&format!("port {}", emulator.port));
    let known =
        repository.stage(&options.stage)?.unwrap_or(LocalStage { port: emulator.port, passwords: BTreeMap::new() });
    repository.remember(&options.stage, &known)?;

    let deployer = Deployer::new(repository, options, &emulator).await?;
    deployer.everything(&projects).await?;

    let system =
        System::discover(&deployer.aws, &options.stage, Some(&deployer.endpoint), &repository.services()?).await?;
    let passwords = users::create(&deployer.aws, &system.identity, &known.passwords).await?;
    repository.remember(&options.stage, &LocalStage { passwords, ..known })?;
    Ok(System { users: users::known(&deployer.aws, &system.identity).await?, ..system })
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

struct Deployer<'a> {
    repository: &'a Repository,
    stage: &'a str,
    endpoint: String,
    aws: Aws,
    http: reqwest::Client,
    parameters: BTreeMap<String, String>,
}

impl<'a> Deployer<'a> {
    async fn new(repository: &'a Repository, options: &'a Options, emulator: &Emulator) -> Result<Self> {
        let endpoint = emulator.endpoint();
        let mut parameters = usual_parameters(&options.stage, &endpoint)?;
        parameters.extend(options.parameters.clone());
        let aws = aws::connect(Some(&endpoint)).await;
        Ok(Self { repository, stage: &options.stage, aws, http: http::client()?, endpoint, parameters })
    }

    /// The platform comes first, because the services find it by parameters; the services need nothing of each other.
    async fn everything(&self, projects: &[String]) -> Result<()> {
        self.stack("platform", self.repository.path("platform/template.yaml")).await?;
        self.stack("dead-letters", self.repository.path("platform/dead-letters.yaml")).await?;
        // It tells payments by a parameter where it answers.
        if projects.iter().any(|name| name == SANDBOX) {
            self.project(SANDBOX).await?;
        }
        let services = projects.iter().filter(|name| *name != SANDBOX);
        join_all(services.map(|name| self.project(name))).await.into_iter().collect()
    }

    async fn project(&self, name: &str) -> Result<()> {
        let folder = self.repository.path(&package::folder(name));
        self.stack(name, folder.join("template.yaml")).await
    }

    async fn stack(&self, name: &str, template: PathBuf) -> Result<()> {
        let step = Step::begin(stack_name(self.stage, name));
        match self.apply(name, &template).await {
            Ok(outcome) => step.done(outcome.word()),
            Err(error) => {
                step.failed();
                return Err(error);
            }
        }
        Ok(())
    }

    async fn apply(&self, name: &str, template: &PathBuf) -> Result<Outcome> {
        let text = fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
        let stack = Stack {
            name: stack_name(self.stage, name),
            parameters: template::declared(&text, &self.parameters),
            template: if template::needs_code(&text) { self.with_uploaded_code(name, &text).await? } else { text },
        };
        deploy::apply(&self.aws.cloudformation(), &stack).await
    }

    async fn with_uploaded_code(&self, name: &str, text: &str) -> Result<String> {
        let path = package::zip_path(self.repository, name);
        let zip = fs::read(&path)
            .with_context(|| format!("there is no {}: build it first (just build-local)", path.display()))?;
        let (bucket, key) = (format!("oms-{}-artifacts", self.stage), package::key(name, &zip));
        self.put(&bucket, Vec::new()).await?;
        self.put(&format!("{bucket}/{key}"), zip).await?;
        Ok(template::with_code_at(text, &bucket, &key))
    }

    /// Two PUTs need no S3 client: the emulator believes whoever names its root key, and checks no signature of it.
    async fn put(&self, path: &str, body: Vec<u8>) -> Result<()> {
        let answer =
            self.http.put(format!("{}/{path}", self.endpoint)).header("authorization", ROOT).body(body).send().await?;
        if !answer.status().is_success() {
            bail!("cannot upload {path}: {} {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }
}

/// What one machine wants of the templates: its own architecture, no waiting, and only what the emulator knows.
fn usual_parameters(stage: &str, endpoint: &str) -> Result<BTreeMap<String, String>> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x86_64",
        "aarch64" => "arm64",
        other => bail!("Lambda runs on x86_64 and arm64, and this machine is {other}"),
    };
    let apis = format!("{endpoint}/_aws/execute-api");
    let usual = [
        ("Stage", stage),
        ("Emulated", "true"),
        ("Architecture", architecture),
        ("ApiBase", &apis),
        // A late answer comes after the client has given up, and neither takes long.
        ("GatewayTimeoutMs", "3000"),
        ("DelayMs", "4500"),
        ("RetryBackoffSeconds", "1"),
    ];
    Ok(usual.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn chosen(projects: &[String], only: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = only.iter().find(|name| !projects.contains(name)) {
        bail!("there is no service {unknown}, only: {}", projects.join(", "));
    }
    let needed = |name: &String| only.contains(name) || name == SANDBOX && only.iter().any(|it| it == PAYMENTS);
    Ok(projects.iter().filter(|name| only.is_empty() || needed(name)).cloned().collect())
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

    #[test]
    fn without_a_choice_every_service_is_deployed() {
        let services = names(&["orders", "payments"]);
        assert_eq!(chosen(&services, &[]).unwrap(), services);
        assert_eq!(chosen(&services, &names(&["orders"])).unwrap(), names(&["orders"]));
    }

    #[test]
    fn payments_brings_its_gateway_along() {
        let projects = names(&["orders", "payments", SANDBOX]);
        assert_eq!(chosen(&projects, &names(&["payments"])).unwrap(), names(&["payments", SANDBOX]));
        assert_eq!(chosen(&projects, &names(&["orders"])).unwrap(), names(&["orders"]));
        assert_eq!(chosen(&projects, &names(&[SANDBOX])).unwrap(), names(&[SANDBOX]));
    }

    #[test]
    fn a_service_that_does_not_exist_is_an_error_that_lists_those_that_do() {
        let error = chosen(&names(&["orders", "payments"]), &names(&["payment"])).unwrap_err();
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
