//! How a payment ends without a charge: first the gateway forbids it, then it is said.

use super::decide::{Deciding, Seat, Step};
use super::gateway::Call;
use super::payment::{Event, Failure, Hold, Outcome, Stage};

impl Deciding<'_> {
    /// Whether the payment shall not be charged any more, as soon as nothing is under way.
    pub(super) fn shall_end(&self) -> bool {
        let is_last = self.rules.seat == Seat::DeadLetters && self.payment.is_complete();
        is_last || self.is_unwanted()
    }

    /// Whether another service has made the charge pointless, also one that is under way.
    pub(super) fn is_unwanted(&self) -> bool {
        self.payment.cancelled_at.is_some() || self.payment.hold == Hold::Gone
    }

    /// Ends the payment, or takes the step that has to come before.
    pub(super) fn end(&mut self) -> Step {
        let refused = matches!(self.payment.stage, Stage::Refused { .. });
        match self.payment.intent {
            Some(_) => Step::Call(Call::Cancel),
            // Nothing was ever confirmed, and whoever is about to write an attempt will find this instead.
            None if self.is_unwanted() || refused => {
                self.close();
                Step::Settled
            }
            // An attempt could not even create the intent, as far as is known: the gateway shall have the last word.
            None => Step::Call(Call::Create { attempt: self.payment.attempted(), begun_at: self.at }),
        }
    }

    /// Says how the payment ended, now that nothing can be charged.
    pub(super) fn close(&mut self) {
        let (category, code) = match &self.payment.stage {
            _ if self.payment.cancelled_at.is_some() => {
                self.stop_attempt();
                self.payment.stage = Stage::Voided;
                self.events.push(Event::Voided);
                return;
            }
            Stage::Refused { code } => (Failure::Declined, code.clone()),
            _ if self.payment.hold == Hold::Gone => (Failure::ReservationGone, "reservation_gone".to_owned()),
            Stage::Ready { .. }
            | Stage::Charging { .. }
            | Stage::Unknown { .. }
            | Stage::Succeeded { .. }
            | Stage::Failed { .. }
            | Stage::Voided => (Failure::Exhausted, self.last_code()),
        };
        self.stop_attempt();
        self.payment.stage = Stage::Failed { category, code: code.clone() };
        self.events.push(Event::Failed { category, code });
    }

    /// What the latest attempt met; if none was made, the intent was cancelled by other hands.
    fn last_code(&self) -> String {
        match self.payment.attempts.last().map(|attempt| &attempt.outcome) {
            Some(Outcome::NotCharged { code } | Outcome::Unknown { code } | Outcome::Declined { code }) => code.clone(),
            Some(Outcome::Pending | Outcome::Charged | Outcome::Stopped) | None => "canceled".to_owned(),
        }
    }

    /// An attempt whose outcome was open has come to nothing.
    pub(super) fn stop_attempt(&mut self) {
        if let Some(latest) = self.payment.attempts.last_mut()
            && matches!(latest.outcome, Outcome::Pending | Outcome::Unknown { .. })
        {
            latest.outcome = Outcome::Stopped;
            latest.ended_at = latest.ended_at.or(Some(self.at));
        }
    }
}
