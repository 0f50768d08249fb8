//! The functions' log lines, in the order in which they were written.
//!
//! - [`Line`]: one line, and the columns that people read
//! - [`Selection`]: the story of one order, or of one correlation id
//! - [`Reader`]: what was logged since the last read
//! - [`Columns`]: lines as a table

mod columns;
mod selection;

use std::collections::BTreeSet;

use anyhow::Result;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::aws::{Aws, AwsContext};
use crate::package::SANDBOX;
use crate::system::System;

pub use columns::Columns;
pub use selection::Selection;

/// CloudWatch shows a line some seconds after it was written; following looks back this far.
const LATE: SignedDuration = SignedDuration::from_secs(15);

/// One line that a function logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line's own timestamp, or the log service's if it has none.
    pub at: Timestamp,
    /// Such as `payments`.
    pub service: String,
    /// Such as `dead-letters`.
    pub role: String,
    /// The line as it was logged.
    pub text: String,
    fields: Map<String, Value>,
}

impl Line {
    fn new(service: &str, role: &str, at: Timestamp, text: &str) -> Self {
        let fields = serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let own = fields.get("timestamp").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let text = text.trim_end().to_owned();
        Self { at: own.unwrap_or(at), service: service.to_owned(), role: role.to_owned(), text, fields }
    }

    /// A text field; `None` for a line that is not JSON.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Whether the line has this id anywhere but in what a client has called its request.
    fn names(&self, id: &str) -> bool {
        if self.fields.is_empty() {
            return self.text.contains(id);
        }
        self.fields.iter().any(|(name, value)| name != selection::CLIENTS && value.to_string().contains(id))
    }

    /// The service and its role, such as `payments/dead-letters`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}/{}", self.service, self.role)
    }

    /// Whether the line is a client's request that only read something, successfully. The sandbox gateway's clients are
    /// services: what they ask is a step of the order.
    #[must_use]
    pub fn is_read(&self) -> bool {
        if self.service == SANDBOX {
            return false;
        }
        let status = self.fields.get("status").and_then(Value::as_u64);
        self.field("method") == Some("GET") && status.is_some_and(|status| status < 400)
    }
}

/// Reads the logs of a stage, and then what was added since.
#[derive(Debug)]
pub struct Reader<'a> {
    aws: &'a Aws,
    /// Service, role and function name of each log group.
    groups: Vec<(&'a str, &'a str, &'a str)>,
    from: Timestamp,
    /// Only lines that contain this text.
    about: Option<&'a str>,
    seen: BTreeSet<(Timestamp, String)>,
}

impl<'a> Reader<'a> {
    /// Reads lines from this time on, of one service or of all.
    #[must_use]
    pub fn new(aws: &'a Aws, system: &'a System, service: Option<&str>, from: Timestamp) -> Self {
        let services = system.services.iter().filter(|(name, _)| service.is_none_or(|wanted| wanted == *name));
        let groups = services.flat_map(|(name, service)| {
            service.functions.iter().map(move |(role, function)| (name.as_str(), role.as_str(), function.as_str()))
        });
        Self { aws, groups: groups.collect(), from, about: None, seen: BTreeSet::new() }
    }

    /// Reads only lines that contain this text: the log service looks for it.
    #[must_use]
    pub fn about(self, text: &'a str) -> Self {
        Self { about: Some(text), ..self }
    }

    /// The lines that were not read before, by time.
    ///
    /// # Errors
    /// When the log service does not answer.
    pub async fn read(&mut self) -> Result<Vec<Line>> {
        let read = self.groups.iter().map(|(service, role, function)| self.group(service, role, function));
        let mut lines: Vec<Line> = try_join_all(read).await?.into_iter().flatten().collect();
        lines.retain(|line| self.seen.insert((line.at, line.text.clone())));
        lines.sort_by_key(|line| line.at);
        if let Some(last) = lines.last() {
            self.from = self.from.max(last.at - LATE);
        }
        let from = self.from;
        self.seen.retain(|(at, _)| *at >= from);
        Ok(lines)
    }

    async fn group(&self, service: &str, role: &str, function: &str) -> Result<Vec<Line>> {
        let group = format!("/aws/lambda/{function}");
        let request = self.aws.logs().filter_log_events().log_group_name(&group);
        let request = request.set_filter_pattern(self.about.map(|text| format!("\"{text}\"")));
        let mut pages = request.start_time(self.from.as_millisecond()).into_paginator().send();
        let mut lines = Vec::new();
        while let Some(page) = pages.next().await {
            for event in page.aws_context(format!("cannot read the logs of {group}"))?.events.unwrap_or_default() {
                let at = Timestamp::from_millisecond(event.timestamp.unwrap_or_default())?;
                let text = event.message.unwrap_or_default();
                if !is_from_lambda(&text) {
                    lines.push(Line::new(service, role, at, &text));
                }
            }
        }
        Ok(lines)
    }
}

/// Whether Lambda itself logged the line, as it does around every invocation.
fn is_from_lambda(text: &str) -> bool {
    ["START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START "].iter().any(|it| text.starts_with(it))
        || text.starts_with("{\"time\":") && text.contains("\"type\":\"platform.")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn line(text: &str) -> Line {
        Line::new("orders", "events", Timestamp::UNIX_EPOCH, text)
    }

    #[test]
    fn a_line_has_its_own_time_or_that_of_the_log_service() {
        let written = line(r#"{"timestamp":"2026-01-02T03:04:05.678Z","message":"done"}"#);
        assert_eq!(written.at, "2026-01-02T03:04:05.678Z".parse().unwrap());
        assert_eq!(line("plain").at, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn lines_of_lambda_itself_are_left_out() {
        assert!(is_from_lambda("START RequestId: 1 Version: $LATEST"));
        assert!(!is_from_lambda(r#"{"level":"INFO","message":"START"}"#));
    }

    #[test]
    fn only_a_get_that_succeeded_is_a_read() {
        let request = |method: &str, status: u16| {
            line(&format!(r#"{{"message":"request answered","method":"{method}","status":{status}}}"#)).is_read()
        };
        assert!(request("GET", 200) && request("GET", 304));
        assert!(!request("GET", 500) && !request("GET", 404) && !request("POST", 201));
        assert!(!line(r#"{"message":"fact applied","status":"PAID"}"#).is_read());
        let asked = r#"{"message":"request answered","method":"GET","status":200}"#;
        let asked = Line::new(SANDBOX, "api", Timestamp::UNIX_EPOCH, asked);
        assert!(!asked.is_read(), "payments asks the gateway: a step of the order");
    }
}
