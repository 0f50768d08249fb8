//! Waking the sweeps by hand: what looks at the clock looks now, or as if it were another time.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::Aws;
use crate::invoke::invoke;
use crate::system::System;

/// The role that looks at the clock.
const ROLE: &str = "sweep";

/// What a sweep did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Whose sweep it was.
    pub service: String,
    /// What it did.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why it failed, if it did; what could not be handled stays due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a sweep did, as it answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Aggregates that were looked at.
    pub looked: u64,
    /// Aggregates that were changed.
    pub changed: u64,
    /// Aggregates that could not be handled.
    pub failed: u64,
}

/// Wakes the sweep of one service, or of all that have one.
///
/// # Errors
/// When a function cannot be invoked, or the service has no sweep; that a sweep fails is part of the answer.
pub async fn sweep(
    aws: &Aws,
    system: &System,
    service: Option<&str>,
    at: Option<Timestamp>,
    keys: &[String],
) -> Result<Vec<Swept>> {
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
        bail!("no service of {} has a sweep", system.stage);
    }
    let wake = serde_json::to_vec(&match at {
        Some(at) => json!({ "time": at, "keys": keys }),
        None => json!({ "keys": keys }),
    })?;
    let mut all = Vec::new();
    for service in services {
        let answer = invoke(aws, system.function(service, ROLE)?, wake.clone()).await?;
        let (counts, error) = match answer.error {
            Some(kind) => (Counts::default(), Some(format!("{kind}: {}", answer.payload))),
            None => {
                (serde_json::from_str(&answer.payload).with_context(|| format!("{service} answered no counts"))?, None)
            }
        };
        all.push(Swept { service: service.to_owned(), counts, error });
    }
    Ok(all)
}
