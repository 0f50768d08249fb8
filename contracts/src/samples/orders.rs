use super::{Samples, currency, customer_id, mug, order_id, parsed, payment_id, reservation_id, tea, time};
use crate::orders::{CancelReason, OrderCancelled, OrderCompleted, OrderConfirmed, OrderCreated, OrderLine};

impl Samples for OrderCreated {
    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: order_id(),
            customer_id: customer_id(),
            lines: vec![
                OrderLine { line_id: 1, sku: mug(), quantity: 2, unit_price: 1_595 },
                OrderLine { line_id: 2, sku: tea(), quantity: 1, unit_price: 1_600 },
            ],
            total: 4_790,
            currency: currency(),
            payment_method: parsed("pm_card_visa"),
            placed_at: time("2026-11-22T10:15:30.120Z"),
            pay_by: time("2026-11-22T11:15:30.120Z"),
        }]
    }
}

impl Samples for OrderConfirmed {
    fn samples() -> Vec<Self> {
        vec![Self { order_id: order_id(), payment_id: payment_id(), reservation_id: reservation_id() }]
    }
}

impl Samples for OrderCompleted {
    fn samples() -> Vec<Self> {
        let completed_at = time("2026-11-22T10:15:32.480Z");
        [Some(customer_id()), None]
            .map(|customer_id| Self {
                order_id: order_id(),
                customer_id,
                total: 4_790,
                currency: currency(),
                completed_at,
            })
            .into()
    }
}

impl Samples for OrderCancelled {
    fn samples() -> Vec<Self> {
        let reasons = [
            (CancelReason::Customer, true),
            (CancelReason::OutOfStock, true),
            (CancelReason::PaymentFailed, true),
            (CancelReason::ReservationExpired, true),
            (CancelReason::TimedOut, false),
            (CancelReason::Staff, true),
        ];
        let cancelled = |(reason, with_customer): (CancelReason, bool)| Self {
            order_id: order_id(),
            customer_id: with_customer.then(customer_id),
            reason: reason.into(),
        };
        reasons.map(cancelled).into()
    }
}
