//! Runs the services' sweeps by hand, as of now or of another time.

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::Aws;
use crate::invoke::{Answer, invoke};
use crate::staff_api::REBUILD;
use crate::system::System;
use crate::wrong::WrongArgument;

/// The role that a schedule invokes every minute, to decide what is due.
const ROLE: &str = "sweep";

/// How far ahead a sweep may look without naming its orders. The schedule comes every minute, and so handles by itself what
/// is due within one. What is due later a customer can still pay.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// Refuses a sweep of everything that is due by a time far ahead.
///
/// # Errors
/// [`WrongArgument`], unless the time is near or orders are named.
pub fn refuse_far_ahead(at: Option<Timestamp>, now: Timestamp, keys: &[String]) -> Result<(), WrongArgument> {
    match at.filter(|at| keys.is_empty() && at.duration_since(now) > AHEAD) {
        None => Ok(()),
        Some(at) => Err(WrongArgument(format!(
            "--at {at} is more than a minute ahead: every order that is not paid by then would be cancelled. To sweep one \
             order, add `--key ORDER`; to sweep all of them, add `--all`"
        ))),
    }
}

/// The result of one service's sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SweepResult {
    /// Such as `orders`.
    pub service: String,
    /// Its counts; all zero if it failed.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why it failed, if it did. What it could not handle stays due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A sweep's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Aggregates that it checked.
    pub looked: u64,
    /// Aggregates that it changed.
    pub changed: u64,
    /// Aggregates that it could not handle.
    pub failed: u64,
}

/// Runs the sweep of one service, or of every service that has one.
///
/// # Errors
/// When a function cannot be invoked, or the service has no sweep. A sweep that fails is part of the result.
pub async fn sweep(
    aws: &Aws,
    system: &System,
    service: Option<&str>,
    at: Option<Timestamp>,
    keys: &[String],
) -> Result<Vec<SweepResult>> {
    let services: Vec<&str> = match service {
        Some(service) => vec![service],
        None => system
            .services
            .iter()
            .filter(|(_, it)| it.functions.contains_key(ROLE))
            .map(|(name, _)| name.as_str())
            .collect(),
    };
    if services.is_empty() {
        bail!("no service of stage {} has a sweep; to see its functions, run `just env`", system.stage);
    }
    let payload = serde_json::to_vec(&match at {
        Some(at) => json!({ "time": at, "keys": keys }),
        None => json!({ "keys": keys }),
    })?;
    let mut all = Vec::new();
    for service in services {
        let answer = invoke(aws, system.function(service, ROLE)?, payload.clone()).await?;
        let (counts, error) = result(service, answer)?;
        all.push(SweepResult { service: service.to_owned(), counts, error });
    }
    Ok(all)
}

fn result(service: &str, answer: Answer) -> Result<(Counts, Option<String>)> {
    if let Some(kind) = answer.error {
        return Ok((Counts::default(), Some(format!("{kind}: {}", answer.payload))));
    }
    let counts = serde_json::from_str(&answer.payload);
    let unknown = || format!("the answer of {service}'s sweep has no counts: {}; {REBUILD}", answer.payload);
    Ok((counts.with_context(unknown)?, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_swept_for_a_time_that_is_near_and_for_another_only_what_is_named() {
        let now: Timestamp = "2026-11-22T10:15:00Z".parse().unwrap();
        let refused = |seconds: i64, keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            refuse_far_ahead(Some(now + SignedDuration::from_secs(seconds)), now, &keys).is_err()
        };
        assert!(refused(61, &[]) && refused(3_000_000_000, &[]));
        assert!(!refused(60, &[]) && !refused(-3_000_000, &[]));
        assert!(!refused(3_000_000_000, &["ord_1"]));
        assert_eq!(refuse_far_ahead(None, now, &[]), Ok(()));
    }
}
