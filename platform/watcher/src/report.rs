//! What a batch of events is worth saying: a line for each that is wrong, a metric for each type.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::seen::Seen;

/// Writes one warning for an event that is wrong; nothing for one that is not.
pub fn log(seen: &Seen) {
    if seen.violations.is_empty() {
        return;
    }
    let Seen { event_type, source, event_id, correlation_id, violations, count } = seen;
    let violations = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    tracing::warn!(
        event_type,
        source,
        event_id,
        correlation_id,
        violations,
        count,
        "an event on the bus is not as its schema says"
    );
}

/// CloudWatch's embedded metric format, an object for each type: how many events were seen, and how many were wrong;
/// by type, and in sum over all types. `timestamp` is in milliseconds since 1970.
///
/// Source of the format: "Specification: Embedded metric format" in the CloudWatch user guide.
#[must_use]
pub fn metrics(batch: &[Seen], stage: &str, timestamp: i64) -> Vec<Value> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for seen in batch {
        let (all, wrong) = counts.entry(&seen.event_type).or_default();
        *all += 1;
        *wrong += u64::from(!seen.violations.is_empty());
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
