//! Whether a retry could help: each error type answers that itself, once.

use std::time::Duration;

/// Whether a retry could help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, the cause is transient: a table, the bus or another service that will be back. As long as it can matter.
    Retry,
    /// Yes, but not before this time has passed. A planned wait, which counts as no failure.
    RetryIn(Duration),
    /// Yes, while the message is younger than this: a version that can handle it may be on its way.
    RetryFor(Duration),
    /// Perhaps: the cause is not known. A panic, or an answer that no rule expects. A few times.
    Suspect,
    /// No, the cause is permanent: the message goes to the dead-letter queue.
    Park,
}

/// An error that knows whether a retry could help. Its `Display` goes to logs and dead-letter queues: it names
/// entities by id and holds no personal data.
pub trait Classify: std::error::Error {
    /// Whether a retry could help.
    fn verdict(&self) -> Verdict;
    /// A stable word for this kind of error, in snake case.
    fn class(&self) -> &'static str;
}

/// An error and its sources, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |inner| inner.source());
    std::iter::once(error.to_string()).chain(sources.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}
