//! Decision → contract: what orders makes true, as the events that it publishes.

use chassis::cause::Cause;
use chassis::store::{Outbox, Revision};
use contracts::ids::InvalidId;
use contracts::orders::{
    CancelReason as Reason, OrderCancelled, OrderCompleted, OrderConfirmed, OrderCreated, OrderLine,
};
use contracts::{Envelope, EventData, Header, orders, outbox};

use crate::domain::decision::{CancelReason, Event};
use crate::domain::line::Line;
use crate::domain::order::Order;

/// What the tables keep of the events, and how the relay completes them.
pub const OUTBOX: Outbox = Outbox { source: orders::SOURCE, shorten: outbox::shorten, complete: outbox::complete };

/// The events of one write, as they will be published, in their order.
///
/// # Errors
/// A value that the contract does not admit: a defect, which the tests of every event rule out.
pub fn events(order: &Order, events: &[Event], cause: &Cause, read: &Revision) -> Result<Vec<String>, InvalidId> {
    let numbered = (read.emitted + 1..).zip(events);
    numbered.map(|(sequence, event)| envelope(order, event, header(cause, sequence))).collect()
}

/// Name and major version of an event.
pub(super) fn event_type(event: &Event) -> &'static str {
    match event {
        Event::Created => OrderCreated::TYPE,
        Event::Confirmed { .. } => OrderConfirmed::TYPE,
        Event::Completed => OrderCompleted::TYPE,
        Event::Cancelled { .. } => OrderCancelled::TYPE,
    }
}

fn envelope(order: &Order, event: &Event, header: Header) -> Result<String, InvalidId> {
    Ok(match event {
        Event::Created => to_json(created(order)?, header),
        Event::Confirmed { payment, reservation } => to_json(
            OrderConfirmed {
                order_id: same(order.id.as_str())?,
                payment_id: same(payment.as_str())?,
                reservation_id: same(reservation.as_str())?,
            },
            header,
        ),
        Event::Completed => to_json(
            OrderCompleted {
                order_id: same(order.id.as_str())?,
                customer_id: Some(same(order.customer.as_str())?),
                total: order.total.units(),
                currency: same(order.currency.code())?,
                completed_at: order.completed_at().unwrap_or(header.time),
            },
            header,
        ),
        Event::Cancelled { reason } => {
            let customer_id = Some(same(order.customer.as_str())?);
            let reason = contract_reason(*reason).into();
            to_json(OrderCancelled { order_id: same(order.id.as_str())?, customer_id, reason }, header)
        }
    })
}

fn created(order: &Order) -> Result<OrderCreated, InvalidId> {
    let line = |(number, line): (u32, &Line)| {
        Ok(OrderLine {
            line_id: number,
            sku: same(line.sku.as_str())?,
            quantity: line.quantity.pieces(),
            unit_price: line.unit_price.units(),
        })
    };
    Ok(OrderCreated {
        order_id: same(order.id.as_str())?,
        customer_id: same(order.customer.as_str())?,
        lines: (1..).zip(&order.lines).map(line).collect::<Result<_, InvalidId>>()?,
        total: order.total.units(),
        currency: same(order.currency.code())?,
        payment_method: same(order.payment_method.as_str())?,
        placed_at: order.placed_at,
        pay_by: order.pay_by,
    })
}

fn contract_reason(reason: CancelReason) -> Reason {
    match reason {
        CancelReason::OutOfStock => Reason::OutOfStock,
        CancelReason::PaymentFailed => Reason::PaymentFailed,
        CancelReason::ReservationExpired => Reason::ReservationExpired,
        CancelReason::TimedOut => Reason::TimedOut,
        CancelReason::Customer => Reason::Customer,
        CancelReason::Staff => Reason::Staff,
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
