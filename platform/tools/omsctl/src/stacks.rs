//! Installs the stacks of a local stage on its emulator: all of them in order, or one project alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use futures::future::join_all;
use jiff::Timestamp;

use crate::aws::{self, Aws};
use crate::cloudformation::{self, Outcome, Stack};
use crate::package::{self, SANDBOX};
use crate::repository::Repository;
use crate::system::stack_name;
use crate::terminal::Step;
use crate::{http, template};

/// The stacks that every other stack needs, with their templates, in the order of their installation.
pub(crate) const PLATFORM: [(&str, &str); 2] =
    [("platform", "platform/stacks/platform.yaml"), ("dead-letters", "platform/stacks/dead-letters.yaml")];

/// The templates of the platform and of these projects, relative to the root.
pub(crate) fn templates(projects: &[String]) -> impl Iterator<Item = String> {
    PLATFORM.iter().map(|(_, template)| (*template).to_owned()).chain(projects.iter().map(package::template))
}

/// The authorization of an upload by the emulator's root key.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=unchecked";

/// How a project is installed.
#[derive(Debug, Clone, Default)]
pub struct InstallOptions {
    /// The zip of its code, if not the one that was built.
    pub zip: Option<PathBuf>,
    /// Whether to replace its functions' code even if it is unchanged.
    pub force: bool,
    /// Template parameters that differ from the local values.
    pub parameters: BTreeMap<String, String>,
}

/// A zip, and its name in the bucket.
struct Code {
    key: String,
    zip: Vec<u8>,
}

/// Installs stacks on the emulator that hosts a stage.
pub(crate) struct Installer<'a> {
    repository: &'a Repository,
    stage: &'a str,
    endpoint: &'a str,
    aws: Aws,
    http: reqwest::Client,
}

impl<'a> Installer<'a> {
    /// Installs on a stage of the emulator at `endpoint`.
    pub(crate) async fn new(repository: &'a Repository, stage: &'a str, endpoint: &'a str) -> Result<Self> {
        Ok(Self { repository, stage, endpoint, aws: aws::connect(Some(endpoint)).await, http: http::client()? })
    }

    /// The AWS clients of the stage.
    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    /// Installs the platform first, since the other stacks read its parameters, then the projects side by side.
    pub(crate) async fn everything(&self, projects: &[String], given: &BTreeMap<String, String>) -> Result<()> {
        let options = InstallOptions { parameters: given.clone(), ..InstallOptions::default() };
        for (name, template) in PLATFORM {
            self.stack(name, template, &options).await?;
        }
        // Payments reads the sandbox gateway's URL from a parameter of this stack.
        if projects.iter().any(|name| name == SANDBOX) {
            self.project(SANDBOX, &options).await?;
        }
        let others = projects.iter().filter(|name| *name != SANDBOX);
        join_all(others.map(|name| self.project(name, &options))).await.into_iter().try_for_each(|it| it.map(drop))
    }

    /// Installs one project: a service, or one of the platform's projects.
    pub(crate) async fn project(&self, name: &str, options: &InstallOptions) -> Result<Outcome> {
        self.stack(name, &package::template(name), options).await
    }

    async fn stack(&self, name: &str, template: &str, options: &InstallOptions) -> Result<Outcome> {
        let step = Step::begin(stack_name(self.stage, name));
        let outcome = self.apply(name, &self.repository.path(template), options).await;
        match &outcome {
            Ok(outcome) => step.done(outcome.word()),
            Err(_) => step.failed(),
        }
        outcome
    }

    async fn apply(&self, name: &str, template: &Path, options: &InstallOptions) -> Result<Outcome> {
        let text = fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
        let mut parameters = local_parameters(self.stage, self.endpoint)?;
        parameters.extend(options.parameters.clone());
        let bucket = format!("oms-{}-artifacts", self.stage);
        let parameters = template::declared(&text, &parameters);
        let code = if template::needs_code(&text) { Some(self.code(name, options)?) } else { None };
        let text = code.as_ref().map_or_else(|| text.clone(), |code| template::with_code_at(&text, &bucket, &code.key));
        let text = template::with_parameters_noted(&text, &parameters);
        let (cloudformation, stack_name) = (self.aws.cloudformation(), stack_name(self.stage, name));
        if cloudformation::is_made_of(&cloudformation, &stack_name, &text).await? {
            return Ok(Outcome::Unchanged);
        }
        self.put(&bucket, Vec::new()).await?;
        if let Some(Code { key, zip }) = code {
            self.put(&format!("{bucket}/{key}"), zip).await?;
        }
        let uploaded = format!("{bucket}/templates/{name}.yaml");
        self.put(&uploaded, text.into_bytes()).await?;
        let template_url = format!("{}/{uploaded}", self.endpoint);
        cloudformation::apply(&cloudformation, &Stack { name: stack_name, template_url, parameters }).await
    }

    /// The project's code.
    fn code(&self, name: &str, options: &InstallOptions) -> Result<Code> {
        let path = options.zip.clone().unwrap_or_else(|| package::zip_path(self.repository, name));
        let zip = fs::read(&path)
            .with_context(|| format!("{} does not exist; to build it, run `just build-local`", path.display()))?;
        let mut key = package::key(name, &zip);
        if options.force {
            // CloudFormation replaces code whose key is new, whatever its content is.
            key = format!("{}-{key}", now().as_nanosecond());
        }
        Ok(Code { key, zip })
    }

    /// Uploads without an S3 client: the emulator accepts its root key without checking the signature.
    async fn put(&self, path: &str, body: Vec<u8>) -> Result<()> {
        let answer =
            self.http.put(format!("{}/{path}", self.endpoint)).header("authorization", ROOT).body(body).send().await?;
        if !answer.status().is_success() {
            bail!("cannot upload {path}: {} {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }
}

/// The template parameters of a local stage: this machine's architecture, short waits, only resources that the emulator
/// supports.
fn local_parameters(stage: &str, endpoint: &str) -> Result<BTreeMap<String, String>> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x86_64",
        "aarch64" => "arm64",
        other => bail!("Lambda supports x86_64 and arm64, but this machine is {other}"),
    };
    let sender = format!("orders@{stage}.oms.example");
    let apis = format!("{endpoint}/_aws/execute-api");
    let parameters = [
        ("Stage", stage),
        ("Emulated", "true"),
        ("Production", "false"),
        ("Architecture", architecture),
        ("ApiBase", &apis),
        // SES knows an address once for all stages: the one that goes must not take another's with it.
        ("SenderAddress", &sender),
        // The sandbox's late answers arrive after payments gave up waiting, and both waits are short.
        ("GatewayTimeoutMs", "3000"),
        ("DelayMs", "4500"),
        ("RetryBackoffSeconds", "1"),
        // A demo user orders what many customers would.
        ("OrderMailsPerHour", "1000000"),
    ];
    Ok(parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the key must be new")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests;
