//! A dead-letter queue. Messages that are received stay hidden from other readers until they are released.

use std::collections::HashMap;

use anyhow::Result;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use jiff::Timestamp;

use super::dead_letter::{DeadLetter, attribute};
use super::{AMONG_THE_OLDEST, HIDDEN_WHILE_SHOWN};
use crate::aws::{Aws, AwsContext};
use crate::system::Queue;
use crate::terminal::note;

/// The most messages in one SQS call.
const BATCH: usize = 10;

const STAY_HIDDEN: &str = "could not release messages: they stay hidden for up to five minutes";

pub(super) struct DeadLetterQueue {
    sqs: Client,
    url: String,
}

/// A received message, hidden from other readers for a while.
pub(super) struct Received {
    pub dead_letter: DeadLetter,
    pub body: String,
    /// The ARN of the rule's target to which the bus could not deliver it.
    pub target: Option<String>,
    receipt: String,
}

pub(super) struct Size {
    pub messages: u64,
    pub hidden: u64,
    /// Whether the queue has a redrive policy: then each receive counts as an attempt of its consumer.
    pub counts_receives: bool,
}

impl DeadLetterQueue {
    pub(super) fn new(aws: &Aws, queue: &Queue) -> Self {
        Self { sqs: aws.sqs(), url: queue.url.clone() }
    }

    pub(super) async fn size(&self) -> Result<Size> {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, RedrivePolicy};
        let request = self.sqs.get_queue_attributes().queue_url(&self.url);
        let request = request.attribute_names(ApproximateNumberOfMessages).attribute_names(RedrivePolicy);
        let request = request.attribute_names(ApproximateNumberOfMessagesNotVisible);
        let attributes = request.send().await.aws_context(format!("cannot look into {}", self.url))?.attributes;
        let attributes: HashMap<_, _> = attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0);
        Ok(Size {
            messages: count(ApproximateNumberOfMessages),
            hidden: count(ApproximateNumberOfMessagesNotVisible),
            counts_receives: attributes.contains_key(&RedrivePolicy),
        })
    }

    pub(super) async fn oldest(&self) -> Result<Option<Timestamp>> {
        let received = self.receive(HIDDEN_WHILE_SHOWN, AMONG_THE_OLDEST, None).await?;
        self.release(received.iter()).await;
        Ok(received.iter().filter_map(|message| message.dead_letter.sent_at).min())
    }

    /// Receives up to `most` messages and hides them for some seconds; stops early once it has the message with this id.
    pub(super) async fn receive(&self, seconds: i32, most: usize, id: Option<&str>) -> Result<Vec<Received>> {
        let mut all = Vec::new();
        while all.len() < most {
            let batch = match self.receive_batch(seconds, most - all.len()).await {
                Ok(batch) => batch,
                Err(error) => {
                    self.release(all.iter()).await;
                    return Err(error);
                }
            };
            let before = all.len();
            for message in &batch {
                add(&mut all, message);
            }
            let found = id.is_some_and(|id| all.iter().any(|message| message.dead_letter.message_id == id));
            if found || all.len() == before {
                break;
            }
        }
        Ok(all)
    }

    async fn receive_batch(&self, seconds: i32, most: usize) -> Result<Vec<Message>> {
        let most = i32::try_from(most.min(BATCH))?;
        // Only a receive that waits asks every server of a queue.
        let request = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(most);
        let request = request.visibility_timeout(seconds).wait_time_seconds(1).message_attribute_names("All");
        let request = request.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        Ok(request.send().await.aws_context(format!("cannot receive from {}", self.url))?.messages.unwrap_or_default())
    }

    /// Deletes a received message.
    pub(super) async fn delete(&self, message: &Received) -> Result<()> {
        let request = self.sqs.delete_message().queue_url(&self.url).receipt_handle(&message.receipt);
        request.send().await.aws_context(format!("cannot delete {}", message.dead_letter.message_id))?;
        Ok(())
    }

    /// Makes messages visible again. A failure is not an error: they become visible by themselves, only later.
    pub(super) async fn release(&self, messages: impl Iterator<Item = &Received>) {
        let messages: Vec<&Received> = messages.collect();
        for batch in messages.chunks(BATCH) {
            let entry = |(n, message): (usize, &&Received)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
                entry.receipt_handle(&message.receipt).visibility_timeout(0).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let request = self.sqs.change_message_visibility_batch().queue_url(&self.url);
            let answer = request.set_entries(entries.ok()).send().await.aws_context(STAY_HIDDEN);
            match answer.map(|answer| answer.failed.len()) {
                Ok(0) => {}
                Ok(failed) => note(format!("{STAY_HIDDEN} ({failed} messages)")),
                Err(error) => note(format!("{error:#}")),
            }
        }
    }
}

/// A message that was received twice is one message; its latest receipt counts.
fn add(all: &mut Vec<Received>, message: &Message) {
    let new = Received {
        dead_letter: DeadLetter::read(message),
        body: message.body().unwrap_or_default().to_owned(),
        target: attribute(message, "TARGET_ARN"),
        receipt: message.receipt_handle().unwrap_or_default().to_owned(),
    };
    match all.iter_mut().find(|known| known.dead_letter.message_id == new.dead_letter.message_id) {
        Some(known) => *known = new,
        None => all.push(new),
    }
}
