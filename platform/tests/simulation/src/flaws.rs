//! Designs that are known to be wrong, to prove that the simulation notices them. They exist only with the feature
//! `flaws`; without it the compiler removes every check for one.

/// A mistake in how steps follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// A message leaves the queue when it is delivered.
    AcknowledgeFirst,
    /// A message that could not be handled is logged and dropped.
    AcknowledgeFailures,
    /// Events are published before the write that they are about.
    PublishFirst,
    /// The last writer wins.
    UnconditionalWrite,
    /// Stock moves without a check that it is there.
    UnconditionalStock,
    /// Stock and reservation are written one after the other.
    SplitTransaction,
    /// The relay ignores entries that the bus refused.
    DropFailedEntries,
    /// The stream's checkpoint moves past a batch before the batch is published.
    CheckpointFirst,
    /// The sweep decides by what its index shows, and writes without a condition.
    IndexDecides,
    /// An entry of the index stays as it was first written, also when the item is due before it.
    LateEntry,
    /// The gateway is called before the intention to call it is written.
    CallFirst,
    /// Mail is sent before the delivery is claimed.
    SendFirst,
    /// Mail is sent although the claim met an item that was there.
    SendAfterConflict,
    /// Known bad design: state is written, then the event is published, without an outbox.
    DualWrite,
    /// Known bad design: a message is locked by its id, handled without conditions, and marked as complete.
    LockThenComplete,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::AcknowledgeFirst,
        Self::AcknowledgeFailures,
        Self::PublishFirst,
        Self::UnconditionalWrite,
        Self::UnconditionalStock,
        Self::SplitTransaction,
        Self::DropFailedEntries,
        Self::CheckpointFirst,
        Self::IndexDecides,
        Self::LateEntry,
        Self::CallFirst,
        Self::SendFirst,
        Self::SendAfterConflict,
        Self::DualWrite,
        Self::LockThenComplete,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AcknowledgeFirst => "acknowledge-first",
            Self::AcknowledgeFailures => "acknowledge-failures",
            Self::PublishFirst => "publish-first",
            Self::UnconditionalWrite => "unconditional-write",
            Self::UnconditionalStock => "unconditional-stock",
            Self::SplitTransaction => "split-transaction",
            Self::DropFailedEntries => "drop-failed-entries",
            Self::CheckpointFirst => "checkpoint-first",
            Self::IndexDecides => "index-decides",
            Self::LateEntry => "late-entry",
            Self::CallFirst => "call-first",
            Self::SendFirst => "send-first",
            Self::SendAfterConflict => "send-after-conflict",
            Self::DualWrite => "dual-write",
            Self::LockThenComplete => "lock-then-complete",
        }
    }
}

impl std::str::FromStr for Flaw {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL.into_iter().find(|flaw| flaw.as_str() == name).ok_or_else(|| format!("must be one of {}", known()))
    }
}

/// How steps follow each other: as shipped, or with one mistake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mechanism {
    #[cfg(feature = "flaws")]
    flaw: Option<Flaw>,
}

impl Mechanism {
    /// With this mistake.
    #[cfg(feature = "flaws")]
    #[must_use]
    pub const fn with(flaw: Flaw) -> Self {
        Self { flaw: Some(flaw) }
    }

    /// Whether every write is conditional on the state that it was decided on.
    #[must_use]
    pub fn is_conditional(self) -> bool {
        let unconditional = [
            Flaw::UnconditionalWrite,
            Flaw::UnconditionalStock,
            Flaw::SplitTransaction,
            Flaw::IndexDecides,
            Flaw::CallFirst,
            Flaw::SendFirst,
            Flaw::LockThenComplete,
        ];
        !unconditional.into_iter().any(|flaw| self.has(flaw))
    }

    /// Whether it has this mistake.
    #[cfg(feature = "flaws")]
    #[must_use]
    pub fn has(self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Whether it has this mistake.
    #[cfg(not(feature = "flaws"))]
    #[must_use]
    pub const fn has(self, _: Flaw) -> bool {
        false
    }
}
