//! What the checks know of a stage before they ask: who asks, the stacks with their resources and parameters, the rules of
//! the bus, and the templates of this checkout.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::list;
use crate::aws_cli::{Ask, Call};
use crate::deploy;
use crate::repository::Repository;
use crate::system::stack_name;
use crate::template::json as template;
use crate::wrong::WrongArgument;

/// The account's bus, on which SES reports.
const DEFAULT_BUS: &str = "default";

/// What is known of a stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) stage: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) now: Timestamp,
    /// Such as `aws`.
    pub(super) partition: String,
    /// The SSM parameters, by what follows `/oms/<stage>/`.
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) parts: BTreeMap<String, Part>,
    /// The rules with a pattern: of the stage's bus, and the stage's on the account's default bus.
    pub(super) rules: Vec<Rule>,
}

/// A rule of a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) bus: String,
    pub(super) name: String,
    pub(super) pattern: Value,
}

/// A part of the stage that is deployed.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) resources: Vec<Resource>,
    /// Its template in this checkout.
    pub(super) template: Value,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    /// Its name in the template.
    pub(super) id: String,
    /// Such as `AWS::SQS::Queue`.
    pub(super) kind: String,
    /// Its name, ARN or URL, whichever CloudFormation knows it by.
    pub(super) physical: String,
}

impl Facts {
    pub(super) async fn gather(
        aws: &impl Ask,
        repository: &Repository,
        stage: &str,
        caller: &Value,
        now: Timestamp,
    ) -> Result<Self> {
        let path = format!("/oms/{stage}/");
        let known = Call::new("ssm", "get-parameters-by-path", json!({ "Path": path, "Recursive": true }));
        let known = aws.ask(&known).await.with_context(|| format!("cannot read {path}"))?;
        let parameters: BTreeMap<String, String> = list(&known, "Parameters")
            .filter_map(|it| {
                Some((it["Name"].as_str()?.strip_prefix(&path)?.to_owned(), it["Value"].as_str()?.to_owned()))
            })
            .collect();
        let account = caller["Account"].as_str().unwrap_or_default().to_owned();
        let Some(bus) = parameters.get("bus/arn").map(|arn| arn.split(':').collect::<Vec<_>>()) else {
            bail!(WrongArgument(format!(
                "account {account} has no stage {stage} in this region; to deploy it, run `just deploy {stage} gateway=stripe`"
            )));
        };
        let word = |at: usize| bus.get(at).copied().unwrap_or_default().to_owned();
        let (partition, region) = (word(1), word(3));
        let stage_name = stage.to_owned();
        let mut facts = Self { stage: stage_name, account, region, now, partition, parameters, ..Self::default() };
        for bus in [format!("oms-{stage}"), DEFAULT_BUS.to_owned()] {
            facts.rules.extend(rules(aws, stage, &bus).await?);
        }
        for (name, file) in deploy::templates(repository)? {
            let text = fs::read_to_string(repository.path(&file))?;
            facts.parts.extend(part(aws, stage, &name, &text).await?.map(|part| (name, part)));
        }
        Ok(facts)
    }

    /// A parameter of a part's stack.
    pub(super) fn parameter(&self, part: &str, name: &str) -> Option<&str> {
        self.parts.get(part)?.parameters.get(name).map(String::as_str)
    }

    /// What the platform wrote under `/oms/<stage>/`.
    pub(super) fn known(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Every resource of a type, with its part.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Part, &'a Resource)> {
        let of = move |(name, part): (&'a String, &'a Part)| {
            let resources = part.resources.iter().filter(move |resource| resource.kind == kind);
            resources.map(move |resource| (name.as_str(), part, resource))
        };
        self.parts.iter().flat_map(of)
    }
}

impl Part {
    /// What the template declares for AWS: without what a parameter leaves out, which the stack then does not have.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Value> {
        let all = self.template["Resources"].as_object().into_iter().flatten();
        let is_wanted = |(id, body): &(&String, &Value)| match body["Condition"].as_str() {
            None | Some("OnAws") => true,
            Some(_) => self.resources.iter().any(|resource| resource.id == **id),
        };
        all.filter(is_wanted).map(|(_, body)| body)
    }

    /// The properties of a resource, as the template declares them.
    pub(super) fn declared(&self, id: &str) -> &Value {
        &self.template["Resources"][id]["Properties"]
    }
}

async fn rules(aws: &impl Ask, stage: &str, bus: &str) -> Result<Vec<Rule>> {
    // A rule that another account made is its own affair, and the archive's rule is EventBridge's.
    let input = json!({ "EventBusName": bus, "NamePrefix": format!("oms-{stage}-") });
    let answer = aws.ask(&Call::new("events", "list-rules", input)).await;
    let answer = answer.with_context(|| format!("cannot list the rules of the bus {bus}"))?;
    // A schedule has no pattern.
    let rule = |rule: &Value| {
        let pattern = serde_json::from_str(rule["EventPattern"].as_str()?).ok()?;
        Some(Rule { bus: bus.to_owned(), name: rule["Name"].as_str()?.to_owned(), pattern })
    };
    Ok(list(&answer, "Rules").filter_map(rule).collect())
}

/// A part, if its stack exists.
async fn part(aws: &impl Ask, stage: &str, name: &str, text: &str) -> Result<Option<Part>> {
    let input = json!({ "StackName": stack_name(stage, name) });
    let stack = match aws.ask(&Call::new("cloudformation", "describe-stacks", input.clone())).await {
        Ok(answer) => answer["Stacks"][0].clone(),
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(anyhow::Error::from(error).context(format!("cannot read the stack of {name}"))),
    };
    let answer = aws.ask(&Call::new("cloudformation", "list-stack-resources", input)).await;
    let answer = answer.with_context(|| format!("cannot read the resources of {name}"))?;
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resource = |it: &Value| Resource {
        id: text_of(&it["LogicalResourceId"]),
        kind: text_of(&it["ResourceType"]),
        physical: text_of(&it["PhysicalResourceId"]),
    };
    let parameter = |it: &Value| (text_of(&it["ParameterKey"]), text_of(&it["ParameterValue"]));
    Ok(Some(Part {
        parameters: list(&stack, "Parameters").map(parameter).collect(),
        resources: list(&answer, "StackResourceSummaries").map(resource).collect(),
        template: template::parse(text).with_context(|| format!("the template of {name}"))?,
    }))
}
