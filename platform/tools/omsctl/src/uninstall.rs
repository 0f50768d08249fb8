//! Deletes one service's stack from the stages of this machine: the first step of removing a service.

use anyhow::{Result, bail};

use crate::aws::Aws;
use crate::package;
use crate::repository::Repository;
use crate::system::{System, stack_name};
use crate::terminal::{Step, note};
use crate::{cloudformation, dlq, emulator};

/// Deletes the stack of a service, wherever a stage of this machine has it. The service's dead-letter queue belongs to the
/// platform; the next `just up` without the service's template deletes it.
///
/// # Errors
/// When a queue of the service has messages, or its stack cannot be deleted.
pub async fn run(repository: &Repository, service: &str) -> Result<()> {
    for emulator in emulator::running(repository)? {
        for stage in repository.stages_at(emulator.port)? {
            let _one_at_a_time = repository.lock_stage(&stage)?;
            from_stage(repository, &stage, &emulator.endpoint(), service).await?;
        }
    }
    Ok(())
}

async fn from_stage(repository: &Repository, stage: &str, endpoint: &str, service: &str) -> Result<()> {
    let aws = crate::aws::connect(Some(endpoint)).await;
    let stack = stack_name(stage, service);
    if cloudformation::describe(&aws.cloudformation(), &stack).await?.is_none() {
        note(format!("stage {stage} has no stack {stack}"));
        return Ok(());
    }
    let projects = [package::projects(repository)?, vec![service.to_owned()]].concat();
    let system = System::discover(&aws, stage, Some(endpoint), &projects).await?;
    refuse_messages(&aws, &system, service).await?;
    let step = Step::begin(stack);
    let deleted = cloudformation::delete(&aws.cloudformation(), &stack_name(stage, service)).await;
    match &deleted {
        Ok(()) => step.done("deleted"),
        Err(_) => step.failed(),
    }
    deleted
}

/// What waits in a queue, or could not be handled, is not deleted unseen: an operator must act first.
async fn refuse_messages(aws: &Aws, system: &System, service: &str) -> Result<()> {
    let stage = &system.stage;
    if let Some(queue) = &system.service(service)?.queue {
        let waiting = dlq::count(aws, queue).await?;
        if waiting > 0 {
            bail!("{service} has messages to handle in stage {stage} ({waiting}); run `just logs --service {service}`");
        }
    }
    for (name, queue) in system.dead_letters.iter().filter(|(name, _)| belongs(name, service)) {
        let parked = dlq::count(aws, queue).await?;
        if parked > 0 {
            bail!(
                "the dead-letter queue {name} has messages in stage {stage} ({parked}); run `just dlq show {name}`, then \
                 `just dlq redrive {name}` or `just dlq discard {name}`"
            );
        }
    }
    Ok(())
}

/// Whether a dead-letter queue is the service's: `payments`, or `payments-unsettled`.
fn belongs(queue: &str, service: &str) -> bool {
    queue.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_may_have_several_dead_letter_queues_and_none_of_another_is_its_own() {
        assert!(belongs("payments", "payments") && belongs("payments-unsettled", "payments"));
        assert!(!belongs("payments", "pay") && !belongs("pay", "payments") && !belongs("undeliverable", "payments"));
    }

    #[tokio::test]
    async fn where_no_stage_runs_there_is_nothing_to_delete() {
        let folder = tempfile::tempdir().unwrap();
        run(&Repository::at(folder.path()), "loyalty").await.unwrap();
    }
}
