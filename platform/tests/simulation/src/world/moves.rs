//! What can happen next, and what can go wrong with it.

use jiff::Timestamp;

use super::invocation::{Point, RequestKind};
use super::queue::Consumer;
use super::setting::{Service, Setting};
use super::{Origin, World};
use crate::actors::{adjust, inventory, notifications, orders, payments};
use crate::faults::{self, Fault};

/// Something that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// A client sends a request.
    Ask(usize),
    /// A message is delivered.
    Deliver(Consumer, usize),
    /// An invocation takes its next step.
    Go(usize),
    /// All holds that are asked for now are written together; the simulation lets chance decide, by [`Move::Go`].
    Together,
    /// Inventory sends the next of the transactions that follow each other.
    Send(usize),
    /// A relay publishes the next batch of its stream.
    Relay(Service),
    /// The schedule starts a service's sweep of one aggregate.
    Sweep(Service, u16),
    /// A late request reaches the gateway; its sender no longer waits.
    Arrive(usize),
    /// A past event is delivered again.
    Redeliver(u16, usize),
    /// Operators redrive every dead letter.
    Redrive,
    /// Time passes until something can happen.
    Tick,
}

impl World {
    /// Every move that is possible now without a fault, except that time passes.
    pub fn moves(&self, out: &mut Vec<Move>) {
        let now = self.now;
        out.clear();
        let asked = |request: &super::Request| request.ready_at <= now && self.can_be_asked(request);
        out.extend(indices(&self.requests, asked).map(Move::Ask));
        out.extend(indices(&self.invocations, |invocation| invocation.ready_at <= now).map(Move::Go));
        out.extend(indices(&self.writing, |writing| writing.ready_at <= now).map(Move::Send));
        for consumer in Consumer::ALL {
            let queue = &self.queues[consumer as usize];
            let visible = indices(&queue.messages, |message| message.live == 0 && message.visible_at <= now);
            out.extend(visible.map(|index| Move::Deliver(consumer, index)));
        }
        for service in Service::ALL {
            let stream = self.stream(service);
            if !stream.is_empty() && stream.ready_at <= now {
                out.push(Move::Relay(service));
            }
        }
        out.extend(indices(&self.gateway.late, |late| late.ready_at <= now).map(Move::Arrive));
        self.sweeps(out);
    }

    fn sweeps(&self, out: &mut Vec<Move>) {
        let now = self.now;
        let before = if self.setting.timeless {
            Timestamp::MAX
        } else {
            now.saturating_sub(Setting::SWEEP_EVERY).unwrap_or(Timestamp::MIN)
        };
        let mut add = |service, due: &mut dyn Iterator<Item = u16>| {
            out.extend(due.filter(|order| !self.is_sweeping(service, *order)).map(|order| Move::Sweep(service, order)));
        };
        add(Service::Orders, &mut self.orders.due(now, before));
        add(Service::Inventory, &mut self.reservations.due(now, before));
        add(Service::Payments, &mut self.payments.due(now, before));
    }

    fn is_sweeping(&self, service: Service, order: u16) -> bool {
        self.invocations.iter().any(|invocation| {
            invocation.order == order
                && matches!(&invocation.origin, Origin::Sweep { service: sweeping, .. } if *sweeping == service)
        })
    }

    /// A client can only name an order that it has an answer about.
    fn can_be_asked(&self, request: &super::Request) -> bool {
        match request.kind {
            RequestKind::Place | RequestKind::Adjust(_) => true,
            RequestKind::Refund | RequestKind::RefundAll => self.payments.get(request.order).is_some(),
            RequestKind::Cancel | RequestKind::CancelByStaff | RequestKind::Announce(_) => {
                self.orders.get(request.order).is_some()
            }
        }
    }

    /// The next time at which something becomes possible.
    #[must_use]
    pub fn next_wake_up(&self) -> Option<Timestamp> {
        let pause = if self.setting.timeless { jiff::SignedDuration::ZERO } else { Setting::SWEEP_EVERY };
        let requests = self.requests.iter().filter(|request| self.can_be_asked(request));
        let waiting = self.queues.iter().flat_map(|queue| &queue.messages).filter(|message| message.live == 0);
        let streams = Service::ALL.into_iter().map(|service| self.stream(service));
        requests
            .map(|request| request.ready_at)
            .chain(self.invocations.iter().map(|invocation| invocation.ready_at))
            .chain(self.writing.iter().map(|writing| writing.ready_at))
            .chain(waiting.map(|message| message.visible_at))
            .chain(streams.filter(|stream| !stream.is_empty()).map(|stream| stream.ready_at))
            .chain(self.gateway.late.iter().map(|late| late.ready_at))
            .chain(self.orders.wake_ups(pause))
            .chain(self.reservations.wake_ups(pause))
            .chain(self.payments.wake_ups(pause))
            .filter(|at| *at > self.now)
            .min()
    }

    /// What can go wrong with a move.
    #[must_use]
    pub fn faults(&self, next: Move) -> &'static [Fault] {
        match next {
            Move::Ask(_) => &[Fault::Duplicate, Fault::Delay],
            Move::Deliver(..) => faults::DELIVER,
            Move::Relay(_) => faults::RELAY,
            Move::Sweep(..) => faults::SWEEP,
            Move::Together | Move::Send(_) => faults::TRANSACT,
            Move::Arrive(_) | Move::Redeliver(..) | Move::Redrive | Move::Tick => &[],
            Move::Go(index) => self.invocations.get(index).map_or(&[], |invocation| match &invocation.point {
                Point::Orders(next) => orders::faults(next),
                Point::Inventory(next) => inventory::faults(next),
                Point::Payments(next) => payments::faults(next),
                Point::Notifications(next) => notifications::faults(next),
                Point::Adjust(next) => adjust::faults(next),
                Point::Announce(_) => faults::WRITE,
                Point::Publish(..) => &[Fault::Crash],
                Point::End(_) if matches!(invocation.origin, Origin::Request(_)) => faults::ANSWER,
                Point::End(_) => faults::ACKNOWLEDGE,
            }),
        }
    }

    /// The order that a move is about, if any.
    #[must_use]
    pub fn order_of(&self, next: Move) -> Option<u16> {
        match next {
            Move::Ask(index) => self.requests.get(index).map(|request| request.order),
            Move::Deliver(consumer, index) => {
                self.queues[consumer as usize].messages.get(index).map(|message| message.event.order)
            }
            Move::Go(index) => self.invocations.get(index).map(|invocation| invocation.order),
            Move::Sweep(_, order) | Move::Redeliver(order, _) => Some(order),
            Move::Arrive(index) => self.gateway.late.get(index).map(|late| late.order),
            Move::Send(index) => self.writing.get(index)?.chain.holds().next().map(|hold| hold.put.by.order),
            Move::Together | Move::Relay(_) | Move::Redrive | Move::Tick => None,
        }
    }
}

fn indices<T>(all: &[T], which: impl Fn(&T) -> bool) -> impl Iterator<Item = usize> {
    all.iter().enumerate().filter(move |(_, one)| which(one)).map(|(index, _)| index)
}
