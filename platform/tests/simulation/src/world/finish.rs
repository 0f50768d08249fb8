//! One step of an invocation, and how invocations end: done, retried, parked, or dead in the middle.

use std::time::Duration;

use chassis::consumer::retry::{History, Next};
use chassis::verdict::Verdict;
use contracts::platform::{Failure, processing_failed};
use jiff::{SignedDuration, Timestamp};

use super::{Completion, Consumer, Event, Invocation, Origin, Point, Request, Service, Setting, SharedEvent, World};
use crate::actors::{adjust, announce, inventory, notifications, orders, payments};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::flaws::Flaw;

/// The shortest stall of a process.
const STANDS: SignedDuration = SignedDuration::from_millis(10);

impl World {
    /// An invocation takes its next step, or dies before it.
    pub(super) fn go(&mut self, index: usize, fault: Option<Fault>, dice: &mut Dice) {
        let mut invocation = self.invocations.swap_remove(index);
        match fault {
            Some(Fault::Crash) => return self.dies(&invocation),
            Some(Fault::Delay) => {
                invocation.ready_at = self.now + dice.stretch(STANDS);
                return self.invocations.push(invocation);
            }
            _ => {}
        }
        if let Some(hold) = inventory::hold(self, &invocation) {
            return self.hold(hold, fault, dice);
        }
        self.trace.acts(invocation.order, || invocation.who());
        let point = match invocation.point.clone() {
            Point::Orders(next) => orders::step(self, &invocation, next, fault),
            Point::Inventory(next) => inventory::step(self, &invocation, next, fault, dice),
            Point::Adjust(next) => adjust::step(self, &invocation, next, fault, dice),
            Point::Payments(next) => payments::step(self, &invocation, next, fault, dice),
            Point::Notifications(next) => notifications::step(self, &invocation, next, fault),
            Point::Announce(service) => Point::End(announce(self, &invocation, service, fault)),
            Point::Publish(events, then) => {
                self.publish(&events, dice);
                *then
            }
            Point::End(ended) => return self.end(&invocation, ended, fault, dice),
        };
        let unpublished = std::mem::take(&mut self.aside.unpublished);
        let point = if unpublished.is_empty() { point } else { Point::Publish(unpublished, Box::new(point)) };
        self.invocations.push(Invocation { point, ..invocation });
    }

    pub(super) fn dies(&mut self, invocation: &Invocation) {
        self.trace.note(self.now, invocation.order, || format!("{} dies", invocation.who()));
        match &invocation.origin {
            Origin::Message { consumer, id, .. } => {
                let visible_at = self.visible_again(*consumer);
                if let Some(message) = self.queue(*consumer).find(*id) {
                    message.live = message.live.saturating_sub(1);
                    message.visible_at = visible_at;
                }
            }
            Origin::Sweep { .. } => {}
            Origin::Request(request) => self.ask_again(*request, 30),
        }
    }

    fn ask_again(&mut self, request: Request, seconds: i64) {
        let ready_at = self.now + self.pause(seconds);
        self.requests.push(Request { ready_at, ..request });
    }

    fn end(&mut self, invocation: &Invocation, ended: Completion, fault: Option<Fault>, dice: &mut Dice) {
        match (&invocation.origin, ended) {
            (Origin::Sweep { service, at }, Completion::Done) => match service {
                Service::Orders => self.orders.postpone(invocation.order, *at),
                Service::Inventory => self.reservations.postpone(invocation.order, *at),
                Service::Payments => self.payments.postpone(invocation.order, *at),
                Service::Notifications => {}
            },
            (Origin::Sweep { .. }, Completion::Failed { .. }) => {}
            (Origin::Request(request), _) if fault == Some(Fault::AnswerLost) => self.ask_again(*request, 2),
            (
                Origin::Request(request),
                Completion::Failed { verdict: Verdict::Retry | Verdict::RetryIn(_) | Verdict::Suspect, .. },
            ) => {
                self.ask_again(*request, 1);
            }
            (
                Origin::Request(_),
                Completion::Done | Completion::Failed { verdict: Verdict::Park | Verdict::RetryFor(_), .. },
            ) => {
                self.trace
                    .note(self.now, invocation.order, || format!("{} answers: {}", invocation.who(), spoken(ended)));
            }
            (Origin::Message { consumer, id, event, receives }, _) => {
                self.trace.note(self.now, invocation.order, || format!("{}: {}", invocation.who(), spoken(ended)));
                let fate = match ended {
                    Completion::Failed { .. } if self.setting.mechanism.has(Flaw::AcknowledgeFailures) => {
                        Completion::Done
                    }
                    Completion::Done | Completion::Failed { .. } => ended,
                };
                self.acknowledge(*consumer, *id, &event.clone(), *receives, fate, dice);
            }
        }
    }

    /// What the chassis does with a message that was handled, or was not.
    fn acknowledge(
        &mut self,
        consumer: Consumer,
        id: u32,
        event: &SharedEvent,
        receives: u32,
        ended: Completion,
        dice: &mut Dice,
    ) {
        let now = self.now;
        let (verdict, class) = match ended {
            Completion::Done => {
                self.complete(consumer, event);
                return self.queue(consumer).remove(id);
            }
            Completion::Failed { verdict, class } => (verdict, class),
        };
        let history = self.history(consumer, id, receives);
        let wait = match Setting::LIMITS.next(verdict, history, f64::from(dice.below(1_000)) / 1_000.0) {
            // What a use case plans is a time of its own; a back-off only spreads.
            Next::Later(_) if self.setting.timeless && verdict == Verdict::Retry => SignedDuration::ZERO,
            Next::Later(wait) => whole_seconds(wait),
            Next::Suspected(wait) => {
                let again = (event.clone(), now + whole_seconds(wait));
                return self.send_again(consumer, id, again, history.suspicions + 1);
            }
            Next::Parked => {
                self.report(consumer, event, class, receives, dice);
                self.queue(consumer).remove(id);
                return self.bury(consumer, event.clone(), class);
            }
        };
        if let Some(message) = self.queue(consumer).find(id) {
            message.live = message.live.saturating_sub(1);
            message.visible_at = now + wait;
        }
    }

    /// What the queue and the message's attributes tell of its earlier tries.
    fn history(&mut self, consumer: Consumer, id: u32, receives: u32) -> History {
        let now = self.now;
        let message = self.queue(consumer).find(id);
        let age = message.as_ref().map_or(SignedDuration::ZERO, |message| now.duration_since(message.sent_at));
        let suspicions = message.map_or(0, |message| message.suspicions);
        History { receives, suspicions, age: Duration::try_from(age).unwrap_or_default() }
    }

    /// A message whose failure was suspicious is sent again and counts that; the first one leaves the queue.
    fn send_again(&mut self, consumer: Consumer, id: u32, (event, at): (SharedEvent, Timestamp), suspicions: u32) {
        self.queue(consumer).remove(id);
        self.send(consumer, event, at);
        if let Some(message) = self.queue(consumer).messages.last_mut() {
            message.suspicions = suspicions;
        }
    }

    /// Publishes the report of a parked message, unless dead letters of this queue have a consumer.
    fn report(&mut self, consumer: Consumer, event: &SharedEvent, class: &'static str, receives: u32, dice: &mut Dice) {
        if consumer == Consumer::Payments {
            return;
        }
        let failure = Failure { consumer: consumer.as_str(), error_class: class, message: class, receives };
        let text = processing_failed(&event.text, failure, self.now);
        let Some(report) = text.and_then(|text| Event::read(text, |subject| self.setting.number(subject))) else {
            return;
        };
        // The same failure has the same id.
        if !self.archive[usize::from(report.order)].iter().any(|known| known.id == report.id) {
            self.record(std::slice::from_ref(&report));
        }
        self.publish(&[report], dice);
    }
}

/// The queue counts whole seconds.
fn whole_seconds(wait: Duration) -> SignedDuration {
    let wait = SignedDuration::try_from(wait).unwrap_or(Setting::MAX_VISIBILITY);
    SignedDuration::from_secs(wait.as_secs() + 1).min(Setting::MAX_VISIBILITY)
}

fn spoken(ended: Completion) -> String {
    match ended {
        Completion::Done => "done".to_owned(),
        Completion::Failed { verdict, class } => format!("not done, {class} ({verdict:?})"),
    }
}
