//! A dead-letter queue, whose messages are held while they are looked at.

use std::collections::HashMap;

use anyhow::Result;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use jiff::Timestamp;

use super::letter::{Letter, attribute};
use super::{FOR_THE_OLDEST, WHILE_SEEN};
use crate::aws::{Aws, Told};
use crate::system::Queue;
use crate::terminal::note;

/// SQS gives and takes no more at once.
const BATCH: usize = 10;

pub(super) struct Pile {
    sqs: Client,
    url: String,
}

/// A message that nobody else receives for a while.
pub(super) struct Held {
    pub letter: Letter,
    pub body: String,
    /// What should have taken it from the bus.
    pub target: Option<String>,
    receipt: String,
}

pub(super) struct Size {
    pub messages: u64,
    pub hidden: u64,
    /// The queue itself gives up on what is received too often: every look counts.
    pub counts_receives: bool,
}

impl Pile {
    pub(super) fn of(aws: &Aws, queue: &Queue) -> Self {
        Self { sqs: aws.sqs(), url: queue.url.clone() }
    }

    pub(super) async fn size(&self) -> Result<Size> {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, RedrivePolicy};
        let request = self.sqs.get_queue_attributes().queue_url(&self.url);
        let request = request.attribute_names(ApproximateNumberOfMessages).attribute_names(RedrivePolicy);
        let request = request.attribute_names(ApproximateNumberOfMessagesNotVisible);
        let attributes = request.send().await.told(format!("cannot look into {}", self.url))?.attributes;
        let attributes: HashMap<_, _> = attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0);
        Ok(Size {
            messages: count(ApproximateNumberOfMessages),
            hidden: count(ApproximateNumberOfMessagesNotVisible),
            counts_receives: attributes.contains_key(&RedrivePolicy),
        })
    }

    pub(super) async fn oldest(&self) -> Result<Option<Timestamp>> {
        let held = self.take(WHILE_SEEN, FOR_THE_OLDEST, None).await?;
        self.release(held.iter()).await;
        Ok(held.iter().filter_map(|held| held.letter.sent_at).min())
    }

    /// Holds up to so many messages for some seconds, or fewer once the wanted one is among them.
    pub(super) async fn take(&self, seconds: i32, at_most: usize, wanted: Option<&str>) -> Result<Vec<Held>> {
        let mut held = Vec::new();
        while held.len() < at_most {
            let received = match self.receive(seconds, at_most - held.len()).await {
                Ok(received) => received,
                Err(error) => {
                    self.release(held.iter()).await;
                    return Err(error);
                }
            };
            let before = held.len();
            for message in &received {
                add(&mut held, message);
            }
            let found = wanted.is_some_and(|id| held.iter().any(|held| held.letter.message_id == id));
            if found || held.len() == before {
                break;
            }
        }
        Ok(held)
    }

    async fn receive(&self, seconds: i32, at_most: usize) -> Result<Vec<Message>> {
        let at_most = i32::try_from(at_most.min(BATCH))?;
        // Only a receive that waits asks all of the servers that a queue is spread over.
        let request = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(at_most);
        let request = request.visibility_timeout(seconds).wait_time_seconds(1).message_attribute_names("All");
        let request = request.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        Ok(request.send().await.told(format!("cannot receive from {}", self.url))?.messages.unwrap_or_default())
    }

    /// Deletes a message that is held.
    pub(super) async fn remove(&self, held: &Held) -> Result<()> {
        let request = self.sqs.delete_message().queue_url(&self.url).receipt_handle(&held.receipt);
        request.send().await.told(format!("cannot delete {}", held.letter.message_id))?;
        Ok(())
    }

    /// Lets others see the messages again. If that fails they do later, so it is no error.
    pub(super) async fn release(&self, held: impl Iterator<Item = &Held>) {
        let held: Vec<&Held> = held.collect();
        for ten in held.chunks(BATCH) {
            let entry = |(n, held): (usize, &&Held)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
                entry.receipt_handle(&held.receipt).visibility_timeout(0).build()
            };
            let entries = ten.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let request = self.sqs.change_message_visibility_batch().queue_url(&self.url);
            let answer = request.set_entries(entries.ok()).send().await.told("some messages stay hidden for a while");
            match answer.map(|answer| answer.failed.len()) {
                Ok(0) => {}
                Ok(failed) => note(format!("{failed} messages stay hidden for a while")),
                Err(error) => note(format!("{error:#}")),
            }
        }
    }
}

/// A message that was received again has a new receipt.
fn add(held: &mut Vec<Held>, message: &Message) {
    let new = Held {
        letter: Letter::read(message),
        body: message.body().unwrap_or_default().to_owned(),
        target: attribute(message, "TARGET_ARN"),
        receipt: message.receipt_handle().unwrap_or_default().to_owned(),
    };
    match held.iter_mut().find(|held| held.letter.message_id == new.letter.message_id) {
        Some(known) => *known = new,
        None => held.push(new),
    }
}
