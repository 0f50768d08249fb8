//! Takes stages of this machine down. All that a stage holds goes with it.

use anyhow::{Context, Result};
use aws_sdk_cloudformation::types::StackResourceSummary;
use futures::future::try_join_all;

use crate::aws::{Aws, AwsContext};
use crate::cloudformation;
use crate::emulator::{self, Emulator};
use crate::repository::Repository;
use crate::system::{resources, stack_name};
use crate::terminal::{Step, note};

/// The stacks that the others need, which go last.
const LAST: [&str; 2] = ["dead-letters", "platform"];

/// Which stages to take down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This stage; its emulator stops with its last stage.
    Stage(String),
    /// Every stage of the emulator on this port.
    Port(u16),
    /// Every stage of this checkout.
    All,
}

/// Says what goes, and takes it down.
///
/// # Errors
/// When an emulator cannot be stopped, or does not delete a stage.
pub async fn run(repository: &Repository, target: &Target) -> Result<()> {
    let _lock = repository.lock()?;
    match target {
        Target::Stage(stage) => {
            let Some(known) = repository.stage(stage)? else {
                note(format!("stage {stage} is not running"));
                return Ok(());
            };
            let shared = repository.stages_at(known.port)?.iter().any(|other| other != stage);
            match Emulator::find(repository, known.port)? {
                Some(emulator) if shared => remove(repository, &emulator, stage).await,
                Some(emulator) => stop(repository, &emulator),
                None => {
                    note(format!("the emulator of stage {stage} no longer runs"));
                    emulator::forget(repository, known.port)
                }
            }
        }
        Target::Port(port) => {
            if let Some(emulator) = Emulator::find(repository, *port)? {
                return stop(repository, &emulator);
            }
            note(format!("no emulator is running on port {port}"));
            // One that was killed leaves files behind.
            emulator::forget(repository, *port)
        }
        Target::All => {
            let running = emulator::running(repository)?;
            if running.is_empty() {
                note("no emulator is running");
            }
            running.iter().try_for_each(|emulator| stop(repository, emulator))
        }
    }
}

/// Said before the first step, so that it can still be interrupted.
fn say_what_goes(stages: &[String]) {
    note(format!("its orders, stock, payments, mail and users go with it: {}", stages.join(", ")));
}

fn stop(repository: &Repository, emulator: &Emulator) -> Result<()> {
    let stages = repository.stages_at(emulator.port)?;
    say_what_goes(&stages);
    emulator.stop(repository)?;
    note(format!("stopped the emulator on port {} with the stages: {}", emulator.port, stages.join(", ")));
    Ok(())
}

/// Deletes one stage from an emulator that hosts others.
async fn remove(repository: &Repository, emulator: &Emulator, stage: &str) -> Result<()> {
    say_what_goes(&[stage.to_owned()]);
    let _one_at_a_time = repository.lock_stage(stage)?;
    let aws = crate::aws::connect(Some(&emulator.endpoint())).await;
    let cloudformation = aws.cloudformation();
    let (first, last) = in_order(cloudformation::names(&cloudformation, &stack_name(stage, "")).await?, stage);
    let mut kept = Vec::new();
    for stack in first.iter().chain(&last) {
        kept.extend(resources(&aws, stack).await?);
    }
    let step = Step::begin(format!("stage {stage}"));
    try_join_all(first.iter().map(|stack| cloudformation::delete(&cloudformation, stack))).await?;
    for stack in &last {
        cloudformation::delete(&cloudformation, stack).await?;
    }
    delete_kept(&aws, &kept).await.context("the next `just up` of this stage may find what is left")?;
    repository.forget(stage)?;
    step.done("deleted");
    Ok(())
}

/// The stacks of services, and those that they need, from the one that needs the others.
fn in_order(stacks: Vec<String>, stage: &str) -> (Vec<String>, Vec<String>) {
    let last = LAST.map(|part| stack_name(stage, part));
    let (found, first) = stacks.into_iter().partition::<Vec<_>, _>(|stack| last.contains(stack));
    (first, last.into_iter().filter(|stack| found.contains(stack)).collect())
}

/// Deletes what the templates keep when their stacks are deleted: tables, dead letters and the user pool.
async fn delete_kept(aws: &Aws, resources: &[StackResourceSummary]) -> Result<()> {
    for resource in resources {
        let id = resource.physical_resource_id().unwrap_or_default();
        match resource.resource_type() {
            Some("AWS::DynamoDB::Table") => {
                let deleted = aws.dynamodb().delete_table().table_name(id).send().await;
                gone(deleted.map(drop), id)?;
            }
            Some("AWS::SQS::Queue") => gone(aws.sqs().delete_queue().queue_url(id).send().await.map(drop), id)?,
            Some("AWS::Cognito::UserPool") => {
                gone(aws.cognito().delete_user_pool().user_pool_id(id).send().await.map(drop), id)?;
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// What does not exist is as good as deleted.
fn gone<E>(deleted: Result<(), aws_sdk_sqs::error::SdkError<E>>, id: &str) -> Result<()>
where
    E: aws_sdk_sqs::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    use aws_sdk_sqs::error::ProvideErrorMetadata;
    match deleted {
        Err(error) if !error.code().is_some_and(|code| code.contains("NotFound") || code.contains("NonExistent")) => {
            Err(error).aws_context(format!("cannot delete {id}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_is_deleted_last() {
        let stacks = ["platform", "orders", "dead-letters", "payments"].map(|part| stack_name("t1", part)).to_vec();
        let (first, last) = in_order(stacks, "t1");
        assert_eq!(first, ["oms-t1-orders", "oms-t1-payments"]);
        assert_eq!(last, ["oms-t1-dead-letters", "oms-t1-platform"]);
        assert_eq!(in_order(vec!["oms-t1-platform".into()], "t1").1, ["oms-t1-platform"], "half installed");
    }

    #[tokio::test]
    async fn a_stage_that_is_not_running_leaves_the_others_alone() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        let known = crate::repository::LocalStage { port: 4599, passwords: std::collections::BTreeMap::new() };
        repository.remember("mine", &known).unwrap();
        run(&repository, &Target::Stage("other".into())).await.unwrap();
        run(&repository, &Target::All).await.unwrap();
        assert_eq!(repository.stages_at(4599).unwrap(), ["mine"]);
        run(&repository, &Target::Stage("mine".into())).await.unwrap();
        assert!(repository.stage_names().unwrap().is_empty(), "its emulator was killed");
    }
}
