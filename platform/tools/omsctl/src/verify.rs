//! What only an account on AWS can show of a stage: checks against AWS's own answers.
//!
//! A check names its requests and judges their answers; both are pure. Those that write anything run only when asked for.

use std::fmt;

use anyhow::{Context, Result};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::aws_cli::{Ask, AwsError, Call};
use crate::repository::Repository;
use crate::terminal::{Colour, Paint, note, table};
use crate::up::check_stage;

mod alarms;
mod apis;
mod bus;
mod facts;
mod functions;
mod mail;
mod policies;
mod selling;
mod tables;

use facts::Facts;

/// How many requests run at a time: each is a process.
const AT_ONCE: usize = 6;

/// One thing to see on AWS.
pub struct Check {
    /// Such as `bus-policy`.
    pub name: &'static str,
    /// What it shows that the emulator cannot.
    pub shows: &'static str,
    /// Whether it changes or sends something.
    pub writes: bool,
    calls: fn(&Facts) -> Vec<Call>,
    judge: fn(&Facts, &[Answered]) -> Verdict,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq)]
struct Answered {
    call: Call,
    answer: Result<Value, AwsError>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Right(String),
    Wrong(String),
    /// Nobody can tell, and why.
    Unknown(String),
    /// There is nothing to see yet, and what makes it.
    Skipped(String),
}

/// A check with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    pub check: &'static str,
    /// What it shows that the emulator cannot.
    pub shows: &'static str,
    /// How it ended.
    pub result: Outcome,
    /// What AWS answered, in a few words.
    pub seen: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Right,
    /// Not as it should be.
    Wrong,
    /// AWS did not say.
    Unknown,
    /// It writes, or looks at what such a check wrote, and nobody asked for that.
    Skipped,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        })
    }
}

/// Every check, in the order of `docs/aws-only.md`.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let all = [
        &selling::CHECKS[..],
        &bus::CHECKS,
        &policies::CHECKS,
        &tables::CHECKS,
        &functions::CHECKS,
        &alarms::CHECKS,
        &mail::CHECKS,
        &apis::CHECKS,
    ];
    all.into_iter().flatten()
}

/// Runs the checks on a stage; those that write only with `write`.
///
/// # Errors
/// [`AwsError`] without credentials, and [`WrongArgument`](crate::wrong::WrongArgument) if the account has no such stage.
pub async fn run(
    aws: &impl Ask,
    repository: &Repository,
    stage: &str,
    write: bool,
    now: Timestamp,
) -> Result<Vec<Finding>> {
    check_stage(stage)?;
    let who = Call::new("sts", "get-caller-identity", serde_json::json!({}));
    let caller = aws.ask(&who).await.with_context(|| format!("cannot verify stage {stage} on AWS"))?;
    let facts = Facts::gather(aws, repository, stage, &caller, now).await?;
    note(format!("stage {stage}, account {}, region {}", facts.account, facts.region));
    let wanted: Vec<&Check> = checks().filter(|check| write || !check.writes).collect();
    let answers = ask_all(aws, &wanted, &facts).await;
    Ok(checks().map(|check| find(check, &facts, &answers, write)).collect())
}

/// Asks what the checks need, each thing once.
async fn ask_all(aws: &impl Ask, checks: &[&Check], facts: &Facts) -> Vec<Answered> {
    let mut calls: Vec<Call> = Vec::new();
    for call in checks.iter().flat_map(|check| (check.calls)(facts)) {
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    let asked = calls.into_iter().map(|call| async move {
        let answer = aws.ask(&call).await;
        Answered { call, answer }
    });
    stream::iter(asked).buffered(AT_ONCE).collect().await
}

fn find(check: &Check, facts: &Facts, answers: &[Answered], write: bool) -> Finding {
    let (result, seen) = if check.writes && !write {
        (Outcome::Skipped, "it writes; add --write".to_owned())
    } else {
        let answered = |call: Call| answers.iter().find(|it| it.call == call).cloned();
        let own: Vec<Answered> = (check.calls)(facts).into_iter().filter_map(answered).collect();
        match (check.judge)(facts, &own) {
            Verdict::Right(seen) => (Outcome::Right, seen),
            Verdict::Wrong(seen) => (Outcome::Wrong, seen),
            Verdict::Unknown(why) => (Outcome::Unknown, why),
            Verdict::Skipped(why) => (Outcome::Skipped, why),
        }
    };
    Finding { check: check.name, shows: check.shows, result, seen }
}

/// A table for people.
#[must_use]
pub fn report(findings: &[Finding], paint: Paint) -> String {
    let rows: Vec<[String; 3]> =
        findings.iter().map(|it| [it.check.to_owned(), it.result.to_string(), it.seen.clone()]).collect();
    let mut lines: Vec<String> = table(["CHECK", "RESULT", "SEEN"], &rows).lines().map(str::to_owned).collect();
    for (line, finding) in lines.iter_mut().skip(1).zip(findings) {
        let colour = match finding.result {
            Outcome::Right => continue,
            Outcome::Wrong => Colour::Red,
            Outcome::Unknown => Colour::Yellow,
            Outcome::Skipped => Colour::Dim,
        };
        *line = paint.paint(colour, &*line);
    }
    lines.join("\n") + "\n"
}

/// Whether every check that ran found what it should.
#[must_use]
pub fn is_right(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| matches!(finding.result, Outcome::Right | Outcome::Skipped))
}

impl Verdict {
    fn of(faults: &[String], right: impl Into<String>) -> Self {
        if faults.is_empty() { Self::Right(right.into()) } else { Self::Wrong(faults.join("; ")) }
    }
}

/// Judges each answer alone: its fault, if it has one. What does not exist is a fault, too.
fn each(answers: &[Answered], right: &str, fault: impl Fn(&Call, &Value) -> Option<String>) -> Verdict {
    let mut faults = Vec::new();
    for Answered { call, answer } in answers {
        match answer {
            Ok(value) => faults.extend(fault(call, value)),
            Err(error) if error.is_missing() => faults.push(format!("{call}: {error}")),
            Err(error) => return Verdict::Unknown(format!("{call}: {error}")),
        }
    }
    match answers.len() {
        0 => Verdict::Unknown("the stage has nothing of the kind".to_owned()),
        1 => Verdict::of(&faults, right),
        count => Verdict::of(&faults, format!("{count} × {right}")),
    }
}

/// The members of a list in an answer.
fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer[name].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests;
