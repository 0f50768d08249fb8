//! Operators have a service say again how an order's aggregate stands: new events with new ids, and nothing else.

use chassis::cause::Cause;

use crate::faults::Fault;
use crate::world::{Aggregate, Completion, Invocation, Item, Service, World, Write, WriteResult};

/// Says again what there is to say.
pub fn announce(world: &mut World, by: &Invocation, service: Service, fault: Option<Fault>) -> Completion {
    match service {
        Service::Inventory => again(world, by, contracts::inventory::SOURCE, fault, |reservation, item, cause| {
            let event = inventory::domain::reservation::announce(reservation);
            inventory::outbound::reservation_events(reservation, event.as_ref(), cause, &item.revision).ok()
        }),
        Service::Payments => again(world, by, contracts::payments::SOURCE, fault, |payment, item, cause| {
            let events = payments::domain::announce::announce(payment);
            payments::outbound::events(payment, &events, cause, &item.revision).ok()
        }),
        Service::Orders => again(world, by, contracts::orders::SOURCE, fault, |order, item, cause| {
            let events = orders::domain::announce::announce(order);
            orders::outbound::events(order, &events, cause, &item.revision).ok()
        }),
        Service::Notifications => Completion::Done,
    }
}

fn again<T: Aggregate + Clone>(
    world: &mut World,
    by: &Invocation,
    source: &str,
    fault: Option<Fault>,
    say: impl FnOnce(&T, &Item<T>, &Cause) -> Option<Vec<String>>,
) -> Completion {
    let Some(item) = T::table(world).load(by.order) else { return Completion::Done };
    let cause = world.own_cause(by.order, source, &item, by.began);
    let Some(outbox) = say(&item.value, &item, &cause).and_then(|texts| world.read_events(texts)) else {
        return Completion::corrupt();
    };
    if outbox.is_empty() {
        return Completion::Done;
    }
    let (value, due, correlation) = ((*item.value).clone(), item.due, item.correlation.clone());
    match world.save(by, &item.revision, Write { value, outbox, due, correlation }, fault) {
        WriteResult::Applied => Completion::Done,
        WriteResult::Conflict => Completion::contended(),
        WriteResult::Unavailable => Completion::unavailable(),
    }
}
