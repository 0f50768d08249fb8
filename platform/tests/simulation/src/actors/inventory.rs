//! The inventory service: reservation and levels are read, the next step is written in one transaction, until none
//! is left.

use std::collections::BTreeMap;

use chassis::cause::Cause;
use inventory::application::ApplyError;
use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::{Fact, Line, Reservation, Step, due, levels_needed, next};
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
    /// Read the reservation, and the levels if they matter.
    Load {
        /// How often another invocation wrote first.
        tries: u8,
    },
    /// Decide and write.
    Save {
        /// What was read.
        seen: Seen<Reservation>,
        /// The levels that were read.
        levels: Held<BTreeMap<Sku, u64>>,
        /// How often another invocation wrote first.
        tries: u8,
    },
}

impl Next {
    /// The first thing that an invocation does.
    #[must_use]
    pub fn begin() -> Self {
        Self::Load { tries: 0 }
    }
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load { .. } => faults::READ,
        Next::Save { .. } => faults::TRANSACTION,
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
            let reservation = seen.as_ref().map(|item| &*item.value);
            let levels = levels(world, &levels_needed(reservation, &fact));
            Ok(Point::Inventory(Next::Save { seen, levels: Held::new(levels), tries }))
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
                WriteResult::Conflict => Ok(Point::Inventory(again(tries, |tries| Next::Load { tries })?)),
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
    Ok(world.transact(by, read, write, (step.movement, &moved), fault))
}

fn cause(world: &World, by: &Invocation, seen: Option<&Item<Reservation>>) -> Result<Cause, Completion> {
    let own = || {
        let item = seen?;
        Some(world.own_cause(by.order, contracts::inventory::SOURCE, item, world.now + by.skew))
    };
    cause_of(by).or_else(own).ok_or(Completion::Done)
}

fn levels(world: &World, skus: &[Sku]) -> BTreeMap<Sku, u64> {
    let level = |sku: &Sku| {
        let available = world.stock.get(usize::from(world.setting.sku(sku.as_str())?))?;
        Some((sku.clone(), u64::try_from(*available).unwrap_or_default()))
    };
    skus.iter().filter_map(level).collect()
}
