//! Relays publish, the bus routes, queues receive.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{BEGIN, Consumer, Message, Service, SharedEvent, World};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::flaws::Flaw;

/// How long a relay waits before it sends again, so that an outage is not all steps.
const PAUSE: SignedDuration = SignedDuration::from_millis(500);
/// The shortest delay.
const HELD_UP: SignedDuration = SignedDuration::from_secs(2);

impl World {
    /// A relay publishes the next batch, or the rest of it.
    pub(super) fn relay(&mut self, service: Service, fault: Option<Fault>, dice: &mut Dice) {
        let (now, mechanism) = (self.now, self.setting.mechanism);
        if let Some(fault) = fault {
            let waiting = self.stream(service).waiting();
            self.note(&waiting, &format!("FAULT: {}, at the relay with", fault.as_str()));
        }
        if fault == Some(Fault::Delay) {
            self.stream_mut(service).ready_at = now + dice.stretch(HELD_UP);
            return;
        }
        let unsent = self.stream_mut(service).begin();
        if mechanism.has(Flaw::CheckpointFirst) {
            self.stream_mut(service).done();
        }
        if fault == Some(Fault::Throttle) {
            self.note(&unsent, "the bus refuses the relay's request for");
            if self.setting.outage.is_some() {
                self.stream_mut(service).ready_at = now + PAUSE;
            }
            return self.stream_mut(service).failed(unsent);
        }
        let (taken, failed) = match fault {
            Some(Fault::FailedEntry) => split(unsent, dice),
            _ => (unsent, Vec::new()),
        };
        self.note(&failed, "the bus refuses the entry of");
        self.note(&taken, "the relay publishes");
        self.publish(&taken, dice);
        match fault {
            Some(Fault::Crash) => {
                self.note(&taken, "the relay dies after");
                self.stream_mut(service).crash();
            }
            Some(Fault::Unanswered) => self.stream_mut(service).failed(taken),
            _ if failed.is_empty() || mechanism.has(Flaw::DropFailedEntries) => self.stream_mut(service).done(),
            _ => self.stream_mut(service).failed(failed),
        }
    }

    fn note(&mut self, events: &[SharedEvent], what: &str) {
        for event in events {
            self.trace.note(self.now, event.order, || format!("{what} {}", event.name()));
        }
    }

    /// The bus delivers events to every queue whose consumer handles their type.
    pub fn publish(&mut self, events: &[SharedEvent], dice: &mut Dice) {
        for event in events {
            for consumer in Consumer::ALL {
                if consumer.handled().contains(&event.r#type.as_ref()) {
                    self.enqueue(consumer, event, dice);
                }
            }
        }
    }

    /// Enqueues one message; sometimes a second one, sometimes with a delay.
    fn enqueue(&mut self, consumer: Consumer, event: &SharedEvent, dice: &mut Dice) {
        let mut copies = 1;
        if dice.comes(dice.faults() / 2) {
            self.meets(Fault::Duplicate, Some(event.order));
            copies = 2;
        }
        for _ in 0..copies {
            let mut visible_at = self.now;
            if dice.comes(dice.faults()) {
                self.meets(Fault::Delay, Some(event.order));
                visible_at = self.now + dice.stretch(HELD_UP);
            }
            self.send(consumer, Arc::clone(event), visible_at);
        }
    }

    pub(super) fn send(&mut self, consumer: Consumer, event: SharedEvent, visible_at: jiff::Timestamp) {
        let id = self.next_message;
        self.next_message += 1;
        let sent_at = if self.setting.timeless { BEGIN } else { self.now };
        let message = Message { id, event, receives: 0, suspicions: 0, sent_at, visible_at, live: 0 };
        self.queue(consumer).messages.push(message);
    }

    /// Delivers a past event again, as a replay of the archive does.
    pub(super) fn redeliver(&mut self, order: u16, index: usize, dice: &mut Dice) {
        let Some(event) = self.archive[usize::from(order)].get(index).cloned() else { return };
        self.trace.note(self.now, order, || format!("the archive replays {}", event.name()));
        self.publish(&[event], dice);
    }
}

/// Splits a request into accepted entries and refused ones; at least one is refused.
fn split(unsent: Vec<SharedEvent>, dice: &mut Dice) -> (Vec<SharedEvent>, Vec<SharedEvent>) {
    let certainly = dice.index(unsent.len());
    let mut index = 0;
    let chosen = |_: &SharedEvent| {
        let fails = index == certainly || dice.comes(300_000);
        index += 1;
        fails
    };
    let (failed, taken) = unsent.into_iter().partition(chosen);
    (taken, failed)
}
