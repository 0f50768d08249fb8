//! What runs in a stage, discovered from its stacks: the one description for the CLI, the demo and every test.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_cloudformation::types::StackResourceSummary;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, AwsContext};
use crate::cloudformation;
use crate::package::{REGISTRY, SANDBOX};
use crate::repository::Repository;
use crate::users::{self, Identity, User};

/// The stacks without a service.
const PLATFORM: &str = "platform";
const DEAD_LETTERS: &str = "dead-letters";

/// A stage as it runs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct System {
    /// Such as `local`.
    pub stage: String,
    /// The AWS region, such as `eu-central-1`.
    pub region: String,
    /// The emulator's base URL for every AWS API; `None` on AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The event bus's name.
    pub bus: String,
    /// The user pool that issues the tokens.
    pub identity: Identity,
    /// The URL where an emulator lists the mail that was sent; `None` on AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The demo users by their first name; none on AWS.
    pub users: BTreeMap<String, User>,
    /// The dead-letter queues by the service whose consumer failed (`orders`, …), or `undeliverable`.
    pub dead_letters: BTreeMap<String, Queue>,
    /// The deployed services by name; also `sandbox-gateway` and `watcher`.
    pub services: BTreeMap<String, Service>,
    /// The outputs of the schema registry's stack, such as the version of the contracts; empty if it is not deployed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contracts: BTreeMap<String, String>,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// The URL for SQS calls.
    pub url: String,
    /// The ARN, as policies and rules name it.
    pub arn: String,
}

/// The resources of one service's stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The base URL of its HTTP API, without a trailing slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The queue that receives its events from the bus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// Its other queues, by what comes after the service's name: notifications has `feedback`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more_queues: BTreeMap<String, Queue>,
    /// Its functions, as name by role: `api`, `events`, `relay`, `sweep`, `dead-letters`.
    pub functions: BTreeMap<String, String>,
    /// Its tables, as full name by short name: `orders`, `stock`, `reservations`, …
    pub tables: BTreeMap<String, String>,
    /// The URL of the payment gateway that its functions call; none but payments call one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

impl System {
    /// The sandbox gateway's base URL, if payments calls it.
    #[must_use]
    pub fn sandbox_in_use(&self) -> Option<&str> {
        let sandbox = self.services.get(SANDBOX)?.api.as_deref()?;
        let gateway = self.services.get("payments")?.gateway.as_deref()?;
        (gateway.trim_end_matches('/') == sandbox).then_some(sandbox)
    }

    /// Discovers what runs in a stage.
    ///
    /// # Errors
    /// When the stage has no platform, or AWS does not answer.
    pub async fn discover(aws: &Aws, stage: &str, endpoint: Option<&str>, projects: &[String]) -> Result<Self> {
        let platform = cloudformation::describe(&aws.cloudformation(), &stack_name(stage, PLATFORM)).await;
        let platform = platform.with_context(|| match endpoint {
            Some(endpoint) => format!("the emulator at {endpoint} does not answer; run `just down` and `just up`"),
            None => format!(
                "stage {stage} is not on this machine, and AWS does not answer; run `aws sts get-caller-identity`"
            ),
        })?;
        if platform.is_none() {
            bail!(
                "stage {stage} has no platform stack; run `just deploy {stage} gateway=…` for AWS, or `just up` for this machine"
            );
        }
        let identity = identity(aws, stage).await?;
        let mut found = BTreeMap::new();
        for name in projects {
            found.extend(service(aws, stage, name, endpoint).await?.map(|service| (name.to_owned(), service)));
        }
        let users = if endpoint.is_some() { users::known(aws, &identity).await? } else { BTreeMap::new() };
        Ok(Self {
            stage: stage.to_owned(),
            region: aws.region(),
            endpoint: endpoint.map(str::to_owned),
            bus: parameter(aws, stage, "bus/name").await?,
            identity,
            mailbox: endpoint.map(|endpoint| format!("{endpoint}/_ministack/ses/messages")),
            users,
            dead_letters: dead_letters(aws, stage).await?,
            services: found,
            contracts: outputs(aws, &stack_name(stage, REGISTRY)).await?,
        })
    }

    /// A service of the stage.
    ///
    /// # Errors
    /// When it is not deployed.
    pub fn service(&self, name: &str) -> Result<&Service> {
        let deployed = || self.services.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.services
            .get(name)
            .with_context(|| format!("stage {} has no service {name}; it has: {}", self.stage, deployed()))
    }

    /// The base URL of a service's HTTP API.
    ///
    /// # Errors
    /// When the service is not deployed or has no API.
    pub fn api(&self, service: &str) -> Result<&str> {
        self.service(service)?.api.as_deref().with_context(|| format!("{service} has no HTTP API"))
    }

    /// The name of a service's function.
    ///
    /// # Errors
    /// When the service is not deployed or has no such role.
    pub fn function(&self, service: &str, role: &str) -> Result<&str> {
        let functions = &self.service(service)?.functions;
        let roles = || functions.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        Ok(functions.get(role).with_context(|| format!("{service} has no role {role}; it has: {}", roles()))?)
    }

    /// Makes the AWS clients for this stage.
    pub async fn connect(&self) -> Aws {
        crate::aws::connect(self.endpoint.as_deref()).await
    }
}

/// The name of a stage's stack.
#[must_use]
pub fn stack_name(stage: &str, part: &str) -> String {
    format!("oms-{stage}-{part}")
}

/// The base URL of an HTTP API, without a trailing slash.
#[must_use]
pub fn api_url(id: &str, region: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => format!("{endpoint}/_aws/execute-api/{id}/$default"),
        None => format!("https://{id}.execute-api.{region}.amazonaws.com"),
    }
}

/// Connects to the emulator that hosts the stage, or to AWS if no emulator of this machine does.
///
/// # Errors
/// When the emulator of the stage no longer runs, or the stage is `local` and was never started.
pub async fn locate(repository: &Repository, stage: &str) -> Result<(Aws, Option<String>)> {
    let endpoint = match repository.stage(stage)? {
        Some(known) => match crate::emulator::Emulator::find(repository, known.port)? {
            Some(emulator) => Some(emulator.endpoint()),
            None => {
                bail!("the emulator of stage {stage} no longer runs; to start it again, run `just up --stage {stage}`")
            }
        },
        None if stage == "local" => bail!("stage local is not running; to start it, run `just up`"),
        None => None,
    };
    Ok((crate::aws::connect(endpoint.as_deref()).await, endpoint))
}

async fn identity(aws: &Aws, stage: &str) -> Result<Identity> {
    Ok(Identity {
        issuer: parameter(aws, stage, "identity/issuer").await?,
        pool_id: parameter(aws, stage, "identity/pool-id").await?,
        client_id: parameter(aws, stage, "identity/client-id").await?,
    })
}

async fn parameter(aws: &Aws, stage: &str, path: &str) -> Result<String> {
    let name = format!("/oms/{stage}/{path}");
    let answer = aws.ssm().get_parameter().name(&name).send().await;
    let value = answer.aws_context(format!("cannot read the parameter {name}"))?.parameter.and_then(|it| it.value);
    value.with_context(|| format!("the parameter {name} has no value"))
}

async fn service(aws: &Aws, stage: &str, name: &str, endpoint: Option<&str>) -> Result<Option<Service>> {
    let stack = stack_name(stage, name);
    if cloudformation::describe(&aws.cloudformation(), &stack).await?.is_none() {
        return Ok(None);
    }
    let mut service = Service::default();
    for resource in resources(aws, &stack).await? {
        let id = resource.physical_resource_id.unwrap_or_default();
        match resource.resource_type.as_deref() {
            Some("AWS::ApiGatewayV2::Api") => service.api = Some(api_url(&id, &aws.region(), endpoint)),
            Some("AWS::Lambda::Function") => drop(service.functions.insert(short(&id, &stack), id)),
            Some("AWS::DynamoDB::Table") => drop(service.tables.insert(short(&id, &format!("oms-{stage}")), id)),
            Some("AWS::SQS::Queue") => {
                let queue = queue(aws, id).await?;
                match short(queue.url.rsplit('/').next().unwrap_or_default(), &stack) {
                    name if name == stack => service.queue = Some(queue),
                    name => drop(service.more_queues.insert(name, queue)),
                }
            }
            Some(_) | None => {}
        }
    }
    if let Some(function) = service.functions.get("events") {
        service.gateway = variable(aws, function, "GATEWAY_URL").await?;
    }
    Ok(Some(service))
}

/// The value that a function's environment has under a name.
async fn variable(aws: &Aws, function: &str, name: &str) -> Result<Option<String>> {
    let answer = aws.lambda().get_function_configuration().function_name(function).send().await;
    let answer = answer.aws_context(format!("cannot read the configuration of {function}"))?;
    let variables = answer.environment.and_then(|environment| environment.variables);
    Ok(variables.and_then(|mut variables| variables.remove(name)))
}

async fn outputs(aws: &Aws, stack: &str) -> Result<BTreeMap<String, String>> {
    let stack = cloudformation::describe(&aws.cloudformation(), stack).await?;
    let outputs = stack.and_then(|stack| stack.outputs).unwrap_or_default();
    Ok(outputs.into_iter().filter_map(|output| Some((output.output_key?, output.output_value?))).collect())
}

async fn dead_letters(aws: &Aws, stage: &str) -> Result<BTreeMap<String, Queue>> {
    let stack = stack_name(stage, DEAD_LETTERS);
    if cloudformation::describe(&aws.cloudformation(), &stack).await?.is_none() {
        return Ok(BTreeMap::new());
    }
    let mut queues = BTreeMap::new();
    for resource in resources(aws, &stack).await? {
        if resource.resource_type.as_deref() == Some("AWS::SQS::Queue") {
            let queue = queue(aws, resource.physical_resource_id.unwrap_or_default()).await?;
            let name = queue.url.rsplit('/').next().unwrap_or_default();
            queues.insert(short(name.trim_end_matches("-dlq"), &format!("oms-{stage}")), queue);
        }
    }
    Ok(queues)
}

pub(crate) async fn resources(aws: &Aws, stack: &str) -> Result<Vec<StackResourceSummary>> {
    let pages = aws.cloudformation().list_stack_resources().stack_name(stack).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.aws_context(format!("cannot list the resources of {stack}"))
}

async fn queue(aws: &Aws, url: String) -> Result<Queue> {
    let request = aws.sqs().get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
    let mut attributes = request.send().await.aws_context(format!("cannot read {url}"))?.attributes.unwrap_or_default();
    let arn = attributes.remove(&QueueAttributeName::QueueArn).context("SQS gave no ARN for the queue")?;
    Ok(Queue { url, arn })
}

/// The name without its prefix: `events` for `oms-local-orders-events` with the prefix `oms-local-orders`.
fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(gateway: &str) -> System {
        let service = |api: &str, gateway: Option<&str>| serde_json::json!({ "api": api, "functions": {}, "tables": {}, "gateway": gateway });
        let identity = serde_json::json!({ "issuer": "i", "poolId": "p", "clientId": "c" });
        serde_json::from_value(serde_json::json!({ "stage": "prod", "region": "eu-central-1", "bus": "b", "users": {},
            "identity": identity, "deadLetters": {}, "services": {
                "payments": service("https://pay.execute-api.eu-central-1.amazonaws.com", Some(gateway)),
                "sandbox-gateway": service("https://sand.execute-api.eu-central-1.amazonaws.com", None) } }))
        .unwrap()
    }

    #[test]
    fn the_sandbox_counts_only_if_payments_calls_it() {
        let sandbox = system("https://sand.execute-api.eu-central-1.amazonaws.com/");
        assert_eq!(sandbox.sandbox_in_use(), Some("https://sand.execute-api.eu-central-1.amazonaws.com"));
        assert_eq!(system("https://api.stripe.com").sandbox_in_use(), None, "one that merely exists is not compared");
    }

    #[test]
    fn a_role_is_the_function_name_without_the_stack_name() {
        assert_eq!(short("oms-local-payments-dead-letters", "oms-local-payments"), "dead-letters");
        assert_eq!(short("made-by-hand", "oms-local-payments"), "made-by-hand");
    }

    #[test]
    fn an_api_is_reached_by_path_on_an_emulator_and_by_host_on_aws() {
        let local = api_url("abc", "us-east-1", Some("http://127.0.0.1:4566"));
        assert_eq!(local, "http://127.0.0.1:4566/_aws/execute-api/abc/$default");
        assert_eq!(api_url("abc", "eu-central-1", None), "https://abc.execute-api.eu-central-1.amazonaws.com");
    }

    #[tokio::test]
    async fn the_stage_local_is_never_searched_on_aws() {
        let folder = tempfile::tempdir().unwrap();
        let error = locate(&Repository::at(folder.path()), "local").await.unwrap_err();
        assert!(error.to_string().contains("just up"));
    }
}
