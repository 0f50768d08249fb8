//! What functions logged, as CloudWatch bills it: the message and 26 bytes for each event.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use anyhow::{Context, Result};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use omsctl::aws::Aws;
use serde_json::{Map, Value};

const EVENT_BYTES: u64 = 26;

/// What a function logged since it exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Logged {
    /// Its invocations: the lines with which Lambda begins each.
    pub invocations: u64,
    /// The lines of its own.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Logged {
    /// Reads the log of a function; nothing for one that never ran.
    ///
    /// # Errors
    /// When the log service does not answer.
    pub async fn read(aws: &Aws, function: &str) -> Result<Self> {
        let group = format!("/aws/lambda/{function}");
        let mut pages = aws.logs().filter_log_events().log_group_name(&group).into_paginator().send();
        let mut logged = Self::default();
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error)
                    if error.as_service_error().is_some_and(FilterLogEventsError::is_resource_not_found_exception) =>
                {
                    break;
                }
                page => page.with_context(|| format!("cannot read the logs of {group}"))?,
            };
            page.events
                .unwrap_or_default()
                .iter()
                .for_each(|event| logged.add(event.message.as_deref().unwrap_or_default()));
        }
        Ok(logged)
    }

    fn add(&mut self, message: &str) {
        if message.starts_with("START RequestId: ") {
            self.invocations += 1;
        } else if !["END RequestId: ", "REPORT RequestId: "].iter().any(|start| message.starts_with(start)) {
            self.lines += 1;
            self.bytes += EVENT_BYTES + steady(message);
        }
    }

    /// What was added since `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            invocations: self.invocations - before.invocations,
            lines: self.lines - before.lines,
            bytes: self.bytes - before.bytes,
        }
    }
}

/// The digits that a duration in milliseconds and a line number in the source are counted with, however many they have.
const DIGITS: u64 = 3;

/// The bytes of a time to the millisecond; a line has fewer if it was written at .120 or .100.
const TIME: u64 = 24;

/// The bytes of a message, without what differs from run to run or with an unrelated edit: whether the process is new, when
/// and for how long it ran, and from which line of the source it comes.
fn steady(message: &str) -> u64 {
    let Ok(line) = serde_json::from_str::<Map<String, Value>>(message) else { return length(message) };
    let number =
        line.get("location").and_then(Value::as_str).and_then(|it| it.rsplit_once(':')).map(|(_, number)| number);
    let time = line.get("timestamp").and_then(Value::as_str);
    let duration = line.get("duration_ms").map(Value::to_string);
    let instead = |varies: Option<&str>, width| varies.map_or((0, 0), |text| (length(text), width));
    let varying = [instead(number, DIGITS), instead(time, TIME), instead(duration.as_deref(), DIGITS)];
    let (actual, counted) = varying.into_iter().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    length(message) + u64::from(line.get("cold_start") == Some(&Value::Bool(true))) + counted - actual
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_is_its_start_and_lines_of_lambda_itself_are_not_counted() {
        let mut logged = Logged::default();
        for line in
            ["START RequestId: 1 Version: $LATEST", "plain", "END RequestId: 1", "REPORT RequestId: 1\tDuration: 1 ms"]
        {
            logged.add(line);
        }
        assert_eq!(logged, Logged { invocations: 1, lines: 1, bytes: 5 + 26 });
        assert_eq!(logged.since(logged), Logged::default());
    }

    #[test]
    fn a_new_process_a_slow_run_and_a_moved_line_of_the_source_weigh_the_same() {
        let line = |cold: bool, took: u32, line: u32, at: &str| {
            let at = format!("2026-11-29T10:27:50{at}Z");
            steady(&format!(
                r#"{{"cold_start":{cold},"duration_ms":{took},"location":"src/a.rs:{line}","timestamp":"{at}"}}"#
            ))
        };
        assert_eq!(line(true, 7, 99, ".1"), line(false, 1_234, 100, ".123"));
        assert_eq!(steady(r#"{"message":"ä"}"#), 16);
    }
}
