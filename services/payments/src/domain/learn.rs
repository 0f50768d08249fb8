//! What the gateway's answers mean, also those that come late, to a payment that others have moved on.

use jiff::Timestamp;

use super::decide::{Deciding, Seat, Step};
use super::gateway::{Call, Word};
use super::payment::{Attempt, Event, Outcome, Stage};
use super::refund::Reason;

impl Deciding<'_> {
    /// Takes in an answer; the step that it leads to, unless that follows from the payment as it then stands.
    pub(super) fn learn(&mut self, call: Call, word: Word) -> Option<Step> {
        match (call, word) {
            (Call::Refund { refund, attempt, .. }, word) => self.sent(&refund, attempt, word),
            (Call::AskRefund { refund, attempt }, word) => self.looked_up(&refund, attempt, word),
            // A payment that has ended learns nothing more about its charge.
            _ if !self.payment.is_open() => None,
            (Call::Create { attempt, begun_at }, word) => self.created(attempt, begun_at, word),
            // These two are true of the intent for ever, whoever asked and whenever.
            (call, Word::Charged) => {
                self.succeed(&call);
                None
            }
            (_, Word::Canceled) => {
                self.close();
                None
            }
            (Call::Confirm { attempt }, word) => self.confirmed(attempt, word),
            (Call::Ask { attempt, code }, word) => self.asked(attempt, code, word),
            (Call::Cancel, word) => Some(unanswered(word)),
        }
    }

    fn created(&mut self, attempt: u32, begun_at: Timestamp, word: Word) -> Option<Step> {
        let is_last = self.rules.seat == Seat::DeadLetters;
        let is_next = is_last || attempt == self.payment.attempted() + 1;
        match word {
            Word::Open(intent) => {
                self.payment.intent.get_or_insert(intent);
                None
            }
            _ if !is_next || !matches!(self.payment.stage, Stage::Ready { .. }) => None,
            Word::Declined { code } => {
                let outcome = Outcome::Declined { code: code.clone() };
                self.payment.attempts.push(Attempt { started_at: begun_at, ended_at: Some(self.at), outcome });
                self.payment.stage = Stage::Refused { code };
                None
            }
            Word::Busy => Some(self.busy()),
            word @ (Word::Charged | Word::Canceled | Word::Refunded | Word::NotRefunded) => Some(unanswered(word)),
            Word::NotCharged { code } | Word::Doubtful { code } | Word::Silent { code } if is_last => {
                Some(Step::Unanswered { code })
            }
            // An intent that is only created charges nothing, whatever became of the call.
            Word::NotCharged { code } | Word::Doubtful { code } | Word::Silent { code } => {
                self.retry_after(attempt, &code);
                let outcome = Outcome::NotCharged { code };
                self.payment.attempts.push(Attempt { started_at: begun_at, ended_at: Some(self.at), outcome });
                None
            }
        }
    }

    fn confirmed(&mut self, attempt: u32, word: Word) -> Option<Step> {
        match word {
            _ if !self.is_latest(attempt) => None,
            Word::Declined { code } => self.refuse(code),
            Word::NotCharged { code } => self.not_charged(attempt, code),
            Word::Open(_) => self.not_charged(attempt, "not_confirmed".to_owned()),
            Word::Busy => self.not_charged(attempt, "busy".to_owned()),
            Word::Doubtful { code } => Some(Step::Call(Call::Ask { attempt, code })),
            Word::Silent { code } => self.unknown(attempt, code),
            Word::Charged | Word::Canceled | Word::Refunded | Word::NotRefunded => None,
        }
    }

    fn asked(&mut self, attempt: u32, code: String, word: Word) -> Option<Step> {
        let is_unknown = matches!(self.payment.stage, Stage::Unknown { .. });
        match word {
            _ if !self.is_latest(attempt) => None,
            Word::Declined { code } => self.refuse(code),
            Word::Open(_) if is_unknown => {
                self.end_attempt(Outcome::NotCharged { code });
                self.payment.stage = Stage::Ready { next_attempt_at: None };
                None
            }
            Word::Open(_) => self.not_charged(attempt, code),
            word if is_unknown => Some(unanswered(word)),
            Word::NotCharged { .. } | Word::Doubtful { .. } | Word::Silent { .. } | Word::Busy => {
                self.unknown(attempt, code)
            }
            Word::Charged | Word::Canceled | Word::Refunded | Word::NotRefunded => None,
        }
    }

    /// Whether the attempt is the latest and undecided. An answer about an earlier one decides nothing any more: the
    /// next attempt was only begun when the gateway had said that the earlier had not charged.
    fn is_latest(&self, attempt: u32) -> bool {
        let undecided = matches!(self.payment.stage, Stage::Charging { .. } | Stage::Unknown { .. });
        undecided && attempt == self.payment.attempted()
    }

    fn succeed(&mut self, call: &Call) {
        let Some(reference) = self.payment.intent.clone() else { return };
        let attempt = match call {
            Call::Confirm { attempt } | Call::Ask { attempt, .. } => *attempt,
            Call::Create { .. } | Call::Cancel | Call::Refund { .. } | Call::AskRefund { .. } => {
                self.payment.attempted().max(1)
            }
        };
        self.stop_attempt();
        let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(charged) = self.payment.attempts.get_mut(index) {
            charged.outcome = Outcome::Charged;
            charged.ended_at = Some(self.at);
        }
        self.payment.stage = Stage::Succeeded { reference: reference.clone(), attempt };
        self.events.push(Event::Succeeded { reference, attempt });
        self.owe(Reason::LateSuccess);
    }

    fn refuse(&mut self, code: String) -> Option<Step> {
        self.end_attempt(Outcome::Declined { code: code.clone() });
        self.payment.stage = Stage::Refused { code };
        None
    }

    fn not_charged(&mut self, attempt: u32, code: String) -> Option<Step> {
        self.retry_after(attempt, &code);
        self.end_attempt(Outcome::NotCharged { code });
        None
    }

    fn retry_after(&mut self, attempt: u32, code: &str) {
        let next_attempt_at = self.after(attempt);
        self.payment.stage = Stage::Ready { next_attempt_at };
        self.events.push(Event::AttemptFailed { attempt, unknown: false, code: code.to_owned(), next_attempt_at });
    }

    fn unknown(&mut self, attempt: u32, code: String) -> Option<Step> {
        if matches!(self.payment.stage, Stage::Unknown { .. }) {
            return None;
        }
        let next_attempt_at = self.after(attempt);
        self.payment.stage = Stage::Unknown { ask_at: next_attempt_at.unwrap_or(self.at) };
        self.events.push(Event::AttemptFailed { attempt, unknown: true, code: code.clone(), next_attempt_at });
        self.end_attempt(Outcome::Unknown { code });
        None
    }

    fn end_attempt(&mut self, outcome: Outcome) {
        if let Some(latest) = self.payment.attempts.last_mut() {
            *latest = Attempt { ended_at: Some(self.at), outcome, ..latest.clone() };
        }
    }
}

/// What was heard in place of what had to be known.
fn unanswered(word: Word) -> Step {
    Step::Unanswered { code: code_of(word) }
}

/// The gateway's or the network's own word, or ours for what it did.
pub(super) fn code_of(word: Word) -> String {
    match word {
        Word::NotCharged { code } | Word::Doubtful { code } | Word::Silent { code } | Word::Declined { code } => code,
        Word::Open(_) | Word::Charged | Word::Canceled | Word::Refunded | Word::NotRefunded | Word::Busy => {
            word.as_str().0.to_owned()
        }
    }
}
