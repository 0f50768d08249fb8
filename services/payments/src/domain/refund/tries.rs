//! The tries of a refund: which is due, and what the gateway's answer to it leads to.

use jiff::{SignedDuration, Timestamp};

use super::{Refund, RefundProgress};
use crate::domain::announce;
use crate::domain::decision::{Change, Context, Decision, Step, later};
use crate::domain::gateway::{Call, GatewayAnswer as Answer};
use crate::domain::ids::RefundId;
use crate::domain::payment::Payment;

/// After how many failed tries RefundFailed is published.
const PATIENCE: u32 = 3;
/// Longest wait between two tries.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Takes the step that is due: of several refunds, for the one that was tried least.
pub(in crate::domain) fn repay(change: Change, context: &Context) -> Decision {
    let is_due = |refund: &&Refund| refund.due().is_some_and(|due| due <= context.at);
    let next = change.payment.refunds.iter().filter(is_due).min_by_key(|refund| refund.attempts);
    let Some(next) = next.cloned() else { return change.then(Step::Settled) };
    let refund = next.id.clone();
    match next.progress {
        RefundProgress::Wanted { .. } => {
            let (amount, attempt) = (next.amount, next.attempts + 1);
            let progress = RefundProgress::Sent { lease_ends_at: later(context.at, context.policy.lease) };
            let sent = Refund { attempts: attempt, progress, ..next };
            let call = Call::Refund { refund, amount, attempt };
            Change { payment: change.payment.with_refund(&sent), events: change.events }.then(Step::Call(call))
        }
        RefundProgress::Sent { .. } | RefundProgress::PutOff { .. } | RefundProgress::Done { .. } => {
            change.then(Step::Call(Call::AskRefund { refund, attempt: next.attempts }))
        }
    }
}

/// What becomes of a try that was sent.
pub(in crate::domain) fn sent(
    payment: Payment,
    refund: &RefundId,
    attempt: u32,
    answer: &Answer,
    context: &Context,
) -> Decision {
    match answer {
        Answer::Refunded => repay(refunded(payment, refund, context.at), context),
        Answer::Open(_)
        | Answer::Charged
        | Answer::Declined { .. }
        | Answer::Canceled
        | Answer::NotRefunded
        | Answer::NotCharged { .. }
        | Answer::Doubtful { .. }
        | Answer::Silent { .. }
        | Answer::Busy => match latest_try(&payment, refund, attempt) {
            Some(tried) => put_off(payment, tried, answer, context),
            None => repay(payment.into(), context),
        },
    }
}

/// The race "gateway timeout, then refund": what the gateway answers about a try whose outcome is unknown. Only a
/// refund that it does not know is sent again.
pub(in crate::domain) fn gateway_timeout_then_refund(
    payment: Payment,
    refund: &RefundId,
    attempt: u32,
    answer: &Answer,
    context: &Context,
) -> Decision {
    match (answer, latest_try(&payment, refund, attempt)) {
        (Answer::Refunded, _) => repay(refunded(payment, refund, context.at), context),
        (_, None) => repay(payment.into(), context),
        (Answer::NotRefunded, Some(tried)) => {
            let again = Refund { progress: RefundProgress::Wanted { next_try_at: context.at }, ..tried };
            repay(payment.with_refund(&again).into(), context)
        }
        (
            Answer::Open(_)
            | Answer::Charged
            | Answer::Declined { .. }
            | Answer::Canceled
            | Answer::NotCharged { .. }
            | Answer::Doubtful { .. }
            | Answer::Silent { .. }
            | Answer::Busy,
            Some(tried),
        ) => put_off(payment, Refund { attempts: tried.attempts + 1, ..tried }, answer, context),
    }
}

/// The money went back. This stays true, whichever call is answered so, and however late.
fn refunded(payment: Payment, refund: &RefundId, at: Timestamp) -> Change {
    let open = payment.refund(refund).filter(|refund| !refund.is_done()).cloned();
    let Some(open) = open else { return payment.into() };
    let done = Refund { progress: RefundProgress::Done { at }, ..open };
    let payment = payment.with_refund(&done);
    let events = vec![announce::refunded(&payment, &done)];
    Change { payment, events }
}

/// The next try waits, and so do other refunds that are due: where one fails, the message must not run out of time.
fn put_off(payment: Payment, tried: Refund, answer: &Answer, context: &Context) -> Decision {
    let at = context.at;
    // Another try will hardly do better than one that was refused, so the failure is published at once.
    let is_hopeless = matches!(answer, Answer::Declined { .. }) || tried.attempts >= PATIENCE;
    let is_news = is_hopeless && tried.failed_at.is_none();
    let wait = context.policy.wait_after(tried.attempts).min(LONGEST_WAIT);
    let waiting = Refund {
        progress: RefundProgress::PutOff { ask_at: later(at, wait) },
        last_code: Some(answer.code()),
        failed_at: if is_news { Some(at) } else { tried.failed_at },
        ..tried
    };
    let events = is_news.then(|| announce::refund_failed(&waiting)).into_iter().collect();
    Change { payment: payment.with_refund(&waiting), events }.then(Step::Settled)
}

/// The refund, if the try is its latest. An answer about an earlier one decides nothing but a success.
fn latest_try(payment: &Payment, refund: &RefundId, attempt: u32) -> Option<Refund> {
    payment.refund(refund).filter(|refund| !refund.is_done() && refund.attempts == attempt).cloned()
}

impl Payment {
    /// The payment with this refund in the place of the one of its name.
    fn with_refund(mut self, refund: &Refund) -> Self {
        if let Some(known) = self.refunds.iter_mut().find(|known| known.id == refund.id) {
            known.clone_from(refund);
        }
        self
    }
}
