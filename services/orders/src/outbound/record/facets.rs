//! The facets of an order, as its item holds them: a text each, its words apart by a space. A facet in its first state has
//! none. Times are the seconds since the order was placed. Readers pass over words behind those that they know.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::moment;
use super::words::{DecisionState, InventoryState, PaymentState, Words};
use crate::domain::decision::{CancelReason, Decision};
use crate::domain::ids::{PaymentId, RefundId, ReservationId};
use crate::domain::inventory::{Inventory, Shortfall};
use crate::domain::payment::Payment;
use crate::domain::refund::{RefundProgress, Returned};

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
        let is_done = |progress: &RefundProgress| match progress {
            RefundProgress::Failing => false,
            RefundProgress::Done => true,
        };
        let refund = |(id, progress): (&RefundId, &RefundProgress)| (id.to_string(), is_done(progress));
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
            let until = moment::since(placed_at, *expires_at);
            text(InventoryState::Reserved, &[reservation.as_str(), &until])
        }
        Inventory::Rejected { why: None } => text(InventoryState::Rejected, &[]),
        Inventory::Rejected { why: Some(why) } => text(InventoryState::Rejected, &[why.word()]),
        Inventory::Released { expired: false } => text(InventoryState::Released, &[]),
        Inventory::Released { expired: true } => text(InventoryState::Expired, &[]),
        Inventory::Committed { reservation } => text(InventoryState::Committed, &[reservation.as_str()]),
    })
}

pub(super) fn inventory(text: Option<&str>, placed_at: Timestamp) -> Option<Inventory> {
    let Some(text) = text else { return Some(Inventory::None) };
    let mut words = text.split(' ');
    Some(match InventoryState::read(words.next()?)? {
        InventoryState::Reserved => Inventory::Reserved {
            reservation: ReservationId::new(words.next()?)?,
            expires_at: moment::at(placed_at, words.next()?)?,
        },
        // Without a reason, or with one of a later version.
        InventoryState::Rejected => Inventory::Rejected { why: words.next().and_then(Shortfall::read) },
        InventoryState::Released => Inventory::Released { expired: false },
        InventoryState::Expired => Inventory::Released { expired: true },
        InventoryState::Committed => Inventory::Committed { reservation: ReservationId::new(words.next()?)? },
    })
}

/// For example `SUCCEEDED pay_… 1`: the payment, and the number of attempts.
pub(super) fn payment_text(facet: &Payment) -> Option<String> {
    Some(match facet {
        Payment::None => return None,
        Payment::Failed { payment, attempts } => text(PaymentState::Failed, &[payment.as_str(), &attempts.to_string()]),
        Payment::Voided { payment } => text(PaymentState::Voided, &[payment.as_str()]),
        Payment::Succeeded { payment, attempts } => {
            text(PaymentState::Succeeded, &[payment.as_str(), &attempts.to_string()])
        }
    })
}

pub(super) fn payment(text: Option<&str>) -> Option<Payment> {
    let Some(text) = text else { return Some(Payment::None) };
    let mut words = text.split(' ');
    let (state, payment) = (PaymentState::read(words.next()?)?, PaymentId::new(words.next()?)?);
    let mut attempts = || words.next()?.parse().ok();
    Some(match state {
        PaymentState::Failed => Payment::Failed { payment, attempts: attempts()? },
        PaymentState::Voided => Payment::Voided { payment },
        PaymentState::Succeeded => Payment::Succeeded { payment, attempts: attempts()? },
    })
}

/// For example `CANCELLED 4.2 CUSTOMER`: when, and why.
pub(super) fn decision_text(decision: &Decision, placed_at: Timestamp) -> Option<String> {
    let since = |at: &Timestamp| moment::since(placed_at, *at);
    Some(match decision {
        Decision::Open => return None,
        Decision::Confirmed { at } => text(DecisionState::Confirmed, &[&since(at)]),
        Decision::Completed { at } => text(DecisionState::Completed, &[&since(at)]),
        Decision::Cancelled { reason, at } => text(DecisionState::Cancelled, &[&since(at), reason.word()]),
    })
}

pub(super) fn decision(text: Option<&str>, placed_at: Timestamp) -> Option<Decision> {
    let Some(text) = text else { return Some(Decision::Open) };
    let mut words = text.split(' ');
    let (state, at) = (DecisionState::read(words.next()?)?, moment::at(placed_at, words.next()?)?);
    Some(match state {
        DecisionState::Confirmed => Decision::Confirmed { at },
        DecisionState::Completed => Decision::Completed { at },
        DecisionState::Cancelled => Decision::Cancelled { reason: CancelReason::read(words.next()?)?, at },
    })
}

fn text(state: impl Words, rest: &[&str]) -> String {
    [&[state.word()], rest].concat().join(" ")
}
