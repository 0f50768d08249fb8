//! What is wrong with an order that it cannot settle itself.
//!
//! An entry that follows from the order as it is comes and goes with that. One about an event that a consumer could not
//! process stays until support has resolved it, and makes room for others from then on. Nothing is left out in silence: when
//! too many are open, an entry says that there are more.

use jiff::Timestamp;

/// The most entries of one order about events that were not processed.
pub const MAX_UNPROCESSED: usize = 20;

/// All that needs somebody's attention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// How many entries were ever made; also the number of the latest.
    pub raised: u32,
    /// The entries, the oldest first; those that no longer apply are gone.
    pub entries: Vec<AttentionEntry>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionEntry {
    /// Its number within the order, from 1.
    pub number: u32,
    /// What is wrong.
    pub reason: AttentionReason,
    /// Since when.
    pub since: Timestamp,
    /// Who has resolved it, if anybody has.
    pub resolution: Option<Resolution>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttentionReason {
    /// A confirmed order's stock is not sold.
    CommitOverdue,
    /// A cancelled order's stock is not given back.
    ReleaseOverdue,
    /// A cancelled order's money is neither called off nor returned.
    MoneyOverdue,
    /// A refund does not go through so far.
    RefundFailed,
    /// A consumer could not process an event about the order.
    EventNotProcessed(UnprocessedEvent),
    /// Consumers could not process more events than there are entries for.
    MoreNotProcessed,
}

/// An event that a consumer could not process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnprocessedEvent {
    /// Who should have processed it: service and role, for example `inventory/events`.
    pub consumer: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// A stable word for the kind of error.
    pub error_class: String,
}

/// What a member of staff noted when they resolved an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// The subject of their token.
    pub by: String,
    /// Their note. It is for staff alone.
    pub note: String,
}

impl AttentionReason {
    /// The code as the API spells it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CommitOverdue => "COMMIT_OVERDUE",
            Self::ReleaseOverdue => "RELEASE_OVERDUE",
            Self::MoneyOverdue => "MONEY_OVERDUE",
            Self::RefundFailed => "REFUND_FAILED",
            Self::EventNotProcessed(_) => "EVENT_NOT_PROCESSED",
            Self::MoreNotProcessed => "MORE_EVENTS_NOT_PROCESSED",
        }
    }

    /// Whether both are about one event at one consumer; no other reason is about an event.
    fn is_about(&self, event: &UnprocessedEvent) -> bool {
        match self {
            Self::EventNotProcessed(known) => known.consumer == event.consumer && known.event_id == event.event_id,
            Self::CommitOverdue
            | Self::ReleaseOverdue
            | Self::MoneyOverdue
            | Self::RefundFailed
            | Self::MoreNotProcessed => false,
        }
    }
}

impl AttentionEntry {
    fn is_about_an_event(&self) -> bool {
        matches!(self.reason, AttentionReason::EventNotProcessed(_))
    }
}

impl Attention {
    /// Whether an entry is not resolved.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open().next().is_some()
    }

    /// When the oldest entry was made that is not resolved.
    #[must_use]
    pub fn open_since(&self) -> Option<Timestamp> {
        self.open().map(|entry| entry.since).min()
    }

    /// With one entry resolved; the first resolution of an entry remains. None, if no entry has this number.
    #[must_use]
    pub fn resolve(&self, number: u32, resolution: Resolution) -> Option<Self> {
        let mut attention = self.clone();
        let entry = attention.entries.iter_mut().find(|entry| entry.number == number)?;
        entry.resolution.get_or_insert(resolution);
        Some(attention)
    }

    /// With an entry for an event that a consumer could not process, unless it has one. The oldest that is resolved makes
    /// room; if none is, one entry stands for all that are left out.
    pub(super) fn with_unprocessed(mut self, event: UnprocessedEvent, at: Timestamp) -> Self {
        if self.is_listed(&event) {
            return self;
        }
        if self.entries.iter().filter(|entry| entry.is_about_an_event()).count() < MAX_UNPROCESSED {
            return self.with(AttentionReason::EventNotProcessed(event), at);
        }
        match self.entries.iter().position(|entry| entry.is_about_an_event() && entry.resolution.is_some()) {
            Some(resolved) => {
                self.entries.remove(resolved);
                self.with(AttentionReason::EventNotProcessed(event), at)
            }
            None => self.again(AttentionReason::MoreNotProcessed, at),
        }
    }

    /// With an open entry for the reason: it is wrong once more, whatever was resolved before.
    pub(super) fn again(mut self, reason: AttentionReason, at: Timestamp) -> Self {
        self.entries.retain(|entry| entry.reason != reason || entry.resolution.is_none());
        self.with(reason, at)
    }

    /// With an entry for the reason, unless it has one.
    pub(super) fn with(mut self, reason: AttentionReason, at: Timestamp) -> Self {
        if !self.has(&reason) {
            self.raised += 1;
            self.entries.push(AttentionEntry { number: self.raised, reason, since: at, resolution: None });
        }
        self
    }

    /// Whether an entry is about this event at this consumer.
    pub(super) fn is_listed(&self, event: &UnprocessedEvent) -> bool {
        self.entries.iter().any(|entry| entry.reason.is_about(event))
    }

    pub(super) fn has(&self, reason: &AttentionReason) -> bool {
        self.entries.iter().any(|entry| entry.reason == *reason)
    }

    fn open(&self) -> impl Iterator<Item = &AttentionEntry> {
        self.entries.iter().filter(|entry| entry.resolution.is_none())
    }
}
