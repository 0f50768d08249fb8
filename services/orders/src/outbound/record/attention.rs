//! An order's flags, as its item holds them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::attention::{Attention, Flag, Missed, Resolved, Trouble};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct AttentionRecord {
    raised: u32,
    flags: Vec<FlagRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlagRecord {
    number: u32,
    trouble: TroubleRecord,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved: Option<ResolvedRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum TroubleRecord {
    CommitOverdue,
    ReleaseOverdue,
    MoneyOverdue,
    RefundFailed,
    EventNotProcessed { consumer: String, event_id: String, event_type: String, error_class: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ResolvedRecord {
    at: Timestamp,
    by: String,
    note: String,
}

impl AttentionRecord {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Attention> for AttentionRecord {
    fn from(attention: &Attention) -> Self {
        Self { raised: attention.raised, flags: attention.flags.iter().map(FlagRecord::from).collect() }
    }
}

impl From<&AttentionRecord> for Attention {
    fn from(record: &AttentionRecord) -> Self {
        Self { raised: record.raised, flags: record.flags.iter().map(Flag::from).collect() }
    }
}

impl From<&Flag> for FlagRecord {
    fn from(flag: &Flag) -> Self {
        let resolved = flag.resolved.clone().map(|Resolved { at, by, note }| ResolvedRecord { at, by, note });
        Self { number: flag.number, trouble: (&flag.trouble).into(), since: flag.since, resolved }
    }
}

impl From<&FlagRecord> for Flag {
    fn from(record: &FlagRecord) -> Self {
        let resolved = record.resolved.clone().map(|ResolvedRecord { at, by, note }| Resolved { at, by, note });
        Self { number: record.number, trouble: (&record.trouble).into(), since: record.since, resolved }
    }
}

impl From<&Trouble> for TroubleRecord {
    fn from(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::CommitOverdue => Self::CommitOverdue,
            Trouble::ReleaseOverdue => Self::ReleaseOverdue,
            Trouble::MoneyOverdue => Self::MoneyOverdue,
            Trouble::RefundFailed => Self::RefundFailed,
            Trouble::EventNotProcessed(missed) => {
                let Missed { consumer, event_id, event_type, error_class } = missed.clone();
                Self::EventNotProcessed { consumer, event_id, event_type, error_class }
            }
        }
    }
}

impl From<&TroubleRecord> for Trouble {
    fn from(record: &TroubleRecord) -> Self {
        match record.clone() {
            TroubleRecord::CommitOverdue => Self::CommitOverdue,
            TroubleRecord::ReleaseOverdue => Self::ReleaseOverdue,
            TroubleRecord::MoneyOverdue => Self::MoneyOverdue,
            TroubleRecord::RefundFailed => Self::RefundFailed,
            TroubleRecord::EventNotProcessed { consumer, event_id, event_type, error_class } => {
                Self::EventNotProcessed(Missed { consumer, event_id, event_type, error_class })
            }
        }
    }
}
