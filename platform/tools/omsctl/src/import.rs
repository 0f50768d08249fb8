//! Takes what outlived a deleted stack (tables, queues, the user pool) into a new stack of the same name, which the next
//! deployment then completes.
//!
//! `ImportExistingResources` cannot: it takes no name that a `!Sub` makes, and no queue. So each resource is looked for
//! and named in an import change set, beside a template of nothing but these resources.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::aws_cli::{Ask, Call};
use crate::deploy;
use crate::repository::Repository;
use crate::system::stack_name;
use crate::template::json as template;
use crate::terminal::{Step, table};
use crate::up::check_stage;
use crate::wrong::WrongArgument;

mod retained;

use retained::{Kind, Resource, Retained};

const CHANGE_SET: &str = "import-retained";
const POLL: Duration = Duration::from_secs(2);

/// A resource that the new stack owns, and the identifier by which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    resource: Resource,
    identifier: String,
}

/// Imports what outlived the stack of one part of a stage; returns what to print.
///
/// # Errors
/// When the part is unknown, its stack exists, nothing outlived it, or AWS refuses.
pub async fn run(aws: &impl Ask, repository: &Repository, stage: &str, part: &str) -> Result<String> {
    check_stage(stage)?;
    let text = fs::read_to_string(repository.path(&deploy::template_of(repository, part)?))?;
    let retained = Retained::of(&template::parse(&text)?, stage)?;
    let stack = stack_name(stage, part);
    refuse_stack(aws, &stack).await?;
    let mut found = Vec::new();
    for resource in &retained.resources {
        found.extend(find(aws, resource).await?.map(|identifier| Found { resource: resource.clone(), identifier }));
    }
    let next = next(stage, part);
    if found.is_empty() {
        bail!(WrongArgument(format!("nothing has outlived {stack}; to deploy it, run `{next}`")));
    }
    import(aws, &stack, &retained, &found, stage).await?;
    Ok(report(&found, &next))
}

fn next(stage: &str, part: &str) -> String {
    match part {
        "platform" | "dead-letters" => format!("just deploy-platform {stage}"),
        _ => format!("just deploy-service {part} {stage}"),
    }
}

/// An import makes a stack. One that exists would lose every resource that the template of the import does not name.
async fn refuse_stack(aws: &impl Ask, stack: &str) -> Result<()> {
    let answer = aws.ask(&Call::new("cloudformation", "describe-stacks", json!({ "StackName": stack }))).await;
    let status = match answer {
        Ok(answer) => answer["Stacks"][0]["StackStatus"].as_str().unwrap_or_default().to_owned(),
        Err(error) if error.is_missing() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match status.as_str() {
        "REVIEW_IN_PROGRESS" => Ok(()),
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" | "IMPORT_ROLLBACK_COMPLETE" => {
            bail!(WrongArgument(format!(
                "{stack} is {status}; delete it first: `aws cloudformation delete-stack --stack-name {stack}`"
            )))
        }
        _ => bail!(WrongArgument(format!(
            "{stack} exists ({status}), so nothing is left for an import; deploy it as usual"
        ))),
    }
}

/// The identifier of a resource, if it exists.
async fn find(aws: &impl Ask, resource: &Resource) -> Result<Option<String>> {
    let Resource { kind, name, .. } = resource;
    let call = match kind {
        Kind::Table => Call::new("dynamodb", "describe-table", json!({ "TableName": name })),
        Kind::Queue => Call::new("sqs", "get-queue-url", json!({ "QueueName": name })),
        Kind::UserPool => Call::new("cognito-idp", "list-user-pools", json!({ "MaxResults": 60 })),
    };
    match aws.ask(&call).await {
        Ok(answer) => identifier(*kind, name, &answer),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(anyhow::Error::from(error).context(format!("cannot look for {name}"))),
    }
}

fn identifier(kind: Kind, name: &str, answer: &Value) -> Result<Option<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match kind {
        Kind::Table => Ok(text(&answer["Table"]["TableName"])),
        Kind::Queue => Ok(text(&answer["QueueUrl"])),
        Kind::UserPool => {
            let pools = answer["UserPools"].as_array().into_iter().flatten();
            let ids: Vec<String> =
                pools.filter(|pool| pool["Name"] == name).filter_map(|pool| text(&pool["Id"])).collect();
            if ids.len() > 1 {
                bail!(
                    "there are {} user pools {name} ({}): delete those without customers, then import",
                    ids.len(),
                    ids.join(", ")
                );
            }
            if ids.is_empty() && answer["NextToken"].is_string() {
                bail!("{name} is not among the first 60 user pools of the account; import it by hand");
            }
            Ok(ids.into_iter().next())
        }
    }
}

async fn import(aws: &impl Ask, stack: &str, retained: &Retained, found: &[Found], stage: &str) -> Result<()> {
    let step = Step::begin(stack);
    aws.ask(&create(stack, retained, found, stage)).await.context("CloudFormation refused the import")?;
    let change_set = json!({ "StackName": stack, "ChangeSetName": CHANGE_SET });
    let describe = Call::new("cloudformation", "describe-change-set", change_set.clone());
    let made = until(aws, &describe, |it| it["Status"].clone()).await?;
    if made["Status"] != "CREATE_COMPLETE" {
        bail!(
            "CloudFormation refused the import of {stack}: {}",
            made["StatusReason"].as_str().unwrap_or("no reason given")
        );
    }
    aws.ask(&Call::new("cloudformation", "execute-change-set", change_set))
        .await
        .context("the import did not start")?;
    let describe = Call::new("cloudformation", "describe-stacks", json!({ "StackName": stack }));
    let stack = until(aws, &describe, |it| it["Stacks"][0]["StackStatus"].clone()).await?["Stacks"][0].clone();
    if stack["StackStatus"] != "IMPORT_COMPLETE" {
        let reason = stack["StackStatusReason"].as_str().unwrap_or("no reason given");
        bail!("the import ended as {}: {reason}", stack["StackStatus"].as_str().unwrap_or_default());
    }
    step.done("imported");
    Ok(())
}

/// The change set: CloudFormation imports all of it or nothing.
fn create(stack: &str, retained: &Retained, found: &[Found], stage: &str) -> Call {
    let resources: Vec<Value> = found
        .iter()
        .map(|Found { resource, identifier }| {
            json!({
                "ResourceType": resource.kind.type_name(),
                "LogicalResourceId": resource.id,
                "ResourceIdentifier": { resource.kind.identifier(): identifier },
            })
        })
        .collect();
    let ids: Vec<&str> = found.iter().map(|it| it.resource.id.as_str()).collect();
    let template = retained.template(&ids);
    let known = [("Stage", stage), ("Emulated", "false")];
    let declared = known.iter().filter(|(name, _)| template["Parameters"].get(name).is_some());
    let parameters: Vec<Value> =
        declared.map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value })).collect();
    let input = json!({
        "StackName": stack,
        "ChangeSetName": CHANGE_SET,
        "ChangeSetType": "IMPORT",
        "Description": "What outlived the stack before.",
        "TemplateBody": template.to_string(),
        "Parameters": parameters,
        "ResourcesToImport": resources,
    });
    Call::new("cloudformation", "create-change-set", input)
}

/// Asks until the status is final; returns that answer.
async fn until(aws: &impl Ask, call: &Call, status: impl Fn(&Value) -> Value) -> Result<Value> {
    loop {
        let answer = aws.ask(call).await?;
        let status = status(&answer);
        let status = status.as_str().unwrap_or_default();
        let runs = status.ends_with("_IN_PROGRESS") || status == "CREATE_PENDING";
        if !runs || status == "REVIEW_IN_PROGRESS" {
            return Ok(answer);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn report(found: &[Found], next: &str) -> String {
    let row = |it: &Found| [it.resource.id.clone(), it.resource.kind.type_name().to_owned(), it.identifier.clone()];
    let rows: Vec<_> = found.iter().map(row).collect();
    let table = table(["RESOURCE", "TYPE", "IMPORTED"], &rows);
    format!("{table}The stack has nothing else yet; to complete it, run `{next}`\n")
}

#[cfg(test)]
mod tests;
