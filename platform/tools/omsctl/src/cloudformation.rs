//! Creates or updates one CloudFormation stack. A failure lists each failed resource with its reason.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{
    Capability, Parameter, Stack as Description, StackEvent, StackStatus, TemplateStage,
};

use crate::aws::AwsContext;

const POLL: Duration = Duration::from_millis(250);

/// A stack as it should become: template and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Such as `oms-local-orders`.
    pub name: String,
    /// Where the template was uploaded; a request itself can carry at most 51,200 bytes of template.
    pub template_url: String,
    /// Values of parameters that the template declares.
    pub parameters: BTreeMap<String, String>,
}

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The stack did not exist before.
    Created,
    /// The stack was changed.
    Updated,
    /// The stack already was as it should be.
    Unchanged,
}

impl Outcome {
    /// In lower case, for progress lines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Whether the stack exists, completely, with exactly this template. The stack itself is asked: what it was made from goes
/// away together with it.
///
/// # Errors
/// When CloudFormation does not answer.
pub async fn is_made_of(cloudformation: &Client, name: &str, template: &str) -> Result<bool> {
    let status = describe(cloudformation, name).await?.and_then(|description| description.stack_status);
    if !matches!(status, Some(StackStatus::CreateComplete | StackStatus::UpdateComplete)) {
        return Ok(false);
    }
    let request = cloudformation.get_template().stack_name(name).template_stage(TemplateStage::Original);
    let answer = request.send().await.aws_context(format!("cannot read the template of {name}"))?;
    Ok(answer.template_body.is_some_and(|body| body.trim_end() == template.trim_end()))
}

/// Creates or updates a stack and waits until it is complete.
///
/// # Errors
/// When CloudFormation refuses the stack or a resource fails; the message lists the reason of each failed resource.
pub async fn apply(cloudformation: &Client, stack: &Stack) -> Result<Outcome> {
    let existing = describe(cloudformation, &stack.name).await?.and_then(|description| description.stack_status);
    let outcome = match existing {
        None => create(cloudformation, stack).await?,
        // CloudFormation can only delete a stack whose creation failed.
        Some(StackStatus::RollbackComplete | StackStatus::CreateFailed | StackStatus::RollbackFailed) => {
            delete(cloudformation, &stack.name).await?;
            create(cloudformation, stack).await?
        }
        Some(_) => update(cloudformation, stack).await?,
    };
    if outcome != Outcome::Unchanged {
        wait(cloudformation, &stack.name).await?;
    }
    Ok(outcome)
}

/// Describes a stack; `None` if it does not exist.
///
/// # Errors
/// When CloudFormation does not answer.
pub async fn describe(cloudformation: &Client, name: &str) -> Result<Option<Description>> {
    match cloudformation.describe_stacks().stack_name(name).send().await {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().find(exists)),
        Err(error) if error.message().is_some_and(|text| text.contains("does not exist")) => Ok(None),
        Err(error) => Err(error).aws_context(format!("cannot describe {name}")),
    }
}

async fn create(cloudformation: &Client, stack: &Stack) -> Result<Outcome> {
    let request = cloudformation.create_stack().stack_name(&stack.name).template_url(&stack.template_url);
    let request = request.set_parameters(Some(parameters(stack))).set_capabilities(Some(capabilities()));
    request.send().await.aws_context(format!("CloudFormation refused {}", stack.name))?;
    Ok(Outcome::Created)
}

async fn update(cloudformation: &Client, stack: &Stack) -> Result<Outcome> {
    let request = cloudformation.update_stack().stack_name(&stack.name).template_url(&stack.template_url);
    let request = request.set_parameters(Some(parameters(stack))).set_capabilities(Some(capabilities()));
    match request.send().await {
        Ok(_) => Ok(Outcome::Updated),
        Err(error) if error.message().is_some_and(|text| text.contains("No updates are to be performed")) => {
            Ok(Outcome::Unchanged)
        }
        Err(error) => Err(error).aws_context(format!("CloudFormation refused {}", stack.name)),
    }
}

/// The names of the existing stacks that begin with a prefix.
///
/// # Errors
/// When CloudFormation does not answer.
pub async fn names(cloudformation: &Client, prefix: &str) -> Result<Vec<String>> {
    let pages = cloudformation.describe_stacks().into_paginator().items().send();
    let all: Vec<Description> = pages.collect::<Result<_, _>>().await.aws_context("cannot list the stacks")?;
    let names = all.into_iter().filter(exists).filter_map(|stack| stack.stack_name);
    Ok(names.filter(|name| name.starts_with(prefix)).collect())
}

/// Deletes a stack and waits until it is gone.
///
/// # Errors
/// When CloudFormation does not delete it.
pub async fn delete(cloudformation: &Client, name: &str) -> Result<()> {
    let request = cloudformation.delete_stack().stack_name(name);
    request.send().await.aws_context(format!("cannot delete {name}"))?;
    while let Some(description) = describe(cloudformation, name).await? {
        if description.stack_status == Some(StackStatus::DeleteFailed) {
            bail!("{name} is DELETE_FAILED: {}", description.stack_status_reason.unwrap_or_default());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

async fn wait(cloudformation: &Client, name: &str) -> Result<()> {
    loop {
        let description = describe(cloudformation, name)
            .await?
            .with_context(|| format!("somebody deleted {name} during the update; run the command again"))?;
        let status = description.stack_status.as_ref().map_or("", StackStatus::as_str).to_owned();
        match status.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => return Ok(()),
            running if running.ends_with("_IN_PROGRESS") => tokio::time::sleep(POLL).await,
            _ => {
                let reasons = failures(cloudformation, name).await?;
                let own = description.stack_status_reason.unwrap_or_default();
                bail!("{name} is {status}: {own}\n  {}", reasons.join("\n  "));
            }
        }
    }
}

/// The reasons of failed resources in the last attempt, first failure first.
async fn failures(cloudformation: &Client, name: &str) -> Result<Vec<String>> {
    let answer = cloudformation
        .describe_stack_events()
        .stack_name(name)
        .send()
        .await
        .aws_context(format!("cannot read why {name} failed"))?;
    let events = answer.stack_events.unwrap_or_default();
    // Events are listed latest first; an attempt begins with an event of the stack itself.
    let begins = |event: &StackEvent| {
        event.logical_resource_id() == Some(name)
            && event
                .resource_status()
                .is_some_and(|status| matches!(status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS"))
    };
    let attempt = events.iter().position(begins).unwrap_or(events.len());
    Ok(events[..attempt].iter().rev().filter_map(reason).collect())
}

fn reason(event: &StackEvent) -> Option<String> {
    let failed = event.resource_status()?.as_str().ends_with("_FAILED");
    let resource = event.logical_resource_id().unwrap_or_default();
    let kind = event.resource_type().unwrap_or_default();
    failed.then(|| format!("{resource} ({kind}): {}", event.resource_status_reason().unwrap_or("no reason given")))
}

fn exists(stack: &Description) -> bool {
    stack.stack_status() != Some(&StackStatus::DeleteComplete)
}

fn parameters(stack: &Stack) -> Vec<Parameter> {
    let parameter = |(name, value)| Parameter::builder().parameter_key(name).parameter_value(value).build();
    stack.parameters.iter().map(parameter).collect()
}

fn capabilities() -> Vec<Capability> {
    vec![Capability::CapabilityIam, Capability::CapabilityNamedIam, Capability::CapabilityAutoExpand]
}
