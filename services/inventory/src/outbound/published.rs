//! Decision → contract: what inventory makes true, as the events that it publishes.

use chassis::cause::Cause;
use chassis::store::Revision;
use contracts::ids::InvalidId;
use contracts::inventory::{
    InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, RejectReason, RejectedLine,
    ReleaseCause, ReservedLine, StockAdjusted,
};
use contracts::{Envelope, EventData, Header};

use super::adjust::Adjustment;
use crate::domain::reservation::{Event, Line, Release, Reservation, Shortage};

/// What no contract admits: a defect, which the tests of every event rule out.
#[derive(Debug, thiserror::Error)]
pub enum Unpublishable {
    /// A name does not have its shape.
    #[error(transparent)]
    Name(#[from] InvalidId),
    /// Pieces would be held for ever.
    #[error("a hold has no end")]
    Endless,
}

/// The event of one step, as it will be published.
///
/// # Errors
/// [`Unpublishable`].
pub fn events(
    reservation: &Reservation,
    event: Option<&Event>,
    cause: &Cause,
    read: Revision,
) -> Result<Vec<String>, Unpublishable> {
    let header = header(cause, read.emitted + 1);
    event.map(|event| publish(reservation, event, header)).into_iter().collect()
}

fn publish(reservation: &Reservation, event: &Event, header: Header) -> Result<String, Unpublishable> {
    let (order_id, reservation_id) = (same(reservation.order.as_str())?, same(reservation.id.as_str())?);
    Ok(match event {
        Event::Reserved => {
            let lines = reservation.lines.iter().map(reserved).collect::<Result<_, _>>()?;
            let expires_at = reservation.expires_at.ok_or(Unpublishable::Endless)?;
            sealed(InventoryReserved { order_id, reservation_id, lines, expires_at }, header)
        }
        Event::Rejected(missing) => {
            let unknown = missing.iter().any(|shortage| shortage.available.is_none());
            let reason = if unknown { RejectReason::UnknownSku } else { RejectReason::InsufficientStock };
            let lines = missing.iter().map(rejected).collect::<Result<_, _>>()?;
            sealed(InventoryRejected { order_id, lines, reason }, header)
        }
        Event::Released(why) => {
            sealed(InventoryReleased { order_id, reservation_id, cause: release_cause(*why) }, header)
        }
        Event::Committed => sealed(InventoryCommitted { order_id, reservation_id }, header),
    })
}

/// The event of an adjustment. The stock's version is its place among the events about the sku.
///
/// # Errors
/// [`Unpublishable`].
pub fn adjusted(adjustment: &Adjustment, version: u64, cause: &Cause) -> Result<String, Unpublishable> {
    let (wish, level) = (&adjustment.wish, adjustment.level);
    let data = StockAdjusted {
        adjustment_id: same(wish.id.as_str())?,
        sku: same(wish.sku.as_str())?,
        delta: wish.delta,
        on_hand: level.on_hand(),
        reserved: level.reserved,
        available: level.available,
    };
    Ok(sealed(data, header(cause, version)))
}

fn reserved(line: &Line) -> Result<ReservedLine, InvalidId> {
    Ok(ReservedLine { sku: same(line.sku.as_str())?, quantity: line.quantity })
}

fn rejected(shortage: &Shortage) -> Result<RejectedLine, InvalidId> {
    let available = shortage.available.unwrap_or_default();
    Ok(RejectedLine { sku: same(shortage.sku.as_str())?, requested: shortage.requested, available })
}

fn release_cause(why: Release) -> ReleaseCause {
    match why {
        Release::Cancelled => ReleaseCause::Cancelled,
        Release::Expired => ReleaseCause::Expired,
        Release::NeverReserved => ReleaseCause::NeverReserved,
    }
}

fn sealed<T: EventData>(data: T, header: Header) -> String {
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
        sequence,
    }
}
