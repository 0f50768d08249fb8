//! Decision → contract: the events that payments publishes.

use chassis::cause::Cause;
use chassis::store::{Outbox, Revision};
use contracts::ids::InvalidId;
use contracts::payments::{
    AttemptFailure, PaymentAttemptFailed, PaymentFailed, PaymentFailure, PaymentRefunded, PaymentSucceeded,
    PaymentVoided, RefundFailed, RefundReason,
};
use contracts::{Envelope, EventData, Header, outbox, payments};

use crate::domain::payment::{Event, Failure, Payment, Terms};
use crate::domain::refund::Reason;

/// What the tables keep of the events, and how the relay completes them.
pub const OUTBOX: Outbox = Outbox { source: payments::SOURCE, shorten: outbox::shorten, complete: outbox::complete };

/// Why an event cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublishable {
    /// A value that the contract does not admit.
    #[error(transparent)]
    Value(#[from] InvalidId),
    /// Money moved, but the payment's terms have not arrived.
    #[error("the payment has moved money without having terms")]
    NoTerms,
}

/// The events of one write, as they will be published, in their order.
///
/// # Errors
/// [`NotPublishable`]: a defect that the tests of every event rule out.
pub fn events(
    payment: &Payment,
    events: &[Event],
    cause: &Cause,
    read: &Revision,
) -> Result<Vec<String>, NotPublishable> {
    let numbered = (read.emitted + 1..).zip(events);
    numbered.map(|(sequence, event)| publish(payment, event, header(cause, sequence))).collect()
}

fn publish(payment: &Payment, event: &Event, header: Header) -> Result<String, NotPublishable> {
    let order_id = same(payment.order.as_str())?;
    let payment_id = same(payment.id.as_str())?;
    Ok(match event {
        Event::AttemptFailed { attempt, unknown, code, next_attempt_at } => to_json(
            PaymentAttemptFailed {
                order_id,
                payment_id,
                attempt: *attempt,
                category: if *unknown { AttemptFailure::TimeoutUnknown } else { AttemptFailure::Transient }.into(),
                code: code.clone(),
                next_attempt_at: *next_attempt_at,
            },
            header,
        ),
        Event::Succeeded { reference, attempt } => {
            let (amount, currency) = (terms(payment)?.amount, same(terms(payment)?.currency.as_str())?);
            let gateway_reference = reference.to_string();
            let attempt = *attempt;
            to_json(PaymentSucceeded { order_id, payment_id, amount, currency, gateway_reference, attempt }, header)
        }
        Event::Failed { category, code } => {
            let (attempts, category, code) = (payment.attempted(), failure(*category).into(), code.clone());
            to_json(PaymentFailed { order_id, payment_id, attempts, category, code }, header)
        }
        Event::Voided => to_json(PaymentVoided { order_id, payment_id }, header),
        Event::Refunded { refund, amount, total, reason } => {
            let (refund_id, currency, reason) =
                (same(refund.as_str())?, same(terms(payment)?.currency.as_str())?, refund_reason(*reason).into());
            let customer_id = Some(same(terms(payment)?.customer.as_str())?);
            let (amount, refunded_total) = (*amount, *total);
            to_json(
                PaymentRefunded {
                    order_id,
                    customer_id,
                    refund_id,
                    payment_id,
                    amount,
                    currency,
                    refunded_total,
                    reason,
                },
                header,
            )
        }
        Event::RefundFailed { refund, amount, attempts, code, reason } => {
            let (refund_id, currency, reason) =
                (same(refund.as_str())?, same(terms(payment)?.currency.as_str())?, refund_reason(*reason).into());
            let customer_id = Some(same(terms(payment)?.customer.as_str())?);
            let (amount, attempts, code) = (*amount, *attempts, code.clone());
            to_json(
                RefundFailed { order_id, customer_id, refund_id, payment_id, amount, currency, attempts, code, reason },
                header,
            )
        }
    })
}

fn failure(category: Failure) -> PaymentFailure {
    match category {
        Failure::Declined => PaymentFailure::Declined,
        Failure::Exhausted => PaymentFailure::Exhausted,
        Failure::ReservationGone => PaymentFailure::ReservationGone,
    }
}

fn refund_reason(reason: Reason) -> RefundReason {
    match reason {
        Reason::Cancelled => RefundReason::Cancelled,
        Reason::LateSuccess => RefundReason::LateSuccess,
        Reason::Staff => RefundReason::Staff,
    }
}

fn terms(payment: &Payment) -> Result<&Terms, NotPublishable> {
    payment.terms.as_ref().ok_or(NotPublishable::NoTerms)
}

fn to_json<T: EventData>(data: T, header: Header) -> String {
    Envelope::new(data, header).to_json()
}

/// A domain value in the contract's type.
fn same<T: TryFrom<String, Error = InvalidId>>(text: &str) -> Result<T, InvalidId> {
    T::try_from(text.to_owned())
}

fn header(cause: &Cause, sequence: u64) -> Header {
    Header {
        time: cause.at,
        correlation_id: cause.correlation_id.clone(),
        causation_id: cause.causation_id.clone(),
        traceparent: cause.traceparent.clone(),
        hops: cause.hops,
        sequence,
    }
}
