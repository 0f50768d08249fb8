//! What starts invocations: messages, schedules and clients.

use std::sync::Arc;

use ::notifications::domain::ids::ClaimId;
use jiff::{SignedDuration, Timestamp};

use super::{
    Aggregate, Consumer, DeadLetter, Invocation, Message, Origin, Point, Request, RequestKind, Seen, Service, Setting,
    SharedEvent, World,
};
use crate::actors::{adjust, inventory, notifications, orders, payments};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::flaws::Flaw;

/// The shortest delay.
const HELD_UP: SignedDuration = SignedDuration::from_secs(2);
/// How long a lock of the flawed design lasts.
const LOCK: SignedDuration = SignedDuration::from_mins(1);

/// A lock on a message, in the flawed design.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lock {
    consumer: Consumer,
    event: Box<str>,
    /// Absent once the message is complete.
    until: Option<Timestamp>,
}

impl World {
    /// A client sends a request.
    pub(super) fn ask(&mut self, index: usize, fault: Option<Fault>, dice: &mut Dice) {
        if fault == Some(Fault::Delay) {
            self.requests[index].ready_at = self.now + dice.stretch(HELD_UP);
            return;
        }
        let request = self.requests.swap_remove(index);
        self.trace.note(self.now, request.order, || format!("the client requests: {:?}", request.kind));
        if fault == Some(Fault::Duplicate) {
            self.requests.push(request);
        }
        self.begin(Origin::Request(request), request.order, request.kind.service(), dice);
    }

    /// A message is delivered.
    pub(super) fn deliver(&mut self, consumer: Consumer, index: usize, fault: Option<Fault>, dice: &mut Dice) {
        let now = self.now;
        let message = &mut self.queue(consumer).messages[index];
        match fault {
            Some(Fault::Delay) => {
                message.visible_at = now + dice.stretch(HELD_UP);
                return;
            }
            Some(Fault::Duplicate) => {
                let event = Arc::clone(&message.event);
                self.trace.note(now, event.order, || {
                    format!("{}: gets a second copy of {}", consumer.as_str(), event.name())
                });
                return self.send(consumer, event, now);
            }
            _ if message.receives >= Setting::LIMITS.max_receives => return self.give_up(consumer, index),
            _ => {}
        }
        let (id, order) = (message.id, message.event.order);
        let overtakes = |other: &Message| other.id < id && other.event.order == order && other.receives == 0;
        if self.queue(consumer).messages.iter().any(overtakes) {
            self.meets(Fault::Reorder, Some(order));
        }
        let message = &mut self.queue(consumer).messages[index];
        message.receives += 1;
        message.live = if fault == Some(Fault::SecondInvocation) { 2 } else { 1 };
        let Message { id, event, receives, live, .. } = message.clone();
        if self.setting.mechanism.has(Flaw::LockThenComplete) && !self.lock(consumer, id, &event) {
            return;
        }
        if self.setting.mechanism.has(Flaw::AcknowledgeFirst) {
            self.queue(consumer).remove(id);
        }
        for _ in 0..live {
            let origin = Origin::Message { consumer, id, event: Arc::clone(&event), receives };
            self.begin(origin, event.order, Service::of(consumer), dice);
        }
        let reads = self.invocations.last().is_some_and(|invocation| invocation.point.is_read());
        if live == 1 && dice.faults() == 0 && reads {
            // Nothing can happen between a delivery and a first step that only reads.
            self.go(self.invocations.len() - 1, None, dice);
        }
    }

    /// SQS itself moves a message that was received too often.
    fn give_up(&mut self, consumer: Consumer, index: usize) {
        let Message { event, .. } = self.queue(consumer).messages.swap_remove(index);
        self.trace
            .note(self.now, event.order, || format!("{}: too many deliveries of {}", consumer.as_str(), event.name()));
        self.bury(consumer, event, "receives_exhausted");
    }

    /// Parks a message; payments' dead letters have a consumer of their own.
    pub(super) fn bury(&mut self, consumer: Consumer, event: SharedEvent, class: &'static str) {
        self.watch_parked(event.order, consumer.as_str(), class);
        *self.parked.entry(class).or_default() += 1;
        match consumer {
            Consumer::Payments => self.send(Consumer::DeadLetters, event, self.now),
            Consumer::Orders | Consumer::Inventory | Consumer::DeadLetters | Consumer::Notifications => {
                self.letters.push(DeadLetter { consumer, event, class });
            }
        }
    }

    /// Operators redrive every dead letter to its consumer.
    pub(super) fn redrive(&mut self) {
        for DeadLetter { consumer, event, .. } in std::mem::take(&mut self.letters) {
            self.trace.note(self.now, event.order, || {
                format!("an operator redrives {} to {}", event.name(), consumer.as_str())
            });
            self.send(consumer, event, self.now);
        }
    }

    /// The schedule starts a service's sweep of one aggregate.
    pub(super) fn begin_sweep(&mut self, service: Service, order: u16, fault: Option<Fault>, dice: &mut Dice) {
        let now = self.now;
        if !self.setting.timeless {
            match service {
                Service::Orders => self.orders.sweep(order, now),
                Service::Inventory => self.reservations.sweep(order, now),
                Service::Payments => self.payments.sweep(order, now),
                Service::Notifications => {}
            }
        }
        let held_up = if fault == Some(Fault::Delay) { dice.stretch(HELD_UP) } else { SignedDuration::ZERO };
        for _ in 0..if fault == Some(Fault::SecondInvocation) { 2 } else { 1 } {
            self.begin(Origin::Sweep { service, at: now }, order, service, dice);
            if let Some(invocation) = self.invocations.last_mut() {
                invocation.ready_at = now + held_up;
            }
        }
    }

    fn begin(&mut self, origin: Origin, order: u16, service: Service, dice: &mut Dice) {
        let point = match (&origin, service) {
            (Origin::Request(Request { kind: RequestKind::Announce(service), .. }), _) => Point::Announce(*service),
            (Origin::Request(Request { kind: RequestKind::Adjust(_), .. }), _) => {
                Point::Adjust(adjust::Next::Load { tries: 0 })
            }
            (Origin::Request(Request { kind: RequestKind::Place, .. }), _) => Point::Orders(orders::Next::Place),
            (_, Service::Orders) => Point::Orders(orders::Next::Load),
            (origin, Service::Inventory) => Point::Inventory(inventory::Next::begin(origin)),
            (origin, Service::Payments) => Point::Payments(payments::Next::begin(origin)),
            (origin, Service::Notifications) => Point::Notifications(notifications::Next::begin(self.claim(origin))),
        };
        let wobble = i64::from(dice.below(400)) - i64::from(dice.below(400));
        let skew = self.setting.skew(service) + SignedDuration::from_millis(wobble);
        let began = self.now + skew;
        self.invocations.push(Invocation { origin, order, skew, began, ready_at: self.now, point });
    }

    /// An attempt of notifications: which message, which delivery, which of its live invocations.
    fn claim(&self, origin: &Origin) -> ClaimId {
        let Origin::Message { id, receives, .. } = origin else { return ClaimId::new(0) };
        let same = |it: &&Invocation| matches!(&it.origin, Origin::Message { id: other, .. } if other == id);
        let nth = self.invocations.iter().filter(same).count() as u128;
        ClaimId::new(u128::from(*id) << 64 | u128::from(*receives) << 32 | nth)
    }

    /// What an invocation reads; in the design whose index decides, a sweep reads what the index shows.
    #[must_use]
    pub fn seen<T: Aggregate>(&self, by: &Invocation) -> Seen<T> {
        let table = T::table(self);
        let from_index = self.setting.mechanism.has(Flaw::IndexDecides) && matches!(by.origin, Origin::Sweep { .. });
        let stale = if from_index { table.stale(by.order) } else { None };
        stale.or_else(|| table.load(by.order))
    }

    /// Takes the lock on a message; false if another invocation has it or the message is complete.
    fn lock(&mut self, consumer: Consumer, id: u32, event: &SharedEvent) -> bool {
        let (now, until) = (self.now, Some(self.now + LOCK));
        let held = self.aside.locks.iter_mut().find(|lock| lock.consumer == consumer && lock.event == event.id);
        let Some(lock) = held else {
            self.aside.locks.push(Lock { consumer, event: event.id.clone(), until });
            return true;
        };
        match lock.until {
            None => self.queue(consumer).remove(id),
            Some(end) if now < end => {
                if let Some(message) = self.queue(consumer).find(id) {
                    (message.live, message.visible_at) = (0, end);
                }
            }
            Some(_) => {
                lock.until = until;
                return true;
            }
        }
        false
    }

    /// Marks a message as complete.
    pub(super) fn complete(&mut self, consumer: Consumer, event: &SharedEvent) {
        let held = self.aside.locks.iter_mut().find(|lock| lock.consumer == consumer && lock.event == event.id);
        if let Some(lock) = held {
            lock.until = None;
        }
    }

    /// The pause before a retry.
    pub(super) fn pause(&self, seconds: i64) -> SignedDuration {
        if self.setting.timeless { SignedDuration::ZERO } else { SignedDuration::from_secs(seconds) }
    }

    /// When the message of an invocation that died becomes visible again.
    pub(super) fn visible_again(&self, consumer: Consumer) -> Timestamp {
        // Notifications' design relies on it: a claim lasts less time than a message stays invisible.
        let at_once = self.setting.timeless && consumer != Consumer::Notifications;
        if at_once { self.now } else { self.now + Setting::VISIBILITY }
    }
}
