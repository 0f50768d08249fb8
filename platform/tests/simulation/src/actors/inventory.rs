//! The inventory service: the next step is written, until none is left. The reservation is read first, unless the order is
//! new; a write that is refused says what is there.

use chassis::cause::Cause;
use inventory::application::ApplyError;
use inventory::domain::ids::OrderId;
use inventory::domain::reservation::{Fact, Line, Reservation, Step, due, next};
use inventory::domain::stock::{Levels, Movement};
use inventory::inbound::events::fact;
use inventory::outbound::{ReservationRecord, reservation_events};

use super::{again, cause_of};
use crate::faults::{self, Fault};
use crate::world::{
    Completion, Held, Invocation, Item, Origin, Point, Seen, Setting, World, Write, WriteResult, revision,
};

/// What inventory does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Read the reservation.
    Load {
        /// How often another invocation wrote first.
        tries: u8,
    },
    /// Decide and write.
    Save {
        /// What was read, or what an earlier write found.
        seen: Seen<Reservation>,
        /// The levels that an earlier write found too low.
        levels: Held<Levels>,
        /// How often another invocation wrote first.
        tries: u8,
    },
}

impl Next {
    /// The first thing that an invocation does: a new order has no reservation that could be read.
    #[must_use]
    pub fn begin(origin: &Origin) -> Self {
        match origin {
            Origin::Message { event, .. } if event.name() == "OrderCreated" => {
                Self::Save { seen: None, levels: Held::new(Levels::new()), tries: 0 }
            }
            Origin::Message { .. } | Origin::Sweep { .. } | Origin::Request(_) => Self::Load { tries: 0 },
        }
    }
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load { .. } => faults::READ,
        Next::Save { .. } => faults::WRITE,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Point {
    take(world, by, next, fault).unwrap_or_else(Point::End)
}

fn take(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Result<Point, Completion> {
    let (order, fact) = fact_of(world, by)?;
    match next {
        Next::Load { .. } if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load { tries } => {
            let seen = world.seen::<Reservation>(by);
            Ok(Point::Inventory(Next::Save { seen, levels: Held::new(Levels::new()), tries }))
        }
        Next::Save { seen, levels, tries } => {
            if seen.is_none() && matches!(fact, Fact::Due(_)) {
                return Err(Completion::Done);
            }
            let reservation = seen.as_ref().map(|item| &*item.value);
            let decided = self::next(&order, reservation, &fact, &levels);
            let step = decided.map_err(|error| Completion::of(&ApplyError::from(error)))?.ok_or(Completion::Done)?;
            let is_last = step.event.is_some();
            match write(world, by, seen.as_ref(), &step, fault)? {
                WriteResult::Applied if is_last => Err(Completion::Done),
                WriteResult::Applied => Ok(Point::Inventory(Next::Load { tries })),
                WriteResult::Conflict => {
                    let (seen, levels) = (world.seen::<Reservation>(by), Held::new(too_low(world, &step)));
                    Ok(Point::Inventory(again(tries, |tries| Next::Save { seen, levels, tries })?))
                }
                WriteResult::Unavailable => Err(Completion::unavailable()),
            }
        }
    }
}

/// The fact that the message or the schedule brings.
fn fact_of(world: &World, by: &Invocation) -> Result<(OrderId, Fact), Completion> {
    match &by.origin {
        Origin::Message { event, .. } => {
            fact(&event.r#type, &event.text, by.began + Setting::HOLD).map_err(|error| Completion::of(&error))
        }
        Origin::Sweep { at, .. } => Ok((OrderId::trusted(world.setting.plan(by.order).id.as_str()), Fact::Due(*at))),
        Origin::Request(_) => Err(Completion::Done),
    }
}

fn write(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Reservation>>,
    step: &Step,
    fault: Option<Fault>,
) -> Result<WriteResult, Completion> {
    let read = revision(seen);
    let cause = cause(world, by, seen)?;
    let texts =
        reservation_events(&step.reservation, step.event.as_ref(), &cause, read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let value = Reservation::from(&ReservationRecord::new(&step.reservation, cause.correlation_id));
    let write = Write { due: due(&value), value, outbox, correlation };
    if step.moved.is_empty() {
        return Ok(world.save(by, read, write, fault));
    }
    let sku = |line: &Line| Some((world.setting.sku(line.sku.as_str())?, i64::from(line.quantity)));
    let moved: Vec<_> = step.moved.iter().map(sku).collect::<Option<_>>().ok_or(Completion::corrupt())?;
    // The SDK repeats a transaction under the same token: the second answer is the first.
    let fault = fault.filter(|fault| *fault != Fault::Resent);
    Ok(world.transact(by, read, write, (step.movement, &moved), fault))
}

fn cause(world: &World, by: &Invocation, seen: Option<&Item<Reservation>>) -> Result<Cause, Completion> {
    let own = || {
        let item = seen?;
        Some(world.own_cause(by.order, contracts::inventory::SOURCE, item, world.now + by.skew))
    };
    cause_of(by).or_else(own).ok_or(Completion::Done)
}

/// The levels that the conditions of a step find too low.
fn too_low(world: &World, step: &Step) -> Levels {
    let shortage = |line: &Line| {
        let available = world.setting.sku(line.sku.as_str()).and_then(|sku| world.stock.get(usize::from(sku)));
        line.short_of(available.map(|pieces| u64::try_from(*pieces).unwrap_or_default()))
    };
    if step.movement == Movement::Release || step.moved.iter().all(|line| shortage(line).is_none()) {
        return Levels::new();
    }
    // Of an order that takes a second transaction, the rest is read.
    let short = step.moved.iter().chain(step.unmoved()).filter_map(shortage);
    short.map(|shortage| (shortage.sku, shortage.available)).collect()
}
