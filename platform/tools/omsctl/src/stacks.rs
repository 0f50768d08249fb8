//! The stacks of a local stage: which there are, in which order they come, and one of them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use futures::future::join_all;
use jiff::Timestamp;

use crate::aws::{self, Aws};
use crate::deploy::{self, Outcome, Stack};
use crate::package::{self, SANDBOX};
use crate::repository::Repository;
use crate::system::stack_name;
use crate::terminal::Step;
use crate::{http, template};

const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=unchecked";

/// A new version of one project's stack.
#[derive(Debug, Clone, Default)]
pub struct Version {
    /// The zip of its code, if not the one beside its template.
    pub zip: Option<PathBuf>,
    /// Whether its functions get their code anew, though it is the same.
    pub again: bool,
    /// Parameters of templates that shall differ from what is usual on one machine.
    pub parameters: BTreeMap<String, String>,
}

/// Brings stacks to the emulator that hosts a stage.
pub(crate) struct Deployer<'a> {
    repository: &'a Repository,
    stage: &'a str,
    endpoint: &'a str,
    aws: Aws,
    http: reqwest::Client,
}

impl<'a> Deployer<'a> {
    /// Deploys to a stage of the emulator at `endpoint`.
    pub(crate) async fn new(repository: &'a Repository, stage: &'a str, endpoint: &'a str) -> Result<Self> {
        Ok(Self { repository, stage, endpoint, aws: aws::connect(Some(endpoint)).await, http: http::client()? })
    }

    /// The clients with which it deploys.
    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    /// The platform comes first, because the others find it by parameters; the services need nothing of each other.
    pub(crate) async fn everything(&self, projects: &[String], given: &BTreeMap<String, String>) -> Result<()> {
        let version = Version { parameters: given.clone(), ..Version::default() };
        self.stack("platform", "platform/stacks/platform.yaml", &version).await?;
        self.stack("dead-letters", "platform/stacks/dead-letters.yaml", &version).await?;
        // It tells payments by a parameter where it answers.
        if projects.iter().any(|name| name == SANDBOX) {
            self.project(SANDBOX, &version).await?;
        }
        let others = projects.iter().filter(|name| *name != SANDBOX);
        join_all(others.map(|name| self.project(name, &version))).await.into_iter().try_for_each(|it| it.map(drop))
    }

    /// Deploys one project alone: a service, or what stands beside them.
    pub(crate) async fn project(&self, name: &str, version: &Version) -> Result<Outcome> {
        self.stack(name, &format!("{}/template.yaml", package::folder(name)), version).await
    }

    async fn stack(&self, name: &str, template: &str, version: &Version) -> Result<Outcome> {
        let step = Step::begin(stack_name(self.stage, name));
        let outcome = self.apply(name, &self.repository.path(template), version).await;
        match &outcome {
            Ok(outcome) => step.done(outcome.word()),
            Err(_) => step.failed(),
        }
        outcome
    }

    async fn apply(&self, name: &str, template: &Path, version: &Version) -> Result<Outcome> {
        let text = fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
        let mut parameters = usual_parameters(self.stage, self.endpoint)?;
        parameters.extend(version.parameters.clone());
        let bucket = format!("oms-{}-artifacts", self.stage);
        self.put(&bucket, Vec::new()).await?;
        let parameters = template::declared(&text, &parameters);
        let text = if template::needs_code(&text) {
            let key = self.uploaded_code(&bucket, name, version).await?;
            template::with_code_at(&text, &bucket, &key)
        } else {
            text
        };
        let uploaded = format!("{bucket}/templates/{name}.yaml");
        self.put(&uploaded, text.into_bytes()).await?;
        let template_url = format!("{}/{uploaded}", self.endpoint);
        let stack = Stack { name: stack_name(self.stage, name), template_url, parameters };
        deploy::apply(&self.aws.cloudformation(), &stack).await
    }

    /// Returns the key under which the code is in the bucket.
    async fn uploaded_code(&self, bucket: &str, name: &str, version: &Version) -> Result<String> {
        let path = version.zip.clone().unwrap_or_else(|| package::zip_path(self.repository, name));
        let zip = fs::read(&path)
            .with_context(|| format!("there is no {}: build it first (just build-local)", path.display()))?;
        let mut key = package::key(name, &zip);
        if version.again {
            // Another name is new code to CloudFormation, whatever is in it.
            key = format!("{}-{key}", now().as_nanosecond());
        }
        self.put(&format!("{bucket}/{key}"), zip).await?;
        Ok(key)
    }

    /// A PUT needs no S3 client: the emulator believes whoever names its root key, and checks no signature of it.
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

#[expect(clippy::disallowed_methods, reason = "this is the rim: a name that was not used before")]
fn now() -> Timestamp {
    Timestamp::now()
}
