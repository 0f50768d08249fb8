//! How money goes back: what a cancelled order is owed, which try of a refund is due, and what the gateway's answer to
//! it leads to.
//!
//! Each try is written before it is sent, and sent under the refund's own key. Before any further try the gateway is
//! asked, for it may have forgotten the key by then, and only what it does not know is sent again. Any invocation takes
//! the step that is due; a refund that fails waits for the sweep.

use jiff::{SignedDuration, Timestamp};

use super::announce;
use super::decision::{Change, Context, Decision, Step, later};
use super::gateway::{Call, GatewayAnswer as Answer};
use super::ids::RefundId;
use super::payment::Payment;
use super::refund::{Reason, Refund, RefundProgress};

/// After how many failed tries RefundFailed is published.
const PATIENCE: u32 = 3;
/// Longest wait between two tries.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The payment of a cancelled order with the refund that it owes: what was charged, as far as it is not on its way back.
pub(super) fn owed(change: Change, reason: Reason, at: Timestamp) -> Change {
    let Change { mut payment, events } = change;
    let amount = payment.left();
    if amount > 0 {
        payment.refunds.push(Refund::wanted(RefundId::of(&payment.id), amount, reason, at));
    }
    Change { payment, events }
}

/// When the sweep is to look at the payment: the next step of an open refund. No message asks for it.
#[must_use]
pub fn due(payment: &Payment) -> Option<Timestamp> {
    payment.refunds.iter().filter_map(Refund::due).min()
}

/// Takes the step that is due: of several refunds, for the one that was tried least.
pub(super) fn repay(change: Change, context: &Context) -> Decision {
    let is_due = |refund: &&Refund| refund.due().is_some_and(|due| due <= context.due_by);
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
pub(super) fn sent(payment: Payment, refund: &RefundId, attempt: u32, answer: &Answer, context: &Context) -> Decision {
    match answer {
        Answer::Refunded => repay(refunded(payment, refund, context.at), context),
        Answer::Open(_)
        | Answer::Charged
        | Answer::Declined { .. }
        | Answer::SoftDeclined { .. }
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
pub(super) fn gateway_timeout_then_refund(
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
            | Answer::SoftDeclined { .. }
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
