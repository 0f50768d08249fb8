//! The report of a batch: a log line for each event that breaks a rule, a metric for each type.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::inspection::Inspection;

/// Writes one warning if the event breaks a rule.
pub fn log(event: &Inspection) {
    if event.violations.is_empty() {
        return;
    }
    let Inspection { event_type, source, event_id, correlation_id, violations, count } = event;
    let violations = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    tracing::warn!(
        event_type,
        source,
        event_id,
        correlation_id,
        violations,
        count,
        "an event on the bus does not match its schema"
    );
}

/// CloudWatch's embedded metric format, an object for each type: how many events were seen, and how many broke a rule;
/// by type, and in sum over all types. `timestamp` is in milliseconds since 1970.
///
/// Source of the format: "Specification: Embedded metric format" in the CloudWatch user guide.
#[must_use]
pub fn metrics(batch: &[Inspection], stage: &str, timestamp: i64) -> Vec<Value> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for event in batch {
        let (all, wrong) = counts.entry(&event.event_type).or_default();
        *all += 1;
        *wrong += u64::from(!event.violations.is_empty());
    }
    let metric = |(event_type, (all, wrong)): (&str, (u64, u64))| {
        json!({
            "_aws": {
                "Timestamp": timestamp,
                "CloudWatchMetrics": [{
                    "Namespace": format!("oms/{stage}"),
                    "Dimensions": [[], ["EventType"]],
                    "Metrics": [
                        { "Name": "EventsWatched", "Unit": "Count" },
                        { "Name": "ContractViolations", "Unit": "Count" },
                    ],
                }],
            },
            "EventType": event_type,
            "EventsWatched": all,
            "ContractViolations": wrong,
        })
    };
    counts.into_iter().map(metric).collect()
}
