//! Conditional writes, as the stores of the services make them, and what can go wrong with them.

use std::sync::Arc;

use ::inventory::domain::reservation::Reservation;
use ::notifications::domain::delivery::Deliveries;
use ::orders::domain::order::Order;
use ::payments::domain::payment::Payment;
use chassis::cause::Cause;
use chassis::store::{Revision, wakes_at};
use jiff::Timestamp;

use super::{Event, Invocation, Item, Origin, Service, SharedEvent, Stream, Table, World, Write};
use crate::faults::Fault;
use crate::flaws::Flaw;
use crate::invariants::Rule;

/// The outcome of a write, as far as the writer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteResult {
    /// It is done.
    Applied,
    /// Another write came after the read, or seems to have.
    Conflict,
    /// The table refused or did not answer.
    Unavailable,
}

/// A type that a table stores.
pub trait Aggregate: Sized {
    /// Its table.
    fn table(world: &World) -> &Table<Self>;
    /// Its table.
    fn table_mut(world: &mut World) -> &mut Table<Self>;
}

macro_rules! aggregate {
    ($($aggregate:ty: $table:ident)*) => {$(
        impl Aggregate for $aggregate {
            fn table(world: &World) -> &Table<Self> {
                &world.$table
            }
            fn table_mut(world: &mut World) -> &mut Table<Self> {
                &mut world.$table
            }
        }
    )*};
}

aggregate! {
    Order: orders
    Reservation: reservations
    Payment: payments
    Deliveries: deliveries
}

/// The most events that lead to one, each to the next. A consumer gives up at 16: then they go in a circle.
const LONGEST_CHAIN: u32 = 6;

impl World {
    /// A service's stream.
    #[must_use]
    pub fn stream(&self, service: Service) -> &Stream {
        match service {
            Service::Orders => &self.orders.stream,
            Service::Inventory => &self.reservations.stream,
            Service::Payments => &self.payments.stream,
            Service::Notifications => &self.deliveries.stream,
        }
    }

    pub(super) fn stream_mut(&mut self, service: Service) -> &mut Stream {
        match service {
            Service::Orders => &mut self.orders.stream,
            Service::Inventory => &mut self.reservations.stream,
            Service::Payments => &mut self.payments.stream,
            Service::Notifications => &mut self.deliveries.stream,
        }
    }

    /// The number of writes of an order's items.
    #[must_use]
    pub fn writes(&self, order: u16) -> u64 {
        let versions = [
            self.orders.get(order).map(|item| item.revision.version),
            self.reservations.get(order).map(|item| item.revision.version),
            self.payments.get(order).map(|item| item.revision.version),
            self.deliveries.get(order).map(|item| item.revision.version),
        ];
        versions.into_iter().flatten().sum()
    }

    /// The numbers of writes, mails and gateway calls for an order.
    #[must_use]
    pub fn done_for(&self, order: u16) -> (u64, [u8; 2], u32) {
        let index = usize::from(order);
        (self.writes(order), self.mails[index], self.calls[index])
    }

    /// Writes an item, unless another write came after `read`.
    pub fn save<T: Aggregate>(
        &mut self,
        by: &Invocation,
        read: &Revision,
        write: Write<T>,
        fault: Option<Fault>,
    ) -> WriteResult {
        let allowed = self.allows::<T>(by, read);
        self.write(by.order, read, write, allowed, fault)
    }

    pub(super) fn allows<T: Aggregate>(&self, by: &Invocation, read: &Revision) -> bool {
        let mechanism = self.setting.mechanism;
        let unconditional = mechanism.has(Flaw::UnconditionalWrite)
            || (mechanism.has(Flaw::LockThenComplete) && by.event().is_some())
            || (mechanism.has(Flaw::IndexDecides) && matches!(by.origin, Origin::Sweep { .. }));
        unconditional || T::table(self).allows(by.order, read)
    }

    pub(super) fn write<T: Aggregate>(
        &mut self,
        order: u16,
        read: &Revision,
        write: Write<T>,
        allowed: bool,
        fault: Option<Fault>,
    ) -> WriteResult {
        let (publish_first, dual_write) =
            (self.setting.mechanism.has(Flaw::PublishFirst), self.setting.mechanism.has(Flaw::DualWrite));
        if publish_first {
            self.publish(&write.outbox, &mut crate::dice::Dice::Fixed);
        }
        if matches!(fault, Some(Fault::Throttle | Fault::Conflict)) {
            self.trace.note(self.now, order, || " the table refuses the request".to_owned());
            return WriteResult::Unavailable;
        }
        if !allowed {
            self.trace.note(self.now, order, || " another writer was first: decides again".to_owned());
            return WriteResult::Conflict;
        }
        for event in &write.outbox {
            self.trace.note(self.now, order, || format!(" writes, with {} in the outbox", event.name()));
        }
        if write.outbox.is_empty() {
            self.trace.note(self.now, order, || " writes".to_owned());
        }
        self.record(&write.outbox);
        if dual_write {
            self.aside.unpublished.clone_from(&write.outbox);
        }
        let wakes_at = match read.version {
            1.. if self.setting.mechanism.has(Flaw::LateEntry) => read.wakes_at.filter(|_| write.due.is_some()),
            _ => wakes_at(read.wakes_at, write.due, self.now),
        };
        T::table_mut(self).put(order, read, write, !publish_first && !dual_write, wakes_at);
        match fault {
            Some(Fault::Unanswered) => WriteResult::Unavailable,
            Some(Fault::Resent) => WriteResult::Conflict,
            _ => WriteResult::Applied,
        }
    }

    /// Reads the events that a service wrote as texts.
    #[must_use]
    pub fn read_events(&self, texts: Vec<String>) -> Option<Vec<SharedEvent>> {
        let find = |subject: &str| self.setting.number(subject);
        texts.into_iter().map(|text| Event::read(text, find)).collect()
    }

    /// Archives events, and checks their schemas and that they belong to their order's one tree of causes.
    pub(super) fn record(&mut self, events: &[SharedEvent]) {
        for event in events {
            let plan = self.setting.plan(event.order);
            let before = &self.archive[usize::from(event.order)];
            let is_root = event.r#type.starts_with("OrderCreated.") && *event.causation == *plan.command();
            let parent_known = before.iter().any(|known| known.id == event.causation);
            let wrong = if *event.correlation != *plan.correlation {
                Some(format!("{} carries the correlation id {}", event.name(), event.correlation))
            } else if before.iter().any(|known| known.id == event.id) {
                Some(format!("{} has the id of another event", event.name()))
            } else if event.hops > LONGEST_CHAIN {
                Some(format!("{} has {} events before it", event.name(), event.hops))
            } else if is_root || parent_known {
                None
            } else {
                Some(format!("{} is caused by {}, which is not an event of the order", event.name(), event.causation))
            };
            if let Some(wrong) = wrong {
                self.violated(Rule::I8, event.order, wrong);
            }
            if let Err(wrong) = crate::schemas::check(&event.r#type, &event.text) {
                self.violated(Rule::I7, event.order, format!("{}: {wrong}", event.name()));
            }
            self.archive[usize::from(event.order)].push(Arc::clone(event));
        }
    }

    /// The cause of something that no message caused: the aggregate's latest event, or the order's first.
    #[must_use]
    pub fn own_cause<T>(&self, order: u16, source: &str, item: &Item<T>, at: Timestamp) -> Cause {
        let subject = self.setting.plan(order).id.as_str();
        let causation_id = match item.revision.emitted {
            0 => contracts::event_id(contracts::orders::SOURCE, subject, 1),
            emitted => contracts::event_id(source, subject, emitted),
        };
        Cause::new(item.correlation.to_string(), causation_id, at)
    }
}
