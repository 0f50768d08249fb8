//! Item ⇄ reservation, item ⇄ adjustment.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::adjustment::{Adjustment, AdjustmentRequest};
use crate::domain::ids::{AdjustmentId, OrderId, ReservationId, Sku};
use crate::domain::reservation::{End, Line, ReleaseCause, Reservation, Shortage, State};
use crate::domain::stock::Level;

/// A reservation as its item holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReservationRecord {
    /// The key is the order's id; the reservation's id follows from it.
    #[serde(rename = "pk")]
    order_id: String,
    lines: Vec<LineRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "timestamp::millisecond::optional")]
    expires_at: Option<Timestamp>,
    reservation: StateRecord,
    /// For the events that no message causes.
    pub correlation_id: String,
}

/// What the index has of a reservation that holds pieces.
#[derive(Debug, Deserialize)]
pub(super) struct HoldRecord {
    lines: Vec<LineRecord>,
    reservation: StateRecord,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineRecord {
    sku: String,
    quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum StateRecord {
    #[serde(rename = "HOLDING")]
    Reserving {
        held: usize,
    },
    Reserved,
    Releasing {
        held: usize,
        end: EndRecord,
    },
    Released {
        cause: ReleaseCauseRecord,
    },
    Rejected {
        missing: Vec<ShortageRecord>,
    },
    Committed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum EndRecord {
    Cancelled,
    Expired,
    Rejected(Vec<ShortageRecord>),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReleaseCauseRecord {
    Cancelled,
    Expired,
    NeverReserved,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShortageRecord {
    sku: String,
    requested: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
}

/// A reservation, and the correlation id that every event about its order carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelatedReservation {
    /// The reservation.
    pub reservation: Reservation,
    /// The saga's correlation id.
    pub correlation_id: String,
}

impl ReservationRecord {
    /// The reservation as an item.
    #[must_use]
    pub fn new(reservation: &Reservation, correlation_id: String) -> Self {
        let line = |line: &Line| LineRecord { sku: line.sku.to_string(), quantity: line.quantity };
        Self {
            order_id: reservation.order.to_string(),
            lines: reservation.lines.iter().map(line).collect(),
            expires_at: reservation.expires_at,
            reservation: (&reservation.state).into(),
            correlation_id,
        }
    }
}

impl From<&ReservationRecord> for Reservation {
    fn from(record: &ReservationRecord) -> Self {
        let line = |line: &LineRecord| Line { sku: Sku::trusted(&line.sku), quantity: line.quantity };
        let order = OrderId::trusted(&record.order_id);
        Self {
            id: ReservationId::derive(&order),
            order,
            lines: record.lines.iter().map(line).collect(),
            expires_at: record.expires_at,
            state: (&record.reservation).into(),
        }
    }
}

impl HoldRecord {
    /// The pieces that it holds, by sku.
    pub(super) fn held(self) -> impl Iterator<Item = (Sku, u64)> {
        let held = State::from(&self.reservation).held(self.lines.len());
        self.lines.into_iter().take(held).map(|line| (Sku::trusted(&line.sku), line.quantity.into()))
    }
}

impl From<ReservationRecord> for CorrelatedReservation {
    fn from(record: ReservationRecord) -> Self {
        Self { reservation: Reservation::from(&record), correlation_id: record.correlation_id }
    }
}

impl From<&State> for StateRecord {
    fn from(state: &State) -> Self {
        match state {
            State::Reserving { held } => Self::Reserving { held: *held },
            State::Reserved => Self::Reserved,
            State::Releasing { held, end } => Self::Releasing { held: *held, end: end.into() },
            State::Released(cause) => Self::Released { cause: (*cause).into() },
            State::Rejected(missing) => Self::Rejected { missing: missing.iter().map(ShortageRecord::from).collect() },
            State::Committed => Self::Committed,
        }
    }
}

impl From<&StateRecord> for State {
    fn from(record: &StateRecord) -> Self {
        match record {
            StateRecord::Reserving { held } => Self::Reserving { held: *held },
            StateRecord::Reserved => Self::Reserved,
            StateRecord::Releasing { held, end } => Self::Releasing { held: *held, end: end.into() },
            StateRecord::Released { cause } => Self::Released((*cause).into()),
            StateRecord::Rejected { missing } => Self::Rejected(missing.iter().map(Shortage::from).collect()),
            StateRecord::Committed => Self::Committed,
        }
    }
}

impl From<&End> for EndRecord {
    fn from(end: &End) -> Self {
        match end {
            End::Cancelled => Self::Cancelled,
            End::Expired => Self::Expired,
            End::Rejected(missing) => Self::Rejected(missing.iter().map(ShortageRecord::from).collect()),
        }
    }
}

impl From<&EndRecord> for End {
    fn from(record: &EndRecord) -> Self {
        match record {
            EndRecord::Cancelled => Self::Cancelled,
            EndRecord::Expired => Self::Expired,
            EndRecord::Rejected(missing) => Self::Rejected(missing.iter().map(Shortage::from).collect()),
        }
    }
}

impl From<ReleaseCause> for ReleaseCauseRecord {
    fn from(cause: ReleaseCause) -> Self {
        match cause {
            ReleaseCause::Cancelled => Self::Cancelled,
            ReleaseCause::Expired => Self::Expired,
            ReleaseCause::NeverReserved => Self::NeverReserved,
        }
    }
}

impl From<ReleaseCauseRecord> for ReleaseCause {
    fn from(record: ReleaseCauseRecord) -> Self {
        match record {
            ReleaseCauseRecord::Cancelled => Self::Cancelled,
            ReleaseCauseRecord::Expired => Self::Expired,
            ReleaseCauseRecord::NeverReserved => Self::NeverReserved,
        }
    }
}

impl From<&Shortage> for ShortageRecord {
    fn from(shortage: &Shortage) -> Self {
        Self { sku: shortage.sku.to_string(), requested: shortage.requested, available: shortage.available }
    }
}

impl From<&ShortageRecord> for Shortage {
    fn from(record: &ShortageRecord) -> Self {
        Self { sku: Sku::trusted(&record.sku), requested: record.requested, available: record.available }
    }
}

/// An adjustment as its item holds it, under its own id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdjustmentRecord {
    sku: String,
    delta: i64,
    reason: Option<String>,
    operator: String,
    available: u64,
    reserved: u64,
    at: Timestamp,
}

impl AdjustmentRecord {
    /// The adjustment under this id.
    #[must_use]
    pub fn adjustment(&self, id: &str) -> Adjustment {
        let request = AdjustmentRequest {
            id: AdjustmentId::trusted(id),
            operator: self.operator.clone(),
            sku: Sku::trusted(&self.sku),
            delta: self.delta,
            reason: self.reason.clone(),
        };
        let level = Level { available: self.available, reserved: self.reserved };
        Adjustment { request, level, at: self.at }
    }
}

impl From<&Adjustment> for AdjustmentRecord {
    fn from(Adjustment { request, level, at }: &Adjustment) -> Self {
        Self {
            sku: request.sku.to_string(),
            delta: request.delta,
            reason: request.reason.clone(),
            operator: request.operator.clone(),
            available: level.available,
            reserved: level.reserved,
            at: *at,
        }
    }
}
