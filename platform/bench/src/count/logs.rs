//! What functions logged, as CloudWatch bills it: the message and 26 bytes for each event.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use anyhow::{Context, Result, ensure};
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
    /// Milliseconds that its invocations are billed for, as Lambda reports them.
    pub billed: u64,
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
        } else if message.starts_with("REPORT RequestId: ") {
            self.billed += billed(message);
        } else if !message.starts_with("END RequestId: ") {
            self.lines += 1;
            self.bytes += EVENT_BYTES + steady(message);
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            invocations: self.invocations + other.invocations,
            lines: self.lines + other.lines,
            bytes: self.bytes + other.bytes,
            billed: self.billed + other.billed,
        }
    }

    /// Milliseconds that an invocation is billed for, on average.
    ///
    /// # Errors
    /// When nothing was invoked, or the emulator reports no billed time.
    pub fn billed_for_each(self) -> Result<f64> {
        ensure!(self.billed > 0, "the functions' logs show no billed time for {} invocations", self.invocations);
        Ok(f64::from(u32::try_from(self.billed)?) / f64::from(u32::try_from(self.invocations)?))
    }

    /// What was added since `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            invocations: self.invocations - before.invocations,
            lines: self.lines - before.lines,
            bytes: self.bytes - before.bytes,
            billed: self.billed - before.billed,
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

/// The milliseconds that a report says are billed.
fn billed(report: &str) -> u64 {
    let after = report.split_once("Billed Duration: ").map_or("", |(_, after)| after);
    after.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
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
        let report = "REPORT RequestId: 1\tDuration: 6.2 ms\tBilled Duration: 7 ms\tMemory Size: 256 MB";
        for line in ["START RequestId: 1 Version: $LATEST", "plain", "END RequestId: 1", report] {
            logged.add(line);
        }
        assert_eq!(logged, Logged { invocations: 1, lines: 1, bytes: 5 + 26, billed: 7 });
        assert_eq!(logged.since(logged), Logged::default());
        assert_eq!(logged.and(logged).since(logged), logged);
    }

    #[test]
    fn billed_time_is_told_for_each_invocation_and_none_is_an_error() {
        let logged = Logged { invocations: 4, billed: 10, ..Logged::default() };
        assert_eq!(logged.billed_for_each().unwrap().to_string(), "2.5");
        let error = Logged { billed: 0, ..logged }.billed_for_each().unwrap_err().to_string();
        assert!(error.contains("no billed time for 4 invocations"), "{error}");
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
