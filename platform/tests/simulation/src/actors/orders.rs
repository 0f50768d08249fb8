//! The orders service: a request or an event is applied to its order by one conditional write.

use chassis::cause::Cause;
use chassis::store::Revision;
use orders::domain::cancel::cancel;
use orders::domain::decision::{CancelReason, Event};
use orders::domain::order::{Fact, Order, apply};
use orders::domain::place;
use orders::domain::sweep::{due, first_look, sweep};
use orders::inbound::events::{EventError, fact};
use orders::outbound::{OrderMetadata, OrderRecord, events};

use super::{again, cause_of};
use crate::faults::{self, Fault};
use crate::world::{
    Completion, Invocation, Item, Origin, Plan, Point, RequestKind, Seen, Setting, World, Write, WriteResult,
};

/// What orders does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Write a new order.
    Place,
    /// Read the order.
    Load,
    /// Decide and write.
    Save {
        /// What was read.
        seen: Seen<Order>,
        /// How often another write came first.
        tries: u8,
    },
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load => faults::READ,
        Next::Place | Next::Save { .. } => faults::WRITE,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Point {
    take(world, by, next, fault).unwrap_or_else(Point::End)
}

fn take(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Result<Point, Completion> {
    match next {
        Next::Place => Err(place(world, by, fault)),
        Next::Load if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load => Ok(Point::Orders(Next::Save { seen: world.seen(by), tries: 0 })),
        Next::Save { seen, tries } => {
            let (after, events) = decide(by, seen.as_ref())?;
            let item = seen.as_ref().ok_or(Completion::Done)?;
            if after == *item.value {
                return Err(Completion::Done);
            }
            let cause = cause(world, by, item);
            match write(world, by, seen.as_ref(), (after, &events), &cause, fault)? {
                WriteResult::Applied => Err(Completion::Done),
                WriteResult::Conflict => {
                    let seen = world.orders.load(by.order);
                    Ok(Point::Orders(again(tries, |tries| Next::Save { seen, tries })?))
                }
                WriteResult::Unavailable => Err(Completion::unavailable()),
            }
        }
    }
}

fn place(world: &mut World, by: &Invocation, fault: Option<Fault>) -> Completion {
    let plan = world.setting.plan(by.order).clone();
    let Plan { request, id, customer, .. } = &plan;
    let placed = place::place(request, id.clone(), customer.clone(), by.began, Setting::PAY_WITHIN);
    let Ok(order) = placed else { return Completion::corrupt() };
    let correlation_id = plan.correlation.to_string();
    let cause = Cause::new(correlation_id, plan.command(), by.began);
    match write(world, by, None, (order, &[Event::Created]), &cause, fault) {
        // A conflict is a repetition: the order that is there is the answer.
        Ok(WriteResult::Applied | WriteResult::Conflict) => Completion::Done,
        Ok(WriteResult::Unavailable) => Completion::unavailable(),
        Err(ended) => ended,
    }
}

/// What follows for the order from a request, an event or the clock.
fn decide(by: &Invocation, seen: Option<&Item<Order>>) -> Result<(Order, Vec<Event>), Completion> {
    match &by.origin {
        Origin::Message { event, .. } => {
            let (order, fact) = fact(&event.r#type, &event.text).map_err(|error| Completion::of(&error))?;
            match seen {
                Some(item) => Ok(apply(&item.value, fact, by.began)),
                None if matches!(fact, Fact::NotProcessed(_)) => Err(Completion::Done),
                None => Err(Completion::of(&EventError::UnknownOrder(order))),
            }
        }
        Origin::Sweep { at, .. } => Ok(sweep(&seen.ok_or(Completion::Done)?.value, Setting::SETTLE_WITHIN, *at, *at)),
        Origin::Request(request) => {
            let order = &seen.ok_or(Completion::Done)?.value;
            let reason = if request.kind == RequestKind::Cancel { CancelReason::Customer } else { CancelReason::Staff };
            // Too late: the answer names the state, and nothing is changed.
            cancel(order, reason, by.began).map_err(|_| Completion::Done)
        }
    }
}

fn write(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Order>>,
    (order, published): (Order, &[Event]),
    cause: &Cause,
    fault: Option<Fault>,
) -> Result<WriteResult, Completion> {
    let first_look = first_look(&order, Setting::SETTLE_WITHIN).as_second();
    let new = || Revision { wakes_at: Some(first_look), ..Revision::default() };
    let read = seen.map_or_else(new, |item| item.revision.clone());
    let texts = events(&order, published, cause, &read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let (fingerprint, correlation_id) = (String::new(), cause.correlation_id.clone());
    let metadata = OrderMetadata::new(fingerprint, correlation_id);
    let value = OrderRecord::new(&order, &metadata).order().map_err(|_| Completion::corrupt())?;
    Ok(world.save(by, &read, Write { due: due(&value, Setting::SETTLE_WITHIN), value, outbox, correlation }, fault))
}

fn cause(world: &World, by: &Invocation, item: &Item<Order>) -> Cause {
    let at = if let Origin::Sweep { at, .. } = by.origin { at } else { by.began };
    cause_of(by).unwrap_or_else(|| world.own_cause(by.order, contracts::orders::SOURCE, item, at))
}
