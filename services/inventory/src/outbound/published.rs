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
use crate::domain::reservation::{Event, Line, Reservation, Shortage};

/// The event of one step, as it will be published.
///
/// # Errors
/// A value that the contract does not admit: a defect, which the tests of every event rule out.
pub fn events(
    reservation: &Reservation,
    event: Option<&Event>,
    cause: &Cause,
    read: Revision,
) -> Result<Vec<String>, InvalidId> {
    let header = header(cause, read.emitted + 1);
    event.map(|event| publish(reservation, event, header)).into_iter().collect()
}

fn publish(reservation: &Reservation, event: &Event, header: Header) -> Result<String, InvalidId> {
    let (order_id, reservation_id) = (same(reservation.order.as_str())?, same(reservation.id.as_str())?);
    Ok(match event {
        Event::Reserved => {
            let lines = reservation.lines.iter().map(reserved).collect::<Result<_, _>>()?;
            let expires_at = reservation.expires_at;
            sealed(InventoryReserved { order_id, reservation_id, lines, expires_at }, header)
        }
        Event::Rejected(missing) => {
            let unknown = missing.iter().any(|shortage| shortage.available.is_none());
            let reason = if unknown { RejectReason::UnknownSku } else { RejectReason::InsufficientStock };
            let lines = missing.iter().map(rejected).collect::<Result<_, _>>()?;
            sealed(InventoryRejected { order_id, lines, reason }, header)
        }
        Event::Released => {
            sealed(InventoryReleased { order_id, reservation_id, cause: ReleaseCause::Cancelled }, header)
        }
        Event::NeverReserved => {
            sealed(InventoryReleased { order_id, reservation_id, cause: ReleaseCause::NeverReserved }, header)
        }
        Event::Committed => sealed(InventoryCommitted { order_id, reservation_id }, header),
    })
}

/// The event of an adjustment. The stock's version is its place among the events about the sku.
pub(super) fn adjusted(adjustment: &Adjustment, version: u64, cause: &Cause) -> Result<String, InvalidId> {
    let level = adjustment.level;
    let data = StockAdjusted {
        adjustment_id: same(adjustment.id.as_str())?,
        sku: same(adjustment.sku.as_str())?,
        delta: adjustment.delta,
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
