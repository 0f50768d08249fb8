use super::{Samples, currency, customer_id, order_id, payment_id, refund_id, time};
use crate::payments::{
    AttemptFailure, PaymentAttemptFailed, PaymentFailed, PaymentFailure, PaymentRefunded, PaymentSucceeded,
    PaymentVoided, RefundFailed, RefundReason,
};

impl Samples for PaymentAttemptFailed {
    fn samples() -> Vec<Self> {
        let failed = |attempt, category: AttemptFailure, code: &str, next_attempt_at| Self {
            order_id: order_id(),
            payment_id: payment_id(),
            attempt,
            category: category.into(),
            code: code.into(),
            next_attempt_at,
        };
        let next = time("2026-11-22T10:16:00.500Z");
        vec![
            failed(1, AttemptFailure::Transient, "http_503", Some(next)),
            failed(4, AttemptFailure::TimeoutUnknown, "timeout", None),
        ]
    }
}

impl Samples for PaymentSucceeded {
    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: order_id(),
            payment_id: payment_id(),
            amount: 4_790,
            currency: currency(),
            gateway_reference: "pi_3PsXk2Lm8R".into(),
            attempt: 1,
        }]
    }
}

impl Samples for PaymentFailed {
    fn samples() -> Vec<Self> {
        [
            (PaymentFailure::Declined, 1, "card_declined"),
            (PaymentFailure::Exhausted, 4, "http_503"),
            (PaymentFailure::ReservationGone, 0, "reservation_gone"),
        ]
        .map(|(category, attempts, code)| Self {
            order_id: order_id(),
            payment_id: payment_id(),
            attempts,
            category: category.into(),
            code: code.into(),
        })
        .into()
    }
}

impl Samples for PaymentVoided {
    fn samples() -> Vec<Self> {
        vec![Self { order_id: order_id(), payment_id: payment_id() }]
    }
}

impl Samples for PaymentRefunded {
    fn samples() -> Vec<Self> {
        let whose = Some(customer_id());
        [
            (RefundReason::Cancelled, 4_790, whose.clone()),
            (RefundReason::LateSuccess, 4_790, None),
            (RefundReason::Staff, 1_600, whose),
        ]
        .map(|(reason, amount, customer_id)| Self {
            order_id: order_id(),
            customer_id,
            refund_id: refund_id(),
            payment_id: payment_id(),
            amount,
            currency: currency(),
            refunded_total: amount,
            reason: reason.into(),
        })
        .into()
    }
}

impl Samples for RefundFailed {
    fn samples() -> Vec<Self> {
        let whose = Some(customer_id());
        [(RefundReason::Cancelled, whose.clone()), (RefundReason::LateSuccess, None), (RefundReason::Staff, whose)]
            .map(|(reason, customer_id)| Self {
                order_id: order_id(),
                customer_id,
                refund_id: refund_id(),
                payment_id: payment_id(),
                amount: 4_790,
                currency: currency(),
                attempts: 3,
                code: "http_503".into(),
                reason: reason.into(),
            })
            .into()
    }
}
