//! Decision → contract: what inventory decided, as the events that it publishes.

use chassis::cause::Cause;
use chassis::store::{Outbox, Revision};
use contracts::ids::InvalidId;
use contracts::inventory::{
    self, InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, RejectReason, RejectedLine,
    ReservedLine, StockAdjusted,
};
use contracts::{Envelope, EventData, Header, orders, outbox};

use crate::domain::adjustment::Adjustment;
use crate::domain::ids::OrderId;
use crate::domain::reservation::{Event, Line, ReleaseCause, Reservation, Shortage};

/// What the tables keep of the events, and how the relay completes them.
pub const OUTBOX: Outbox = Outbox { source: inventory::SOURCE, shorten: outbox::shorten, complete: outbox::complete };

/// A decision that no contract admits: a defect, which the tests of every event rule out.
#[derive(Debug, thiserror::Error)]
pub enum NotPublishable {
    /// An id or a sku does not have its shape.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// All lines are reserved, but the hold would never end.
    #[error("a hold must have an end")]
    NoExpiry,
}

/// The events of one step, at most one, as the relay publishes them.
///
/// # Errors
/// [`NotPublishable`].
pub fn reservation_events(
    reservation: &Reservation,
    event: Option<&Event>,
    cause: &Cause,
    read: &Revision,
) -> Result<Vec<String>, NotPublishable> {
    let header = header(cause, read.emitted + 1);
    event.map(|event| reservation_event(reservation, event, header)).into_iter().collect()
}

fn reservation_event(reservation: &Reservation, event: &Event, header: Header) -> Result<String, NotPublishable> {
    let (order_id, reservation_id) = (same(reservation.order.as_str())?, same(reservation.id.as_str())?);
    Ok(match event {
        Event::Reserved => {
            let lines = reservation.lines.iter().map(reserved).collect::<Result<_, _>>()?;
            let expires_at = reservation.expires_at.ok_or(NotPublishable::NoExpiry)?;
            to_json(InventoryReserved { order_id, reservation_id, lines, expires_at }, header)
        }
        Event::Rejected(missing) => {
            let unknown = missing.iter().any(|shortage| shortage.available.is_none());
            let reason = if unknown { RejectReason::UnknownSku } else { RejectReason::InsufficientStock };
            let lines = missing.iter().map(rejected).collect::<Result<_, _>>()?;
            to_json(InventoryRejected { order_id, lines, reason: reason.into() }, header)
        }
        Event::Released(cause) => {
            to_json(InventoryReleased { order_id, reservation_id, cause: release_cause(*cause) }, header)
        }
        Event::Committed => to_json(InventoryCommitted { order_id, reservation_id }, header),
    })
}

/// The event of an adjustment. Its sequence is the stock's version, which orders move too: it has gaps.
///
/// # Errors
/// [`NotPublishable`].
pub fn stock_adjusted(adjustment: &Adjustment, version: u64, cause: &Cause) -> Result<String, NotPublishable> {
    let (request, level) = (&adjustment.request, adjustment.level);
    let data = StockAdjusted {
        adjustment_id: same(request.id.as_str())?,
        sku: same(request.sku.as_str())?,
        delta: request.delta,
        on_hand: level.on_hand(),
        reserved: level.reserved,
        available: level.available,
    };
    Ok(to_json(data, header(cause, version)))
}

/// The id of inventory's latest event about an order, or of the order's first if inventory published none.
#[must_use]
pub fn latest_event_id(order: &OrderId, read: &Revision) -> String {
    match read.emitted {
        0 => contracts::event_id(orders::SOURCE, order.as_str(), 1),
        latest => contracts::event_id(inventory::SOURCE, order.as_str(), latest),
    }
}

fn reserved(line: &Line) -> Result<ReservedLine, InvalidId> {
    Ok(ReservedLine { sku: same(line.sku.as_str())?, quantity: line.quantity })
}

fn rejected(shortage: &Shortage) -> Result<RejectedLine, InvalidId> {
    let available = shortage.available.unwrap_or_default();
    Ok(RejectedLine { sku: same(shortage.sku.as_str())?, requested: shortage.requested, available })
}

fn release_cause(cause: ReleaseCause) -> inventory::ReleaseCause {
    match cause {
        ReleaseCause::Cancelled => inventory::ReleaseCause::Cancelled,
        ReleaseCause::Expired => inventory::ReleaseCause::Expired,
        ReleaseCause::NeverReserved => inventory::ReleaseCause::NeverReserved,
    }
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
