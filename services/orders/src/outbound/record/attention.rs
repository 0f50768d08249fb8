//! An order's attention entries, as its item holds them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::attention::{Attention, AttentionEntry, AttentionReason, Resolution, UnprocessedEvent};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct AttentionRecord {
    raised: u32,
    #[serde(rename = "flags")]
    entries: Vec<EntryRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryRecord {
    number: u32,
    #[serde(rename = "trouble")]
    reason: ReasonRecord,
    since: Timestamp,
    #[serde(default, rename = "resolved", skip_serializing_if = "Option::is_none")]
    resolution: Option<ResolutionRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum ReasonRecord {
    CommitOverdue,
    ReleaseOverdue,
    MoneyOverdue,
    RefundFailed,
    EventNotProcessed { consumer: String, event_id: String, event_type: String, error_class: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ResolutionRecord {
    at: Timestamp,
    by: String,
    note: String,
}

impl AttentionRecord {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Attention> for AttentionRecord {
    fn from(attention: &Attention) -> Self {
        Self { raised: attention.raised, entries: attention.entries.iter().map(EntryRecord::from).collect() }
    }
}

impl From<&AttentionRecord> for Attention {
    fn from(record: &AttentionRecord) -> Self {
        Self { raised: record.raised, entries: record.entries.iter().map(AttentionEntry::from).collect() }
    }
}

impl From<&AttentionEntry> for EntryRecord {
    fn from(entry: &AttentionEntry) -> Self {
        let resolution = entry.resolution.clone().map(|Resolution { at, by, note }| ResolutionRecord { at, by, note });
        Self { number: entry.number, reason: (&entry.reason).into(), since: entry.since, resolution }
    }
}

impl From<&EntryRecord> for AttentionEntry {
    fn from(record: &EntryRecord) -> Self {
        let resolution = record.resolution.clone().map(|ResolutionRecord { at, by, note }| Resolution { at, by, note });
        Self { number: record.number, reason: (&record.reason).into(), since: record.since, resolution }
    }
}

impl From<&AttentionReason> for ReasonRecord {
    fn from(reason: &AttentionReason) -> Self {
        match reason {
            AttentionReason::CommitOverdue => Self::CommitOverdue,
            AttentionReason::ReleaseOverdue => Self::ReleaseOverdue,
            AttentionReason::MoneyOverdue => Self::MoneyOverdue,
            AttentionReason::RefundFailed => Self::RefundFailed,
            AttentionReason::EventNotProcessed(event) => {
                let UnprocessedEvent { consumer, event_id, event_type, error_class } = event.clone();
                Self::EventNotProcessed { consumer, event_id, event_type, error_class }
            }
        }
    }
}

impl From<&ReasonRecord> for AttentionReason {
    fn from(record: &ReasonRecord) -> Self {
        match record.clone() {
            ReasonRecord::CommitOverdue => Self::CommitOverdue,
            ReasonRecord::ReleaseOverdue => Self::ReleaseOverdue,
            ReasonRecord::MoneyOverdue => Self::MoneyOverdue,
            ReasonRecord::RefundFailed => Self::RefundFailed,
            ReasonRecord::EventNotProcessed { consumer, event_id, event_type, error_class } => {
                Self::EventNotProcessed(UnprocessedEvent { consumer, event_id, event_type, error_class })
            }
        }
    }
}
