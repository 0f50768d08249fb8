//! What the functions of a stage have logged, in the order in which it happened.

use std::collections::BTreeSet;

use anyhow::Result;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::aws::{Aws, Told};
use crate::system::System;
use crate::terminal::{Colour, Paint};

/// CloudWatch shows a line some seconds after it was written: following looks back that far.
const LATE: SignedDuration = SignedDuration::from_secs(15);

/// Keys that a line begins with, or that say nothing beside it.
const NOT_REPEATED: [&str; 12] = [
    "cold_start",
    "correlation_id",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "function_version",
    "level",
    "location",
    "message",
    "service",
    "timestamp",
    "xray_trace_id",
];

/// One line that a function has logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When: as the function says, or else as the log service does.
    pub at: Timestamp,
    /// The service that logged it.
    pub service: String,
    /// The role in which it did.
    pub role: String,
    /// The line as it is.
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

    /// A text field of a line that is JSON.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// The line for people: time, level, who, what, and the fields that are not the same on every line.
    #[must_use]
    pub fn pretty(&self, paint: Paint) -> String {
        let time = paint.paint(Colour::Dim, self.at.strftime("%H:%M:%S%.3f"));
        let who = paint.paint(Colour::Cyan, format!("{:<24}", format!("{}/{}", self.service, self.role)));
        let level = self.field("level").unwrap_or("");
        let level_colour = match level {
            "ERROR" => Colour::Red,
            "WARN" => Colour::Yellow,
            "INFO" => Colour::Green,
            _ => Colour::Dim,
        };
        let level = paint.paint(level_colour, format!("{level:<5}"));
        let message = self.field("message").unwrap_or(if self.fields.is_empty() { &self.text } else { "" });
        let correlation = self.field("correlation_id").map(|id| paint.paint(Colour::Dim, format!(" [{id}]")));
        let details = paint.paint(Colour::Dim, self.details());
        format!("{time} {level} {who} {message}{}{details}", correlation.unwrap_or_default())
    }

    fn details(&self) -> String {
        let shown = self.fields.iter().filter(|(name, _)| !NOT_REPEATED.contains(&name.as_str()));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        shown.fold(String::new(), |details, (name, value)| details + " " + name + "=" + &text(value))
    }
}

/// Which lines are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// About one order: lines that name it, and every line of a saga that names it.
    pub order: Option<String>,
    /// Of these sagas.
    pub correlation_ids: BTreeSet<String>,
}

impl Selection {
    /// Keeps the lines that are asked for. It learns from them which sagas an order belongs to, and remembers.
    pub fn select(&mut self, lines: Vec<Line>) -> Vec<Line> {
        if self.order.is_none() && self.correlation_ids.is_empty() {
            return lines;
        }
        let about = lines.iter().filter(|line| self.names_the_order(line));
        let learned: Vec<String> = about.filter_map(|line| line.field("correlation_id")).map(str::to_owned).collect();
        self.correlation_ids.extend(learned);
        lines.into_iter().filter(|line| self.names_the_order(line) || self.is_of_a_saga(line)).collect()
    }

    fn names_the_order(&self, line: &Line) -> bool {
        self.order.as_ref().is_some_and(|order| line.text.contains(order.as_str()))
    }

    fn is_of_a_saga(&self, line: &Line) -> bool {
        self.correlation_ids.iter().any(|id| line.text.contains(id.as_str()))
    }
}

/// Reads the logs of a stage, and what is added to them since.
#[derive(Debug)]
pub struct Reader<'a> {
    aws: &'a Aws,
    groups: Vec<(&'a str, &'a str, &'a str)>,
    from: Timestamp,
    seen: BTreeSet<(Timestamp, String)>,
}

impl<'a> Reader<'a> {
    /// Looks at what was logged from some time on.
    #[must_use]
    pub fn new(aws: &'a Aws, system: &'a System, service: Option<&str>, from: Timestamp) -> Self {
        let services = system.services.iter().filter(|(name, _)| service.is_none_or(|wanted| wanted == *name));
        let groups = services.flat_map(|(name, service)| {
            service.functions.iter().map(move |(role, function)| (name.as_str(), role.as_str(), function.as_str()))
        });
        Self { aws, groups: groups.collect(), from, seen: BTreeSet::new() }
    }

    /// What was logged and has not been read yet, by time.
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
        let mut pages = request.start_time(self.from.as_millisecond()).into_paginator().send();
        let mut lines = Vec::new();
        while let Some(page) = pages.next().await {
            for event in page.told(format!("cannot read {group}"))?.events.unwrap_or_default() {
                let at = Timestamp::from_millisecond(event.timestamp.unwrap_or_default())?;
                let text = event.message.unwrap_or_default();
                if !is_routine(&text) {
                    lines.push(Line::new(service, role, at, &text));
                }
            }
        }
        Ok(lines)
    }
}

/// What Lambda itself logs around every call.
fn is_routine(text: &str) -> bool {
    ["START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START "].iter().any(|it| text.starts_with(it))
        || text.starts_with("{\"time\":") && text.contains("\"type\":\"platform.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::new("orders", "events", Timestamp::UNIX_EPOCH, text)
    }

    #[test]
    fn an_order_selects_every_line_of_its_sagas_and_no_other() {
        let lines = vec![
            line(r#"{"message":"before the order had an id","correlation_id":"cor-1"}"#),
            line(r#"{"message":"accepted","correlation_id":"cor-1","order_id":"ord_1"}"#),
            line(r#"{"message":"another","correlation_id":"cor-2","order_id":"ord_2"}"#),
        ];
        let mut selection = Selection { order: Some("ord_1".into()), ..Selection::default() };

        let first: Vec<_> =
            selection.select(lines).iter().map(|line| line.field("message").unwrap().to_owned()).collect();
        assert_eq!(first, ["before the order had an id", "accepted"]);

        let later = selection.select(vec![line(r#"{"message":"charged","correlation_id":"cor-1"}"#)]);
        assert_eq!(later.len(), 1, "what was learned once holds while following");
    }

    #[test]
    fn a_line_says_when_it_was_written_itself() {
        let written = line(r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","message":"done","attempt":2}"#);
        assert_eq!(written.pretty(Paint::none()), "03:04:05.678 INFO  orders/events            done attempt=2");
        assert_eq!(line("plain").pretty(Paint::none()), "00:00:00.000       orders/events            plain");
    }

    #[test]
    fn what_lambda_says_around_every_call_is_routine() {
        assert!(is_routine("START RequestId: 1 Version: $LATEST"));
        assert!(!is_routine(r#"{"level":"INFO","message":"START"}"#));
    }
}
