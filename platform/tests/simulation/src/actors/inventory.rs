//! The inventory service: the next step is written, until none is left. The reservation is read first, unless the order is
//! new; a write that is refused says what is there.

use aws_sdk_dynamodb::types::Update;
use chassis::cause::Cause;
use inventory::application::ApplyError;
use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::{Fact, Line, Reservation, Step, due, next};
use inventory::domain::stock::{Levels, Movement};
use inventory::inbound::events::fact;
use inventory::outbound::level::moved;
use inventory::outbound::{Answer, Cancelled, Failed, Hold, ReservationRecord, reservation_events};

use super::{again, cause_of};
use crate::dice::Dice;
use crate::faults::{self, Fault};
use crate::world::{
    Completion, Held, Invocation, Item, Origin, Point, Put, Seat, Seen, Setting, World, Write, WriteResult, revision,
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
        Self::at_first(origin, 0)
    }

    fn at_first(origin: &Origin, tries: u8) -> Self {
        match origin {
            Origin::Message { event, .. } if event.name() == "OrderCreated" => {
                Self::Save { seen: None, levels: Held::new(Levels::new()), tries }
            }
            Origin::Message { .. } | Origin::Sweep { .. } | Origin::Request(_) => Self::Load { tries },
        }
    }
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load { .. } => faults::READ,
        Next::Save { .. } => faults::TRANSACT,
    }
}

/// What an invocation has read of its reservation, when it writes.
#[must_use]
pub fn seen(by: &Invocation) -> Option<&Item<Reservation>> {
    if let Point::Inventory(Next::Save { seen, .. }) = &by.point { seen.as_ref() } else { None }
}

/// The hold that an invocation asks for, if that is its next step: its transaction may be that of others too.
#[must_use]
pub fn hold(world: &World, by: &Invocation) -> Option<Hold<Seat>> {
    let Point::Inventory(Next::Save { seen, levels, .. }) = &by.point else { return None };
    let (order, step) = decide(world, by, seen.as_ref(), levels).ok()?;
    if step.movement != Movement::Reserve || step.moved.is_empty() {
        return None;
    }
    let write = write(world, by, seen.as_ref(), &step).ok()?;
    Some(Hold { order, lines: step.moved.clone(), put: Seat { by: by.clone(), step, write } })
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>, dice: &mut Dice) -> Point {
    take(world, by, next, fault, dice).unwrap_or_else(Point::End)
}

fn take(
    world: &mut World,
    by: &Invocation,
    next: Next,
    fault: Option<Fault>,
    dice: &mut Dice,
) -> Result<Point, Completion> {
    match next {
        Next::Load { .. } if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load { tries } => {
            let seen = world.seen::<Reservation>(by);
            Ok(Point::Inventory(Next::Save { seen, levels: Held::new(Levels::new()), tries }))
        }
        Next::Save { seen, levels, tries } => {
            let (_, step) = decide(world, by, seen.as_ref(), &levels)?;
            let write = write(world, by, seen.as_ref(), &step)?;
            let read = revision(seen.as_ref());
            if !step.moved.is_empty() {
                let pieces = step.moved.iter().map(|line| (&line.sku, u64::from(line.quantity)));
                let updates = updates(world, pieces, step.movement);
                let answer = world.transact(&[Put { by, read, write: &write }], &updates, fault, dice);
                return Ok(answered(world, &Seat { by: by.clone(), step, write }, answer));
            }
            match world.save(by, &read, write, fault) {
                WriteResult::Applied if step.event.is_some() => Err(Completion::Done),
                WriteResult::Applied => Ok(Point::Inventory(Next::Load { tries })),
                WriteResult::Conflict => {
                    let (seen, levels) = (world.seen::<Reservation>(by), Held::new(Levels::new()));
                    Ok(Point::Inventory(again(tries, |tries| Next::Save { seen, levels, tries })?))
                }
                WriteResult::Unavailable => Err(Completion::unavailable()),
            }
        }
    }
}

/// What a transaction's answer makes an invocation do next.
#[must_use]
pub fn answered(world: &World, seat: &Seat, answer: Answer) -> Point {
    let Point::Inventory(Next::Save { seen, tries, .. }) = &seat.by.point else { return seat.by.point.clone() };
    let next = match answer {
        Ok(Ok(())) if seat.step.event.is_some() => Err(Completion::Done),
        Ok(Ok(())) => Ok(Next::Load { tries: *tries }),
        // Others were in the way, and nothing is known: begins again as at first.
        Ok(Err(Cancelled::Busy)) => again(*tries, |tries| Next::at_first(&seat.by.origin, tries)),
        Ok(Err(Cancelled::Conditions(failed))) => {
            let seen = if failed.contains_key(&0) { world.seen::<Reservation>(&seat.by) } else { seen.clone() };
            let levels = Held::new(levels(world, &seat.step, &failed));
            again(*tries, |tries| Next::Save { seen, levels, tries })
        }
        Ok(Err(Cancelled::Invalid(_))) | Err(_) => Err(Completion::unavailable()),
    };
    next.map_or_else(Point::End, Point::Inventory)
}

/// The stock's part of a transaction.
#[must_use]
pub fn updates<'a>(
    world: &World,
    pieces: impl Iterator<Item = (&'a Sku, u64)>,
    movement: Movement,
) -> Vec<(u16, Update)> {
    // A line of a sku that the shop does not have cannot be ordered, and these values make an update.
    let update =
        |(sku, pieces)| Some((world.setting.sku(Sku::as_str(sku))?, moved("stock", sku, pieces, movement).ok()?));
    pieces.filter_map(update).collect()
}

fn decide(
    world: &World,
    by: &Invocation,
    seen: Option<&Item<Reservation>>,
    levels: &Levels,
) -> Result<(OrderId, Step), Completion> {
    let (order, fact) = fact_of(world, by)?;
    if seen.is_none() && matches!(fact, Fact::Due(_)) {
        return Err(Completion::Done);
    }
    let decided = next(&order, seen.map(|item| &*item.value), &fact, levels);
    let step = decided.map_err(|error| Completion::of(&ApplyError::from(error)))?.ok_or(Completion::Done)?;
    Ok((order, step))
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
    world: &World,
    by: &Invocation,
    seen: Option<&Item<Reservation>>,
    step: &Step,
) -> Result<Write<Reservation>, Completion> {
    let read = revision(seen);
    let cause = cause(world, by, seen)?;
    let texts =
        reservation_events(&step.reservation, step.event.as_ref(), &cause, &read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let value = Reservation::from(&ReservationRecord::new(&step.reservation, cause.correlation_id));
    Ok(Write { due: due(&value), value, outbox, correlation })
}

fn cause(world: &World, by: &Invocation, seen: Option<&Item<Reservation>>) -> Result<Cause, Completion> {
    let own = || {
        let item = seen?;
        Some(world.own_cause(by.order, contracts::inventory::SOURCE, item, world.now + by.skew))
    };
    cause_of(by).or_else(own).ok_or(Completion::Done)
}

/// The levels of the skus whose conditions failed. Of an order that takes a second transaction, the rest is read.
fn levels(world: &World, step: &Step, failed: &Failed) -> Levels {
    let short: Vec<&Line> =
        (1..).zip(&step.moved).filter_map(|(at, line)| failed.contains_key(&at).then_some(line)).collect();
    let rest = if short.is_empty() { &[] } else { step.unmoved() };
    let level = |line: &Line| {
        let level = world.setting.sku(line.sku.as_str()).and_then(|sku| world.stock.get(usize::from(sku)));
        (line.sku.clone(), level.and_then(|level| level.pieces()))
    };
    short.into_iter().chain(rest).map(level).collect()
}
