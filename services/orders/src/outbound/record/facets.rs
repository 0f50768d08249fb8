//! The facets of an order, as its item holds them: a text each, its words apart by a space. A facet in its first state has
//! none. Times are the seconds since the order was placed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::moment;
use crate::domain::decision::{CancelReason, Decision};
use crate::domain::ids::{PaymentId, RefundId, ReservationId};
use crate::domain::inventory::Inventory;
use crate::domain::payment::Payment;
use crate::domain::refund::{RefundProgress, Returned};

const REASONS: [(CancelReason, &str); 6] = [
    (CancelReason::OutOfStock, "OUT_OF_STOCK"),
    (CancelReason::PaymentFailed, "PAYMENT_FAILED"),
    (CancelReason::ReservationExpired, "RESERVATION_EXPIRED"),
    (CancelReason::TimedOut, "TIMED_OUT"),
    (CancelReason::Customer, "CUSTOMER"),
    (CancelReason::Staff, "STAFF"),
];

/// What went back; an order that was never refunded has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ReturnedRecord {
    total: u64,
    /// By refund: whether it is done.
    refunds: BTreeMap<String, bool>,
}

impl ReturnedRecord {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Returned> for ReturnedRecord {
    fn from(returned: &Returned) -> Self {
        let refund = |(id, progress): (&RefundId, &RefundProgress)| (id.to_string(), *progress == RefundProgress::Done);
        Self { total: returned.total, refunds: returned.refunds.iter().map(refund).collect() }
    }
}

impl From<&ReturnedRecord> for Returned {
    fn from(record: &ReturnedRecord) -> Self {
        let progress = |done: bool| if done { RefundProgress::Done } else { RefundProgress::Failing };
        let refund = |(id, done): (&String, &bool)| (RefundId::trusted(id), progress(*done));
        Self { total: record.total, refunds: record.refunds.iter().map(refund).collect() }
    }
}

/// For example `RESERVED rsv_… 900.31`: the hold, and when it ends.
pub(super) fn inventory_text(facet: &Inventory, placed_at: Timestamp) -> Option<String> {
    Some(match facet {
        Inventory::None => return None,
        Inventory::Reserved { reservation, expires_at } => {
            format!("RESERVED {reservation} {}", moment::since(placed_at, *expires_at))
        }
        Inventory::Rejected => "REJECTED".to_owned(),
        Inventory::Released { expired: false } => "RELEASED".to_owned(),
        Inventory::Released { expired: true } => "EXPIRED".to_owned(),
        Inventory::Committed { reservation } => format!("COMMITTED {reservation}"),
    })
}

pub(super) fn inventory(text: Option<&str>, placed_at: Timestamp) -> Option<Inventory> {
    Some(match words(text).as_slice() {
        [] => Inventory::None,
        ["RESERVED", id, until] => {
            let expires_at = moment::at(placed_at, until)?;
            Inventory::Reserved { reservation: ReservationId::new(id)?, expires_at }
        }
        ["REJECTED"] => Inventory::Rejected,
        ["RELEASED"] => Inventory::Released { expired: false },
        ["EXPIRED"] => Inventory::Released { expired: true },
        ["COMMITTED", id] => Inventory::Committed { reservation: ReservationId::new(id)? },
        _ => return None,
    })
}

/// For example `SUCCEEDED pay_… 1`: the payment, and the number of attempts.
pub(super) fn payment_text(facet: &Payment) -> Option<String> {
    Some(match facet {
        Payment::None => return None,
        Payment::Failed { payment, attempts } => format!("FAILED {payment} {attempts}"),
        Payment::Voided { payment } => format!("VOIDED {payment}"),
        Payment::Succeeded { payment, attempts } => format!("SUCCEEDED {payment} {attempts}"),
    })
}

pub(super) fn payment(text: Option<&str>) -> Option<Payment> {
    Some(match words(text).as_slice() {
        [] => Payment::None,
        ["FAILED", id, attempts] => Payment::Failed { payment: PaymentId::new(id)?, attempts: attempts.parse().ok()? },
        ["VOIDED", id] => Payment::Voided { payment: PaymentId::new(id)? },
        ["SUCCEEDED", id, attempts] => {
            Payment::Succeeded { payment: PaymentId::new(id)?, attempts: attempts.parse().ok()? }
        }
        _ => return None,
    })
}

/// For example `CANCELLED 4.2 CUSTOMER`: when, and why.
pub(super) fn decision_text(decision: &Decision, placed_at: Timestamp) -> Option<String> {
    let since = |at: &Timestamp| moment::since(placed_at, *at);
    Some(match decision {
        Decision::Open => return None,
        Decision::Confirmed { at } => format!("CONFIRMED {}", since(at)),
        Decision::Completed { at } => format!("COMPLETED {}", since(at)),
        Decision::Cancelled { reason, at } => {
            let known = REASONS.iter().find(|(known, _)| known == reason);
            format!("CANCELLED {} {}", since(at), known.map_or("", |(_, text)| text))
        }
    })
}

pub(super) fn decision(text: Option<&str>, placed_at: Timestamp) -> Option<Decision> {
    let at = |text: &str| moment::at(placed_at, text);
    Some(match words(text).as_slice() {
        [] => Decision::Open,
        ["CONFIRMED", since] => Decision::Confirmed { at: at(since)? },
        ["COMPLETED", since] => Decision::Completed { at: at(since)? },
        ["CANCELLED", since, reason] => {
            let (reason, _) = REASONS.iter().find(|(_, text)| text == reason)?;
            Decision::Cancelled { reason: *reason, at: at(since)? }
        }
        _ => return None,
    })
}

fn words(text: Option<&str>) -> Vec<&str> {
    text.map(|text| text.split(' ').collect()).unwrap_or_default()
}
