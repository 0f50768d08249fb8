//! What was discarded, and why: a log group of the stage keeps it for a year, on an emulator and on AWS.

use anyhow::Result;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DeadLetter;
use crate::aws::{Aws, AwsContext};
use crate::system::System;

/// A dead letter that an operator discarded. It has no body, which can hold personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discarded {
    /// When.
    pub timestamp: Timestamp,
    /// `WARN`, as in the services' logs.
    level: String,
    /// `dead letter discarded`.
    message: String,
    /// The stage.
    pub stage: String,
    /// The dead-letter queue.
    pub queue: String,
    /// Why the message was not needed.
    pub reason: String,
    /// The message, as `show` prints it.
    pub letter: Value,
}

impl Discarded {
    /// The record of one message.
    ///
    /// # Errors
    /// None that is known: a dead letter is always JSON.
    pub fn new(stage: &str, queue: &str, reason: &str, letter: &DeadLetter, timestamp: Timestamp) -> Result<Self> {
        let [stage, queue, reason] = [stage, queue, reason].map(str::to_owned);
        let letter = serde_json::to_value(letter)?;
        let (level, message) = ("WARN".to_owned(), "dead letter discarded".to_owned());
        Ok(Self { timestamp, level, message, stage, queue, reason, letter })
    }
}

/// The log group; its stack is that of the dead-letter queues.
fn group(stage: &str) -> String {
    format!("/oms/{stage}/discarded")
}

/// Stores a record. It is done before the message is deleted: what cannot be recorded stays.
pub(super) async fn record(aws: &Aws, discarded: &Discarded) -> Result<()> {
    let (logs, group) = (aws.logs(), group(&discarded.stage));
    let stream = discarded.timestamp.strftime("%Y-%m-%d").to_string();
    create(&logs, &group, &stream).await?;
    let event = InputLogEvent::builder().timestamp(discarded.timestamp.as_millisecond());
    let event = event.message(serde_json::to_string(discarded)?).build()?;
    let request = logs.put_log_events().log_group_name(&group).log_stream_name(&stream).log_events(event);
    request.send().await.aws_context(format!("cannot write to the log group {group}"))?;
    Ok(())
}

async fn create(logs: &Client, group: &str, stream: &str) -> Result<()> {
    match logs.create_log_stream().log_group_name(group).log_stream_name(stream).send().await {
        Err(error) if error.code() == Some("ResourceAlreadyExistsException") => Ok(()),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Err(error).aws_context(format!(
            "there is no log group {group}; to create it, run `just up`, or `just deploy-platform STAGE` for AWS"
        )),
        created => created.map(drop).aws_context(format!("cannot write to the log group {group}")),
    }
}

/// What was discarded since a time, oldest first.
///
/// # Errors
/// When the log service does not answer.
pub async fn list(aws: &Aws, system: &System, since: Timestamp) -> Result<Vec<Discarded>> {
    let group = group(&system.stage);
    let request = aws.logs().filter_log_events().log_group_name(&group).start_time(since.as_millisecond());
    let mut pages = request.into_paginator().send();
    let mut all: Vec<Discarded> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.aws_context(format!("cannot read the log group {group}"))?;
        all.extend(page.events().iter().filter_map(|event| serde_json::from_str(event.message()?).ok()));
    }
    all.sort_by_key(|it| it.timestamp);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::dead_letter::tests::{event, message};

    #[test]
    fn a_record_has_the_reason_and_the_cause_and_no_body() {
        let letter = DeadLetter { body: None, ..DeadLetter::read(&message(&event(), &[("ErrorClass", "malformed")])) };
        let at = "2026-11-22T10:15:00Z".parse().unwrap();
        let record = Discarded::new("local", "orders", "a test of ours", &letter, at).unwrap();
        let text = serde_json::to_string(&record).unwrap();
        let read: Discarded = serde_json::from_str(&text).unwrap();
        assert_eq!((read.reason.as_str(), read.queue.as_str(), read.timestamp), ("a test of ours", "orders", at));
        assert_eq!(read.letter["errorClass"], "malformed");
        assert!(read.letter["eventId"].is_string() && !text.contains("\"body\""), "{text}");
    }
}
