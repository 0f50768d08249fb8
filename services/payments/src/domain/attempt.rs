//! One try to charge.

use jiff::Timestamp;

/// One attempt to charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was begun.
    pub started_at: Timestamp,
    /// When its outcome was learnt, as far as it was.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an attempt. `code` is the gateway's or the network's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is known yet.
    Pending,
    /// It charged.
    Charged,
    /// The gateway refused the way to pay.
    Declined {
        /// The gateway's reason.
        code: String,
    },
    /// It did not charge; another attempt may.
    NotCharged {
        /// Why it did not.
        code: String,
    },
    /// It may have charged.
    Unknown {
        /// Why its outcome is unknown.
        code: String,
    },
    /// The intent was cancelled under it.
    Stopped,
}
