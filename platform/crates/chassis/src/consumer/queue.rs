//! What becomes of a message that was not handled: it returns to the queue, or goes to the dead-letter queue.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_eventbridge::Client as EventBridge;
use aws_sdk_sqs::{Client, error::DisplayErrorContext, types::MessageAttributeValue};

use super::{Failure, Parked, Report};
use crate::config::{self, ConfigError};
use crate::relay::{Outgoing, put};
use crate::verdict::Verdict;
use crate::{backoff, clock};

pub(super) struct Queue {
    client: Client,
    url: String,
    dlq_url: String,
    consumer: String,
    max_receives: u32,
    bus: Option<(EventBridge, String)>,
    report: Report,
}

/// How many characters of an error are attached. SQS takes at most 256 KiB in all; a cause never needs more than this.
const MAX_MESSAGE: usize = 1_000;

impl Queue {
    pub(super) fn from_env(aws: &SdkConfig, report: Report) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(aws),
            url: config::var("QUEUE_URL")?,
            dlq_url: config::var("DLQ_URL")?,
            consumer: format!("{}/{}", config::var("SERVICE")?, config::var("_HANDLER")?),
            max_receives: config::parse("MAX_RECEIVES")?,
            bus: config::optional("BUS").map(|bus| (EventBridge::new(aws), bus)),
            report,
        })
    }

    /// Ends a delivery that failed; true if the message may leave the queue.
    pub(super) async fn end(&self, record: &SqsMessage, event: Option<&str>, failure: &Failure, receives: u32) -> bool {
        let (error_class, error) = (failure.class, failure.message.as_str());
        if let Some(wait) = back_in(failure.verdict, receives, self.max_receives) {
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(error_class, error, receives, wait_ms, "message will be retried");
            self.postpone(record, wait).await;
            return false;
        }
        tracing::error!(error_class, error, receives, "message goes to the dead-letter queue");
        let (message, consumer) = (shortened(error), self.consumer.as_str());
        // Reported first: if the process dies in between, the message is still there and is reported again.
        if let Some(event) = event {
            self.publish(Parked { event, consumer, error_class, message, receives, at: clock::now() }).await;
        }
        let causes = [
            ("ErrorClass", error_class),
            ("ErrorMessage", message),
            ("Consumer", consumer),
            ("Receives", &receives.to_string()),
            ("OriginalMessageId", record.message_id.as_deref().unwrap_or_default()),
        ];
        self.park(record, &causes).await
    }

    /// Failing to postpone only means that the queue's own visibility timeout decides when.
    async fn postpone(&self, record: &SqsMessage, wait: Duration) {
        let seconds = i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX).min(43_200);
        let request = self.client.change_message_visibility().queue_url(&self.url).visibility_timeout(seconds);
        if let Err(error) = request.set_receipt_handle(record.receipt_handle.clone()).send().await {
            tracing::warn!(error = %DisplayErrorContext(&error), "the message's visibility could not be changed");
        }
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

    async fn park(&self, record: &SqsMessage, causes: &[(&str, &str)]) -> bool {
        let body = record.body.clone().filter(|body| !body.is_empty()).unwrap_or_else(|| "(empty)".into());
        let causes = causes.iter().filter_map(|(name, value)| Some(((*name).to_owned(), text(value)?))).collect();
        let request = self.client.send_message().queue_url(&self.dlq_url).message_body(body);
        let sent = request.set_message_attributes(Some(causes)).send().await;
        if let Err(error) = &sent {
            tracing::error!(error = %DisplayErrorContext(error), "the dead-letter queue did not take the message");
        }
        sent.is_ok()
    }
}

/// How long a message stays hidden in its queue; none if it is to be parked. On the last receive it is parked here: SQS
/// itself would move it without its cause.
fn back_in(verdict: Verdict, receives: u32, max_receives: u32) -> Option<Duration> {
    match verdict {
        Verdict::Park => None,
        Verdict::Retry | Verdict::RetryIn(_) if receives >= max_receives => None,
        Verdict::RetryIn(wait) => Some(wait),
        Verdict::Retry => Some(backoff::MESSAGE.wait(receives)),
    }
}

/// An attribute's text; it may be neither empty nor have control characters.
fn text(value: &str) -> Option<MessageAttributeValue> {
    let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = if clean.is_empty() { "-".to_owned() } else { clean };
    MessageAttributeValue::builder().data_type("String").string_value(clean).build().ok()
}

fn shortened(message: &str) -> &str {
    message.char_indices().nth(MAX_MESSAGE).and_then(|(end, _)| message.get(..end)).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_will_is_parked_at_once_and_the_rest_on_the_last_receive() {
        assert_eq!(back_in(Verdict::Park, 1, 5), None);
        assert!(back_in(Verdict::Retry, 4, 5).is_some());
        assert_eq!(back_in(Verdict::Retry, 5, 5), None);
        let minute = Duration::from_mins(1);
        assert_eq!(back_in(Verdict::RetryIn(minute), 1, 5), Some(minute));
        assert_eq!(back_in(Verdict::RetryIn(minute), 5, 5), None);
    }

    #[test]
    fn a_cause_has_bounds() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(1_001)), "é".repeat(1_000));
    }
}
