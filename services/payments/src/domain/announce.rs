//! A payment's present state as events, published again for a consumer that missed them. Consumers fold, so one that
//! missed nothing is not misled.

use super::payment::{Event, Payment, Stage};
use super::refund::Refund;

/// The events that describe the payment's state; none while it is undecided.
#[must_use]
pub fn announce(payment: &Payment) -> Vec<Event> {
    let ending = match payment.stage.clone() {
        Stage::Succeeded { attempt } => payment.intent.clone().map(|reference| Event::Succeeded { reference, attempt }),
        Stage::Failed { category, code } => Some(Event::Failed { category, code }),
        Stage::Voided => Some(Event::Voided),
        Stage::Ready { .. } | Stage::Charging { .. } | Stage::Unknown { .. } | Stage::Refused { .. } => None,
    };
    let refunds = payment.refunds.iter().filter_map(|refund| match refund {
        done if done.is_done() => Some(refunded(payment, done)),
        failing if failing.failed_at.is_some() => Some(refund_failed(failing)),
        _ => None,
    });
    ending.into_iter().chain(refunds).collect()
}

pub(super) fn refunded(payment: &Payment, refund: &Refund) -> Event {
    Event::Refunded {
        refund: refund.id.clone(),
        amount: refund.amount,
        total: payment.refunded(),
        reason: refund.reason,
    }
}

pub(super) fn refund_failed(refund: &Refund) -> Event {
    Event::RefundFailed {
        refund: refund.id.clone(),
        amount: refund.amount,
        attempts: refund.attempts,
        code: refund.last_code.clone().unwrap_or_default(),
        reason: refund.reason,
    }
}
