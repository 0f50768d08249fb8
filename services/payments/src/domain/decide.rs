//! What follows from what was heard: the payment as it is to be written, the events, and the next step.
//!
//! [`decide`] is all that the function, its tests and a simulation have to run. Whoever runs it writes a changed
//! payment, conditional on what was read, **before** the step is taken; if somebody else wrote first, it decides again
//! on what stands there, with what was heard. What makes that safe:
//!
//! - [`Call::Confirm`] comes only with the write of its attempt, so whoever wrote a wish to end first has prevented it
//! - the intent is in the item before it is confirmed, so whoever sees none knows that nothing was or will be charged
//! - a payment with an intent fails or is voided only after the gateway said that the intent is cancelled
//! - [`Call::Refund`] comes only with the write of its try, and always under the refund's own key

use jiff::{SignedDuration, Timestamp};

use super::gateway::{Call, Word};
use super::payment::{Attempt, Event, Fact, Outcome, Payment, Stage};
use super::refund::{Reason, RefundWish, want_refund};

/// What the installation has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How often a charge is tried.
    pub max_attempts: u32,
    /// How long the second attempt waits; each further one waits twice as long. The same goes for refunds.
    pub backoff: SignedDuration,
    /// How long an attempt is taken to be under way: longer than the gateway is waited for.
    pub lease: SignedDuration,
    /// Who decides.
    pub seat: Seat,
}

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// The consumer of the service's queue: it attempts and attempts again.
    Consumer,
    /// The consumer of the dead letters: it attempts nothing, it ends what is open.
    DeadLetters,
    /// The sweep, and staff: they see to refunds, and leave charges to the messages that ask for them.
    Sweep,
}

/// What a decision is made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// From another service.
    Fact(Fact),
    /// From the gateway, on a call.
    Answer(Call, Word),
    /// From staff, who want money returned. Whether it was granted shows in the payment; if it was not, [`want_refund`]
    /// says why.
    Wanted(RefundWish),
    /// From the clock: something may be due.
    Due,
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
    /// Call the gateway and decide on what it answers.
    Call(Call),
    /// The payment is settled: the message is done with. A refund that is still open is the sweep's to go on with.
    Settled,
    /// What is missing is another message's to bring or to do: this one is done with.
    Incomplete,
    /// Come back then. The message must stay: its payment is not settled.
    Wait {
        /// When.
        until: Timestamp,
    },
    /// The gateway did not say what it was asked: come back. The message must stay.
    Unanswered {
        /// What was heard instead.
        code: String,
    },
    /// No attempt is left: the message goes to the dead letters.
    Exhausted,
}

/// How long to leave the gateway to another call on the same intent.
const BUSY: SignedDuration = SignedDuration::from_secs(1);

/// What follows from what was heard.
#[must_use]
pub fn decide(payment: &Payment, heard: Heard, rules: &Rules, at: Timestamp) -> Decision {
    let mut deciding = Deciding { payment: payment.clone(), events: Vec::new(), rules, at };
    let step = match heard {
        Heard::Fact(fact) => {
            deciding.payment.absorb(fact, at);
            deciding.owe(Reason::Cancelled);
            None
        }
        Heard::Answer(call, word) => deciding.learn(call, word),
        Heard::Wanted(wish) => {
            if let Ok(granted) = want_refund(&deciding.payment, &wish, at) {
                deciding.payment = granted;
            }
            None
        }
        Heard::Due => None,
    };
    let step = step.unwrap_or_else(|| deciding.next());
    Decision { payment: deciding.payment, events: deciding.events, step }
}

/// A decision in the making.
pub(super) struct Deciding<'a> {
    pub(super) payment: Payment,
    pub(super) events: Vec<Event>,
    pub(super) rules: &'a Rules,
    pub(super) at: Timestamp,
}

impl Deciding<'_> {
    /// What to do about the payment as it stands.
    fn next(&mut self) -> Step {
        match self.payment.stage {
            Stage::Succeeded { .. } => self.repay(),
            Stage::Failed { .. } | Stage::Voided => Step::Settled,
            _ if self.rules.seat == Seat::Sweep => Step::Incomplete,
            Stage::Refused { .. } => self.end(),
            Stage::Ready { .. } if self.shall_end() => self.end(),
            Stage::Ready { next_attempt_at } => self.attempt(next_attempt_at),
            // The wish to end has been written, so the invocation that charges will learn of it: no need to wait for it.
            Stage::Charging { .. } | Stage::Unknown { .. } if self.is_unwanted() => self.end(),
            Stage::Charging { lease_ends_at: due } | Stage::Unknown { ask_at: due } if self.at < due => {
                Step::Wait { until: due }
            }
            Stage::Charging { .. } | Stage::Unknown { .. } if self.shall_end() => self.end(),
            Stage::Charging { .. } | Stage::Unknown { .. } => self.ask(),
        }
    }

    fn attempt(&mut self, due: Option<Timestamp>) -> Step {
        let attempt = self.payment.attempted() + 1;
        match (due, &self.payment.intent) {
            _ if !self.payment.is_complete() => Step::Incomplete,
            _ if attempt > self.rules.max_attempts => Step::Exhausted,
            (Some(due), _) if self.at < due => Step::Wait { until: due },
            (_, None) => Step::Call(Call::Create { attempt, begun_at: self.at }),
            (_, Some(_)) => {
                self.payment.attempts.push(Attempt { started_at: self.at, ended_at: None, outcome: Outcome::Pending });
                self.payment.stage = Stage::Charging { lease_ends_at: later(self.at, self.rules.lease) };
                Step::Call(Call::Confirm { attempt })
            }
        }
    }

    /// The latest attempt's invocation is dead, or nobody knows what the attempt did.
    fn ask(&self) -> Step {
        let attempt = self.payment.attempted();
        if attempt >= self.rules.max_attempts {
            return Step::Exhausted;
        }
        Step::Call(Call::Ask { attempt, code: "abandoned".to_owned() })
    }

    pub(super) fn busy(&self) -> Step {
        Step::Wait { until: later(self.at, BUSY) }
    }

    /// When the attempt after this one is due, if there is one.
    pub(super) fn after(&self, attempt: u32) -> Option<Timestamp> {
        (attempt < self.rules.max_attempts).then(|| later(self.at, self.rules.wait_after(attempt)))
    }
}

impl Rules {
    /// How long to wait after this many tries: twice as long each time.
    pub(super) fn wait_after(&self, tries: u32) -> SignedDuration {
        let doubled = 1_i32.checked_shl(tries.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i32::MAX);
        self.backoff.saturating_mul(doubled)
    }
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
