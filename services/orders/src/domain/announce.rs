//! An order published again as it is now, for consumers that missed an event.

use super::decision::{Decision, Event};
use super::order::Order;
use super::payment::Payment;

/// The event of how the order is now. A consumer that has processed it before is not changed by it.
#[must_use]
pub fn announce(order: &Order) -> Vec<Event> {
    let event = match (&order.decision, &order.payment, &order.inventory) {
        (Decision::Open, _, _) => Event::Created,
        (Decision::Confirmed { .. }, Payment::Succeeded { payment, .. }, held) => match held.reservation() {
            Some(reservation) => Event::Confirmed { payment: payment.clone(), reservation: reservation.clone() },
            None => return Vec::new(),
        },
        (Decision::Confirmed { .. }, _, _) => return Vec::new(),
        (Decision::Completed { .. }, _, _) => Event::Completed,
        (Decision::Cancelled { reason, .. }, _, _) => Event::Cancelled { reason: *reason },
    };
    vec![event]
}
