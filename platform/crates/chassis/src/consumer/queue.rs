//! What becomes of a message that was not handled: it returns to the queue, or goes to the dead-letter queue.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_eventbridge::Client as EventBridge;
use aws_sdk_sqs::{Client, types::MessageAttributeValue};

use super::retry::{History, Limits, Next, SUSPICIONS};
use super::{Failure, Parked, Report};
use crate::aws::{AwsError, Kind};
use crate::clock;
use crate::config::{self, ConfigError};
use crate::relay::{Outgoing, put};
use crate::verdict::Classify;

pub(super) struct Queue {
    client: Client,
    url: String,
    dlq_url: String,
    consumer: String,
    limits: Limits,
    bus: Option<(EventBridge, String)>,
    report: Report,
}

/// What a message carries beside its body.
type Attributes = HashMap<String, MessageAttributeValue>;

/// How many characters of an error are attached; a cause never needs more than this.
const MAX_MESSAGE: usize = 1_000;
/// The attribute that is left if a message is too large for more.
const ERROR_CLASS: &str = "ErrorClass";

impl Queue {
    pub(super) fn from_env(aws: &SdkConfig, report: Report) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(aws),
            url: config::var("QUEUE_URL")?,
            dlq_url: config::var("DLQ_URL")?,
            consumer: format!("{}/{}", config::var("SERVICE")?, config::var("_HANDLER")?),
            limits: Limits::from_env()?,
            bus: config::optional("BUS").map(|bus| (EventBridge::new(aws), bus)),
            report,
        })
    }

    /// Ends a delivery that failed; true if the message may leave the queue.
    pub(super) async fn end(&self, record: &SqsMessage, event: Option<&str>, failure: &Failure) -> bool {
        let (error_class, error) = (failure.class, failure.message.as_str());
        let history = History::of(record, clock::now());
        let (receives, suspicions) = (history.receives, history.suspicions + 1);
        match self.limits.next(failure.verdict, history, fastrand::f64()) {
            Next::Later(wait) => {
                tracing::warn!(error_class, error, receives, wait_ms = millis(wait), "message will be retried");
                self.postpone(record, wait).await;
                false
            }
            Next::Suspected(wait) => {
                tracing::warn!(
                    error_class,
                    error,
                    receives,
                    suspicions,
                    wait_ms = millis(wait),
                    "message will be retried"
                );
                self.send_again(record, suspicions, wait).await
            }
            Next::Parked => self.park(record, event, failure, receives).await,
        }
    }

    /// Failing to postpone only means that the queue's own visibility timeout decides when.
    async fn postpone(&self, record: &SqsMessage, wait: Duration) {
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.visibility_timeout(seconds(wait).min(43_200));
        if let Err(error) = request.set_receipt_handle(record.receipt_handle.clone()).send().await {
            let error = AwsError::of(&error);
            tracing::warn!(error_class = error.class(), %error, "the message's visibility could not be changed");
        }
    }

    /// If the process dies before the message leaves the queue, the message is there twice: harmless.
    async fn send_again(&self, record: &SqsMessage, suspicions: u32, wait: Duration) -> bool {
        let mut attributes = carried(record);
        attributes.extend(attribute(SUSPICIONS, &suspicions.to_string()));
        let request = self.client.send_message().queue_url(&self.url).message_body(body(record));
        let sent = request.delay_seconds(seconds(wait)).set_message_attributes(Some(attributes)).send().await;
        if let Err(error) = &sent {
            let error = AwsError::of(error);
            tracing::error!(error_class = error.class(), %error, "the queue did not take the message again");
        }
        sent.is_ok()
    }

    /// A report that does not get through is only missed: the message itself is in the dead-letter queue all the same.
    async fn publish(&self, parked: Parked<'_>) {
        let Some((client, bus)) = &self.bus else { return };
        let Some(report) = (self.report)(parked) else { return };
        let report = match Outgoing::read(0, report) {
            Ok(report) => report,
            Err(error) => return tracing::error!(%error, "the report of a parked message is not an event"),
        };
        if !put(client, bus, &[report]).await.is_empty() {
            tracing::error!("the report of a parked message was not published");
        }
    }

    /// Reported first: if the process dies in between, the message is still there and is reported again.
    async fn park(&self, record: &SqsMessage, event: Option<&str>, failure: &Failure, receives: u32) -> bool {
        let (error_class, error, consumer) = (failure.class, failure.message.as_str(), self.consumer.as_str());
        tracing::error!(error_class, error, receives, "message goes to the dead-letter queue");
        let message = shortened(error);
        if let Some(event) = event {
            self.publish(Parked { event, consumer, error_class, message, receives, at: clock::now() }).await;
        }
        let causes = [
            (ERROR_CLASS, error_class),
            ("ErrorMessage", message),
            ("Consumer", consumer),
            ("Receives", &receives.to_string()),
            ("OriginalMessageId", record.message_id.as_deref().unwrap_or_default()),
        ];
        self.send_to_dlq(body(record), &causes).await
    }

    /// A message that is too large for its whole cause goes with the class alone, or with none: the log has it all.
    async fn send_to_dlq(&self, body: String, causes: &[(&str, &str)]) -> bool {
        let all: Attributes = causes.iter().filter_map(|(name, value)| attribute(name, value)).collect();
        let class = all.clone().into_iter().filter(|(name, _)| name == ERROR_CLASS).collect();
        for attributes in [all, class, Attributes::new()] {
            let request = self.client.send_message().queue_url(&self.dlq_url).message_body(&body);
            let Err(error) = request.set_message_attributes(Some(attributes)).send().await else { return true };
            let error = AwsError::of(&error);
            tracing::error!(error_class = error.class(), %error, "the dead-letter queue did not take the message");
            if error.kind != Kind::Invalid {
                break;
            }
        }
        false
    }
}

/// SQS takes no message without a body. A record without one is still parked.
fn body(record: &SqsMessage) -> String {
    record.body.clone().filter(|body| !body.is_empty()).unwrap_or_else(|| "(empty)".into())
}

/// The attributes that a message came with, as far as they are text: all that we set are.
fn carried(record: &SqsMessage) -> Attributes {
    let text = |(name, value): (&String, &SqsMessageAttribute)| attribute(name, value.string_value.as_deref()?);
    record.message_attributes.iter().filter_map(text).collect()
}

/// An attribute's text; it may be neither empty nor have control characters.
fn attribute(name: &str, value: &str) -> Option<(String, MessageAttributeValue)> {
    let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = if clean.is_empty() { "-".to_owned() } else { clean };
    let value = MessageAttributeValue::builder().data_type("String").string_value(clean).build().ok()?;
    Some((name.to_owned(), value))
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

fn seconds(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

fn shortened(message: &str) -> &str {
    message.char_indices().nth(MAX_MESSAGE).and_then(|(end, _)| message.get(..end)).unwrap_or(message)
}

#[cfg(test)]
mod tests;
