//! A service's consumer: what waits for it, and whether it takes messages.

use anyhow::{Context, Result};
use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Hidden,
};
use omsctl::aws::AwsContext;

use crate::saga::local::Local;

/// How many messages a consumer takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// As deployed: ten, and the holds of one batch share a transaction.
    Full,
    /// One, so that each order has a transaction of its own.
    Alone,
}

impl Batch {
    /// For the name of a sku.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "together",
            Self::Alone => "alone",
        }
    }

    /// For the report.
    pub fn design(self) -> &'static str {
        match self {
            Self::Full => "holds of one moment share a transaction",
            Self::Alone => "one transaction for each order",
        }
    }

    fn size(self) -> i32 {
        match self {
            Self::Full => 10,
            Self::Alone => 1,
        }
    }
}

/// The consumer of a service.
pub struct Consumer<'a> {
    local: &'a Local,
    service: &'a str,
    queue: &'a str,
    mapping: String,
}

impl<'a> Consumer<'a> {
    /// Finds it.
    ///
    /// # Errors
    /// When the service has none, or Lambda does not answer.
    pub async fn of(local: &'a Local, service: &'a str) -> Result<Self> {
        let known = local.system.services.get(service).with_context(|| format!("{service} does not run"))?;
        let queue = &known.queue.as_ref().with_context(|| format!("{service} has no queue"))?.url;
        let function = known.functions.get("events").with_context(|| format!("{service} has no consumer"))?;
        let listed = local.aws.lambda().list_event_source_mappings().function_name(function).send().await;
        let listed = listed.aws_context(format!("cannot list the mappings of {function}"))?;
        let mapping = listed.event_source_mappings.unwrap_or_default().into_iter().find_map(|mapping| mapping.uuid);
        Ok(Self { local, service, queue, mapping: mapping.with_context(|| format!("{function} has no mapping"))? })
    }

    /// Lets its messages wait.
    ///
    /// # Errors
    /// When Lambda does not answer.
    pub async fn hold(&self) -> Result<()> {
        let update = self.local.aws.lambda().update_event_source_mapping().uuid(&self.mapping).enabled(false);
        update.send().await.aws_context(format!("cannot hold the consumer of {}", self.service)).map(drop)
    }

    /// Takes messages again, so many at once.
    ///
    /// # Errors
    /// When Lambda does not answer.
    pub async fn release(&self, batch: Batch) -> Result<()> {
        let update = self.local.aws.lambda().update_event_source_mapping().uuid(&self.mapping).enabled(true);
        let update = update.batch_size(batch.size());
        update.send().await.aws_context(format!("cannot release the consumer of {}", self.service)).map(drop)
    }

    /// Messages that wait or are being handled.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn messages(&self) -> Result<u64> {
        let request = self.local.aws.sqs().get_queue_attributes().queue_url(self.queue);
        let answer = request.attribute_names(Visible).attribute_names(Hidden).send().await;
        let counts = answer.aws_context(format!("cannot count the messages of {}", self.service))?.attributes;
        counts.unwrap_or_default().values().map(|count| count.parse::<u64>().context("a count is not a number")).sum()
    }
}
