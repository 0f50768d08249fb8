//! The consumer's queue and its dead-letter queue.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_sdk_sqs::{Client, error::BuildError};

use super::report::{Report, Reporter};
use super::{Delivery, Failure, Fate};
use crate::config::{self, ConfigError};

pub(super) struct Queue {
    client: Client,
    url: String,
    dlq_url: String,
    consumer: String,
    reporter: Option<Reporter>,
    pub(super) max_receives: u32,
}

/// SQS keeps at most 256 KiB; a cause never needs more than this.
pub(super) const MAX_CAUSE: usize = 1_000;

impl Queue {
    pub(super) fn from_env(aws: &SdkConfig, report: Report) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(aws),
            url: config::var("QUEUE_URL")?,
            dlq_url: config::var("DLQ_URL")?,
            consumer: format!("{}/{}", config::var("SERVICE")?, config::var("_HANDLER")?),
            reporter: config::optional("BUS").map(|bus| Reporter::new(aws, bus, report)),
            max_receives: config::parse("MAX_RECEIVES")?,
        })
    }

    /// True if the message may leave the queue.
    pub(super) async fn carry_out(
        &self,
        fate: &Fate,
        record: &SqsMessage,
        about: Option<&Delivery>,
        receives: u32,
    ) -> bool {
        match fate {
            Fate::Done => true,
            Fate::Later(wait, failure) => {
                let (class, message, wait_ms) = (failure.class, failure.message.as_str(), millis(*wait));
                tracing::warn!(error_class = class, error = message, receives, wait_ms, "message will be retried");
                self.postpone(record, *wait).await;
                false
            }
            Fate::Parked(failure) => {
                let (class, message) = (failure.class, failure.message.as_str());
                tracing::error!(
                    error_class = class,
                    error = message,
                    receives,
                    "message goes to the dead-letter queue"
                );
                // Reported first: if the process dies in between, the message is still there and is reported again.
                if let (Some(reporter), Some(delivery)) = (&self.reporter, about) {
                    reporter.publish(&self.consumer, delivery, failure, receives).await;
                }
                self.park(record, failure, receives).await
            }
        }
    }

    /// Failing to postpone only means that the queue's own visibility timeout decides when.
    async fn postpone(&self, record: &SqsMessage, wait: Duration) {
        let seconds = i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX).min(43_200);
        let request = self.client.change_message_visibility().queue_url(&self.url).visibility_timeout(seconds);
        if let Err(error) = request.set_receipt_handle(record.receipt_handle.clone()).send().await {
            tracing::warn!(error = %DisplayErrorContext(&error), "the message's visibility could not be changed");
        }
    }

    async fn park(&self, record: &SqsMessage, failure: &Failure, receives: u32) -> bool {
        let body = record.body.clone().filter(|body| !body.is_empty()).unwrap_or_else(|| "(empty)".into());
        let mut request = self.client.send_message().queue_url(&self.dlq_url).message_body(body);
        for (name, value) in [
            ("ErrorClass", failure.class),
            ("ErrorMessage", shortened(&failure.message)),
            ("Consumer", &self.consumer),
            ("Receives", &receives.to_string()),
            ("OriginalMessageId", record.message_id.as_deref().unwrap_or_default()),
        ] {
            match text(value) {
                Ok(value) => request = request.message_attributes(name, value),
                Err(error) => tracing::warn!(name, %error, "a cause could not be attached"),
            }
        }
        match request.send().await {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "the dead-letter queue did not take the message");
                false
            }
        }
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, BuildError> {
    // An attribute's text may hold neither nothing nor control characters.
    let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = if clean.is_empty() { "-".to_owned() } else { clean };
    MessageAttributeValue::builder().data_type("String").string_value(clean).build()
}

pub(super) fn shortened(message: &str) -> &str {
    let end = message.char_indices().map(|(at, _)| at).nth(MAX_CAUSE).unwrap_or(message.len());
    &message[..end]
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
