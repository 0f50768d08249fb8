//! The facets of an order, as its item holds them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::decision::{CancelReason, Decision};
use crate::domain::ids::{PaymentId, RefundId, ReservationId};
use crate::domain::inventory::Inventory;
use crate::domain::payment::Payment;
use crate::domain::refund::{RefundProgress, Returned};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum InventoryRecord {
    None,
    Reserved { reservation_id: String, expires_at: Timestamp },
    Rejected,
    Released { expired: bool },
    Committed { reservation_id: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum PaymentRecord {
    None,
    Failed { payment_id: String, attempts: u32 },
    Voided { payment_id: String },
    Succeeded { payment_id: String, attempts: u32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum DecisionRecord {
    Open,
    Confirmed { at: Timestamp },
    Completed { at: Timestamp },
    Cancelled { reason: ReasonRecord, at: Timestamp },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ReasonRecord {
    OutOfStock,
    PaymentFailed,
    ReservationExpired,
    TimedOut,
    Customer,
    Staff,
}

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

impl From<&Inventory> for InventoryRecord {
    fn from(facet: &Inventory) -> Self {
        match facet {
            Inventory::None => Self::None,
            Inventory::Reserved { reservation, expires_at } => {
                Self::Reserved { reservation_id: reservation.to_string(), expires_at: *expires_at }
            }
            Inventory::Rejected => Self::Rejected,
            Inventory::Released { expired } => Self::Released { expired: *expired },
            Inventory::Committed { reservation } => Self::Committed { reservation_id: reservation.to_string() },
        }
    }
}

impl From<&InventoryRecord> for Inventory {
    fn from(record: &InventoryRecord) -> Self {
        match record {
            InventoryRecord::None => Self::None,
            InventoryRecord::Reserved { reservation_id, expires_at } => {
                Self::Reserved { reservation: ReservationId::trusted(reservation_id), expires_at: *expires_at }
            }
            InventoryRecord::Rejected => Self::Rejected,
            InventoryRecord::Released { expired } => Self::Released { expired: *expired },
            InventoryRecord::Committed { reservation_id } => {
                Self::Committed { reservation: ReservationId::trusted(reservation_id) }
            }
        }
    }
}

impl From<&Payment> for PaymentRecord {
    fn from(facet: &Payment) -> Self {
        match facet {
            Payment::None => Self::None,
            Payment::Failed { payment, attempts } => {
                Self::Failed { payment_id: payment.to_string(), attempts: *attempts }
            }
            Payment::Voided { payment } => Self::Voided { payment_id: payment.to_string() },
            Payment::Succeeded { payment, attempts } => {
                Self::Succeeded { payment_id: payment.to_string(), attempts: *attempts }
            }
        }
    }
}

impl From<&PaymentRecord> for Payment {
    fn from(record: &PaymentRecord) -> Self {
        match record {
            PaymentRecord::None => Self::None,
            PaymentRecord::Failed { payment_id, attempts } => {
                Self::Failed { payment: PaymentId::trusted(payment_id), attempts: *attempts }
            }
            PaymentRecord::Voided { payment_id } => Self::Voided { payment: PaymentId::trusted(payment_id) },
            PaymentRecord::Succeeded { payment_id, attempts } => {
                Self::Succeeded { payment: PaymentId::trusted(payment_id), attempts: *attempts }
            }
        }
    }
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        match decision {
            Decision::Open => Self::Open,
            Decision::Confirmed { at } => Self::Confirmed { at: *at },
            Decision::Completed { at } => Self::Completed { at: *at },
            Decision::Cancelled { reason, at } => Self::Cancelled { reason: (*reason).into(), at: *at },
        }
    }
}

impl From<&DecisionRecord> for Decision {
    fn from(record: &DecisionRecord) -> Self {
        match record {
            DecisionRecord::Open => Self::Open,
            DecisionRecord::Confirmed { at } => Self::Confirmed { at: *at },
            DecisionRecord::Completed { at } => Self::Completed { at: *at },
            DecisionRecord::Cancelled { reason, at } => Self::Cancelled { reason: (*reason).into(), at: *at },
        }
    }
}

impl From<CancelReason> for ReasonRecord {
    fn from(reason: CancelReason) -> Self {
        match reason {
            CancelReason::OutOfStock => Self::OutOfStock,
            CancelReason::PaymentFailed => Self::PaymentFailed,
            CancelReason::ReservationExpired => Self::ReservationExpired,
            CancelReason::TimedOut => Self::TimedOut,
            CancelReason::Customer => Self::Customer,
            CancelReason::Staff => Self::Staff,
        }
    }
}

impl From<ReasonRecord> for CancelReason {
    fn from(record: ReasonRecord) -> Self {
        match record {
            ReasonRecord::OutOfStock => Self::OutOfStock,
            ReasonRecord::PaymentFailed => Self::PaymentFailed,
            ReasonRecord::ReservationExpired => Self::ReservationExpired,
            ReasonRecord::TimedOut => Self::TimedOut,
            ReasonRecord::Customer => Self::Customer,
            ReasonRecord::Staff => Self::Staff,
        }
    }
}
