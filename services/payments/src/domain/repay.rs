//! How money goes back. Each try is written before it is sent, and sent under the refund's own key; before any further
//! try the gateway is asked, for it may have forgotten the key by then, and only what it does not know is sent again.
//! Whoever comes by takes the step that is due; what fails waits for the sweep, for ever if need be.

use jiff::SignedDuration;

use super::announce;
use super::decide::{Deciding, Step, later};
use super::gateway::{Call, Word};
use super::ids::RefundId;
use super::learn::code_of;
use super::refund::{Reason, Refund, RefundState};

/// After how many failed tries the world is told that the money is still owed.
const PATIENCE: u32 = 3;
/// Longest wait between two tries.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

impl Deciding<'_> {
    /// What was charged for an order that is cancelled is owed back, as far as it is not on its way back already.
    pub(super) fn owe(&mut self, reason: Reason) {
        let amount = self.payment.left();
        if self.payment.cancelled_at.is_some() && amount > 0 {
            let id = RefundId::of(&self.payment.id);
            self.payment.refunds.push(Refund::wanted(id, amount, reason, self.at));
        }
    }

    /// Takes the step that is due: of several refunds, for the one that was tried least.
    pub(super) fn repay(&mut self) -> Step {
        let (at, lease_ends_at) = (self.at, later(self.at, self.rules.lease));
        let due = self.payment.refunds.iter_mut().filter(|refund| refund.due().is_some_and(|due| due <= at));
        let Some(next) = due.min_by_key(|refund| refund.attempts) else { return Step::Settled };
        let refund = next.id.clone();
        if !matches!(next.state, RefundState::Wanted { .. }) {
            return Step::Call(Call::AskRefund { refund, attempt: next.attempts });
        }
        next.attempts += 1;
        next.state = RefundState::Sent { lease_ends_at };
        Step::Call(Call::Refund { refund, amount: next.amount, attempt: next.attempts })
    }

    /// Takes in what became of a try.
    pub(super) fn sent(&mut self, id: &RefundId, attempt: u32, word: Word) -> Option<Step> {
        if word == Word::Refunded { self.refunded(id) } else { self.put_off(id, attempt, word) }
    }

    /// Takes in what the gateway says about an earlier try.
    pub(super) fn looked_up(&mut self, id: &RefundId, attempt: u32, word: Word) -> Option<Step> {
        if word == Word::Refunded {
            return self.refunded(id);
        }
        let at = self.at;
        let refund = self.latest_try(id, attempt)?;
        if word == Word::NotRefunded {
            refund.state = RefundState::Wanted { next_try_at: at };
            return None;
        }
        refund.attempts += 1;
        self.put_off(id, attempt + 1, word)
    }

    /// This is true for ever, whoever asked and whenever.
    fn refunded(&mut self, id: &RefundId) -> Option<Step> {
        let at = self.at;
        let refund = self.payment.refunds.iter_mut().find(|refund| refund.id == *id && !refund.is_done())?;
        refund.state = RefundState::Done { at };
        let refund = refund.clone();
        self.events.push(announce::refunded(&self.payment, &refund));
        None
    }

    /// The next try waits, and so do other refunds that are due: where one fails, the message must not run out of time.
    fn put_off(&mut self, id: &RefundId, attempt: u32, word: Word) -> Option<Step> {
        // Another try will hardly do better than one that was refused, so the world is told at once.
        let is_hopeless = matches!(word, Word::Declined { .. }) || attempt >= PATIENCE;
        let (at, wait) = (self.at, self.rules.wait_after(attempt).min(LONGEST_WAIT));
        let refund = self.latest_try(id, attempt)?;
        refund.state = RefundState::PutOff { ask_at: later(at, wait) };
        refund.last_code = Some(code_of(word));
        if is_hopeless && refund.failed_at.is_none() {
            refund.failed_at = Some(at);
            let failed = announce::refund_failed(refund);
            self.events.push(failed);
        }
        Some(Step::Settled)
    }

    /// The refund, if the try is its latest. An answer about an earlier one decides nothing any more but a success.
    fn latest_try(&mut self, id: &RefundId, attempt: u32) -> Option<&mut Refund> {
        let is_meant = |refund: &&mut Refund| refund.id == *id && !refund.is_done() && refund.attempts == attempt;
        self.payment.refunds.iter_mut().find(is_meant)
    }
}
