//! What all rules share: what they look at apart from the payment, and what they lead to. A decision is the payment as it
//! is to be written, the events, and the next step.

use jiff::{SignedDuration, Timestamp};

use super::gateway::Call;
use super::payment::{Event, Payment};

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// The consumer of the service's queue: it attempts, and attempts again.
    Queue,
    /// The consumer of the dead letters: it attempts nothing, it ends what is open.
    DeadLetters,
    /// The sweep, and staff's requests: they go on with refunds, and leave charges to the queue.
    Sweep,
}

/// What the installation has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargePolicy {
    /// How often a charge is tried.
    pub max_attempts: u32,
    /// How long the second attempt waits; each further one waits twice as long. The same goes for refunds.
    pub backoff: SignedDuration,
    /// How long an attempt is taken to be under way: longer than the gateway's timeout. A charge starts no later than this
    /// before the hold's end.
    pub lease: SignedDuration,
}

/// What a rule looks at apart from the payment and the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Who decides.
    pub worker: Worker,
    /// What the installation has chosen.
    pub policy: ChargePolicy,
    /// When the decision is made.
    pub at: Timestamp,
    /// Refunds that are due by this time are gone on with: `at`, unless an operator lets the sweep look ahead.
    pub due_by: Timestamp,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The payment; to be written if it changed.
    pub payment: Payment,
    /// What the change makes true.
    pub events: Vec<Event>,
    /// What to do after the write.
    pub step: Step,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Call the gateway and decide on its answer.
    Call(Call),
    /// The payment is settled: the message is done with. A refund that is still open is the sweep's.
    Settled,
    /// Another message brings or does what is missing: this one is done with.
    Incomplete,
    /// Retry later. The message must stay: its payment is not settled.
    Wait {
        /// When to retry.
        until: Timestamp,
    },
    /// The call did not reach the card: retry, as often as it takes. The message must stay.
    NotNow {
        /// What came instead.
        code: String,
        /// How long the gateway wants to be left alone.
        wait: Option<SignedDuration>,
    },
    /// The gateway did not answer the question: retry. The message must stay.
    Unanswered {
        /// What came instead.
        code: String,
    },
    /// No attempt is left: the message goes to the dead letters.
    Exhausted,
}

/// A payment that a rule has changed, and the events that this makes true.
pub(super) struct Change {
    pub(super) payment: Payment,
    pub(super) events: Vec<Event>,
}

impl Change {
    /// The decision to write it and take a step.
    pub(super) fn then(self, step: Step) -> Decision {
        Decision { payment: self.payment, events: self.events, step }
    }
}

impl From<Payment> for Change {
    fn from(payment: Payment) -> Self {
        Self { payment, events: Vec::new() }
    }
}

impl ChargePolicy {
    /// Whether a charge that starts then may outlast what it pays for.
    pub(super) fn is_too_late(&self, payment: &Payment, start: Timestamp) -> bool {
        payment.ends_at().is_some_and(|end| later(start, self.lease) > end)
    }

    /// How long to wait after this many tries: twice as long each time.
    pub(super) fn wait_after(&self, tries: u32) -> SignedDuration {
        let doubled = 1_i32.checked_shl(tries.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i32::MAX);
        self.backoff.saturating_mul(doubled)
    }
}

impl Context {
    /// When the attempt after the payment's latest is due, if there is one.
    pub(super) fn next_attempt_at(&self, payment: &Payment) -> Option<Timestamp> {
        let attempt = payment.attempted();
        (attempt < self.policy.max_attempts).then(|| later(self.at, self.policy.wait_after(attempt)))
    }
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
