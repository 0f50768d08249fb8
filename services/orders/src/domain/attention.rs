//! What is wrong with an order that it cannot settle itself, and what it waits for.
//!
//! A flag that follows from the order as it stands comes and goes with that. One about an event that a consumer could not
//! handle stays until support has resolved it.

use jiff::{SignedDuration, Timestamp};

use super::facets::{Decision, Inventory, Payment};
use super::order::Order;

/// The most flags that an order carries; beyond that, more of the same say nothing new.
pub const MAX_FLAGS: usize = 20;

/// All flags of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// How many were ever raised; also the number of the latest.
    pub raised: u32,
    /// Those that stand, in the order in which they were raised.
    pub flags: Vec<Flag>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its number within the order, from 1.
    pub number: u32,
    /// What is wrong.
    pub trouble: Trouble,
    /// Since when.
    pub since: Timestamp,
    /// Who has taken note of it, if anybody.
    pub resolved: Option<Resolved>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A confirmed order's stock is not sold.
    CommitOverdue,
    /// A cancelled order's stock is not given back.
    ReleaseOverdue,
    /// A cancelled order's money is neither called off nor returned.
    MoneyOverdue,
    /// A refund does not go through so far.
    RefundFailed,
    /// A consumer could not handle an event about the order.
    EventNotProcessed(Missed),
}

/// An event that a consumer could not handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Whose it was to handle: service and role, for example `inventory/events`.
    pub consumer: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// A stable word for the kind of error.
    pub error_class: String,
}

/// That somebody has taken note of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// When.
    pub at: Timestamp,
    /// The subject of their token.
    pub by: String,
    /// What they noted. It is for staff alone.
    pub note: String,
}

/// A fact that an order waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The event that would bring it.
    pub fact: &'static str,
    /// The service that owes it.
    pub owed_by: &'static str,
    /// Since when.
    pub since: Timestamp,
}

impl Trouble {
    /// The code as the API spells it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CommitOverdue => "COMMIT_OVERDUE",
            Self::ReleaseOverdue => "RELEASE_OVERDUE",
            Self::MoneyOverdue => "MONEY_OVERDUE",
            Self::RefundFailed => "REFUND_FAILED",
            Self::EventNotProcessed(_) => "EVENT_NOT_PROCESSED",
        }
    }
}

impl Attention {
    /// Whether nobody has taken note of something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.flags.iter().any(|flag| flag.resolved.is_none())
    }

    /// Since when the oldest open flag stands.
    #[must_use]
    pub fn open_since(&self) -> Option<Timestamp> {
        self.flags.iter().filter(|flag| flag.resolved.is_none()).map(|flag| flag.since).min()
    }

    /// Somebody takes note of a flag; nothing happens to one that is resolved. False, if there is no such flag.
    pub fn resolve(&mut self, number: u32, resolved: Resolved) -> bool {
        let Some(flag) = self.flags.iter_mut().find(|flag| flag.number == number) else { return false };
        flag.resolved.get_or_insert(resolved);
        true
    }

    /// A consumer could not handle an event; known if it was told before.
    pub(super) fn flag_missed(&mut self, missed: Missed, at: Timestamp) {
        let is_same = |flag: &Flag| match &flag.trouble {
            Trouble::EventNotProcessed(known) => known.consumer == missed.consumer && known.event_id == missed.event_id,
            Trouble::CommitOverdue | Trouble::ReleaseOverdue | Trouble::MoneyOverdue | Trouble::RefundFailed => false,
        };
        if !self.flags.iter().any(is_same) {
            self.flag(Trouble::EventNotProcessed(missed), at);
        }
    }

    fn flag(&mut self, trouble: Trouble, at: Timestamp) {
        if self.flags.len() < MAX_FLAGS && !self.flags.iter().any(|flag| flag.trouble == trouble) {
            self.raised += 1;
            self.flags.push(Flag { number: self.raised, trouble, since: at, resolved: None });
        }
    }

    fn has(&self, trouble: &Trouble) -> bool {
        self.flags.iter().any(|flag| flag.trouble == *trouble)
    }
}

impl Order {
    /// What the order waits for, and since when.
    #[must_use]
    pub fn waits_for(&self) -> Vec<Waiting> {
        let waiting = |fact, owed_by, since| Waiting { fact, owed_by, since };
        match (&self.decision, &self.inventory, &self.payment) {
            (Decision::Completed { .. }, _, _) => Vec::new(),
            (Decision::Open, Inventory::None, _) => vec![waiting("InventoryReserved", "inventory", self.placed_at)],
            (Decision::Open, _, _) => vec![waiting("PaymentSucceeded", "payments", self.placed_at)],
            (Decision::Confirmed { at }, _, _) => vec![waiting("InventoryCommitted", "inventory", *at)],
            (Decision::Cancelled { at, .. }, _, payment) => {
                let money =
                    if matches!(payment, Payment::Succeeded { .. }) { "PaymentRefunded" } else { "PaymentVoided" };
                let stock = (!self.holds_nothing()).then(|| waiting("InventoryReleased", "inventory", *at));
                stock.into_iter().chain((!self.keeps_nothing()).then(|| waiting(money, "payments", *at))).collect()
            }
        }
    }

    /// When an order that is decided has waited too long, unless it is flagged for that already.
    pub(super) fn overdue_at(&self, patience: SignedDuration) -> Option<Timestamp> {
        let decided = match self.decision {
            Decision::Confirmed { at } | Decision::Cancelled { at, .. } => at,
            Decision::Open | Decision::Completed { .. } => return None,
        };
        let is_flagged = self.overdue().iter().all(|trouble| self.attention.has(trouble));
        (!is_flagged).then(|| decided.saturating_add(patience).unwrap_or(Timestamp::MAX))
    }

    /// The order with a flag for each fact that it has waited for too long.
    pub(super) fn with_overdue(&self, at: Timestamp) -> Self {
        let mut order = self.clone();
        for trouble in self.overdue() {
            order.attention.flag(trouble, at);
        }
        order
    }

    /// The order with the flags that follow from how it stands now.
    pub(super) fn with_attention(mut self, at: Timestamp) -> Self {
        let overdue = self.overdue();
        let is_failing = self.returned.is_failing();
        self.attention.flags.retain(|flag| match &flag.trouble {
            Trouble::EventNotProcessed(_) => true,
            Trouble::RefundFailed => is_failing,
            Trouble::CommitOverdue | Trouble::ReleaseOverdue | Trouble::MoneyOverdue => overdue.contains(&flag.trouble),
        });
        if is_failing {
            self.attention.flag(Trouble::RefundFailed, at);
        }
        self
    }

    /// What would be wrong with the order, if it stayed as it is.
    fn overdue(&self) -> Vec<Trouble> {
        match self.decision {
            Decision::Open | Decision::Completed { .. } => Vec::new(),
            Decision::Confirmed { .. } => vec![Trouble::CommitOverdue],
            Decision::Cancelled { .. } => {
                let stock = (!self.holds_nothing()).then_some(Trouble::ReleaseOverdue);
                stock.into_iter().chain((!self.keeps_nothing()).then_some(Trouble::MoneyOverdue)).collect()
            }
        }
    }
}
