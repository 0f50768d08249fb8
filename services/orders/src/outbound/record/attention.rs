//! An order's attention entries, as its item holds them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::attention::{Attention, AttentionEntry, AttentionReason, Resolution, UnprocessedEvent};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct AttentionRecord {
    raised: u32,
    #[serde(rename = "flags")]
    entries: Vec<EntryRecord>,
    /// The entry that stands for those that are left out. It is not one of `flags`, because versions that do not know it
    /// could not read its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more: Option<MoreRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct MoreRecord {
    number: u32,
    since: Timestamp,
    #[serde(default, rename = "resolved", skip_serializing_if = "Option::is_none")]
    resolution: Option<ResolutionRecord>,
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
        let (mut entries, mut more) = (Vec::new(), None);
        for AttentionEntry { number, reason, since, resolution } in &attention.entries {
            let (number, since, resolution) = (*number, *since, resolution.clone().map(ResolutionRecord::from));
            match ReasonRecord::of(reason) {
                Some(reason) => entries.push(EntryRecord { number, reason, since, resolution }),
                None => more = Some(MoreRecord { number, since, resolution }),
            }
        }
        Self { raised: attention.raised, entries, more }
    }
}

impl From<&AttentionRecord> for Attention {
    fn from(record: &AttentionRecord) -> Self {
        let mut entries: Vec<_> = record.entries.iter().map(AttentionEntry::from).collect();
        if let Some(MoreRecord { number, since, resolution }) = record.more.clone() {
            let at = entries.iter().position(|entry| entry.number > number).unwrap_or(entries.len());
            let (reason, resolution) = (AttentionReason::MoreNotProcessed, resolution.map(Resolution::from));
            entries.insert(at, AttentionEntry { number, reason, since, resolution });
        }
        Self { raised: record.raised, entries }
    }
}

impl From<Resolution> for ResolutionRecord {
    fn from(Resolution { at, by, note }: Resolution) -> Self {
        Self { at, by, note }
    }
}

impl From<ResolutionRecord> for Resolution {
    fn from(ResolutionRecord { at, by, note }: ResolutionRecord) -> Self {
        Self { at, by, note }
    }
}

impl From<&EntryRecord> for AttentionEntry {
    fn from(record: &EntryRecord) -> Self {
        let resolution = record.resolution.clone().map(Resolution::from);
        Self { number: record.number, reason: (&record.reason).into(), since: record.since, resolution }
    }
}

impl ReasonRecord {
    /// The reason; none if its entry lies beside the others.
    fn of(reason: &AttentionReason) -> Option<Self> {
        Some(match reason {
            AttentionReason::MoreNotProcessed => return None,
            AttentionReason::CommitOverdue => Self::CommitOverdue,
            AttentionReason::ReleaseOverdue => Self::ReleaseOverdue,
            AttentionReason::MoneyOverdue => Self::MoneyOverdue,
            AttentionReason::RefundFailed => Self::RefundFailed,
            AttentionReason::EventNotProcessed(event) => {
                let UnprocessedEvent { consumer, event_id, event_type, error_class } = event.clone();
                Self::EventNotProcessed { consumer, event_id, event_type, error_class }
            }
        })
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
