//! Takes steps together whose order cannot be observed, so that there are fewer states.
//!
//! - A relay publishes at once: a queue may delay its messages anyway.
//! - A read and the conditional write after it are one step: a write after an older read conflicts, and is decided again
//!   on the newer state. What the first write of a new order finds stays separate: no condition covers levels that are
//!   too low.
//! - A message that changes nothing is finished when it is delivered.
//! - An acknowledgement comes at once unless the process may die before it: it concerns no other invocation.
//! - Notifications runs after all others have come to rest: no service consumes its events.
//!
//! None of this holds for a design that writes without conditions, so it is not applied there.

use super::model::{State, Step};
use crate::dice::Dice;
use crate::faults::{self, Fault};
use crate::world::{Completion, Consumer, Invocation, Move, Origin, Point, Service, World};

impl State {
    /// Takes a step with everything that belongs to it; true if the system is at rest afterwards.
    pub fn take(&mut self, step: Step) -> bool {
        let world = &mut self.world;
        let order = world.order_of(step.next);
        self.faults -= u8::from(step.fault.is_some());
        if world.setting.mechanism.is_conditional() {
            take_with_reads(world, step);
            if self.faults == 0 {
                make_invisible_moves(world);
            }
        } else {
            world.make(step.next, step.fault, &mut Dice::Fixed);
        }
        world.watch(order);
        let rests = world.is_at_rest();
        if rests {
            world.judge();
        }
        rests
    }
}

/// What can go wrong with the write that a move leads to.
pub fn faults_on_the_way(world: &World, next: Move) -> &'static [Fault] {
    if !world.setting.mechanism.is_conditional() || is_new_order(world, next) {
        return &[];
    }
    match next {
        Move::Sweep(Service::Inventory, _) | Move::Deliver(Consumer::Inventory, _) => faults::TRANSACT_ON_THE_WAY,
        Move::Ask(_) | Move::Sweep(..) | Move::Deliver(..) => faults::ON_THE_WAY,
        Move::Go(_)
        | Move::Together
        | Move::Send(_)
        | Move::Relay(_)
        | Move::Arrive(_)
        | Move::Redeliver(..)
        | Move::Redrive
        | Move::Tick => &[],
    }
}

fn take_with_reads(world: &mut World, Step { next, fault }: Step) {
    let on_the_way = fault.filter(|fault| faults_on_the_way(world, next).contains(fault));
    let is_new_order = is_new_order(world, next);
    let (begins, live) = (matches!(next, Move::Ask(_) | Move::Deliver(..) | Move::Sweep(..)), world.invocations.len());
    let fault_now = if on_the_way.is_some() { None } else { fault };
    if let Some(fault) = on_the_way {
        let order = world.order_of(next);
        world.meets(fault, order);
    }
    world.make(next, fault_now, &mut Dice::Fixed);
    let has_begun = begins && world.invocations.len() == live + 1;
    if !has_begun || fault_now == Some(Fault::SecondInvocation) {
        return;
    }
    if is_new_order {
        return skip_what_changes_nothing(world);
    }
    if world.invocations.last().is_some_and(|invocation| invocation.point.is_read()) {
        world.make(Move::Go(live), None, &mut Dice::Fixed);
    }
    world.make(Move::Go(live), on_the_way, &mut Dice::Fixed);
}

/// Whether the move delivers an order to inventory, which writes without a read.
fn is_new_order(world: &World, next: Move) -> bool {
    let Move::Deliver(Consumer::Inventory, index) = next else { return false };
    let message = world.queues[Consumer::Inventory as usize].messages.get(index);
    message.is_some_and(|message| message.event.name() == "OrderCreated")
}

/// Finishes the last invocation if its message changes nothing: whatever happens in between, it writes nothing.
fn skip_what_changes_nothing(world: &mut World) {
    let Some(last) = world.invocations.len().checked_sub(1) else { return };
    let order = world.invocations[last].order;
    let mut after = world.clone();
    // Once to find what is there, once to find that nothing is to be done.
    for _ in 0..2 {
        after.make(Move::Go(last), None, &mut Dice::Fixed);
        let invocation = after.invocations.last();
        let is_done = invocation.is_some_and(|invocation| invocation.point == Point::End(Completion::Done));
        if after.writes(order) != world.writes(order) {
            return;
        }
        if is_done {
            *world = after;
            return;
        }
    }
}

/// Makes the moves whose order cannot be observed, once no fault is left that could occur between them.
fn make_invisible_moves(world: &mut World) {
    let mut moves = Vec::new();
    loop {
        world.moves(&mut moves);
        let Some(next) = moves.iter().copied().find(|next| is_invisible(world, *next)) else { return };
        world.make(next, None, &mut Dice::Fixed);
    }
}

/// Leaves out moves whose order relative to the others cannot be observed.
pub fn essential(world: &World, moves: &mut Vec<Move>) {
    if !world.setting.mechanism.is_conditional() {
        return;
    }
    let first = moves.iter().copied().find(|next| is_invisible(world, *next));
    if let Some(first) = first {
        *moves = vec![first];
    } else if moves.iter().any(|next| !is_about_mail(world, *next)) {
        moves.retain(|next| !is_about_mail(world, *next));
    }
}

fn is_invisible(world: &World, next: Move) -> bool {
    match next {
        Move::Relay(_) => true,
        Move::Go(index) => {
            world.invocations.get(index).is_some_and(|invocation| matches!(invocation.point, Point::End(_)))
        }
        Move::Ask(_)
        | Move::Deliver(..)
        | Move::Together
        | Move::Send(_)
        | Move::Sweep(..)
        | Move::Arrive(_)
        | Move::Redeliver(..)
        | Move::Redrive
        | Move::Tick => false,
    }
}

fn is_about_mail(world: &World, next: Move) -> bool {
    let is_mail = |invocation: &Invocation| {
        matches!(invocation.origin, Origin::Message { consumer: Consumer::Notifications, .. })
    };
    match next {
        Move::Deliver(consumer, _) => consumer == Consumer::Notifications,
        Move::Go(index) => world.invocations.get(index).is_some_and(is_mail),
        Move::Relay(service) => service == Service::Notifications,
        Move::Ask(_)
        | Move::Together
        | Move::Send(_)
        | Move::Sweep(..)
        | Move::Arrive(_)
        | Move::Redeliver(..)
        | Move::Redrive
        | Move::Tick => false,
    }
}
