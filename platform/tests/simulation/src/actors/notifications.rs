//! The notifications service: what is to be told is claimed, sent, and settled, as its own `Desk` does it.

use chassis::cause::Cause;
use chassis::consumer::Verdict;
use notifications::domain::delivery::{Deliveries, Event, Failure, Outcome, Template, hear, settle};
use notifications::domain::ids::{NotificationId, OrderId};
use notifications::inbound::events::{LOOK_AGAIN, fact};
use notifications::outbound::{DeliveriesRecord, events};

use super::{again, cause_of};
use crate::faults::{self, Fault};
use crate::flaws::Flaw;
use crate::world::{Ended, Held, Invocation, Item, Point, Seen, World, Write, Wrote, revision};

/// What notifications does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Read the order's deliveries.
    Load,
    /// Take the event in and claim what can be sent.
    Hear {
        /// What was read.
        seen: Seen<Deliveries>,
        /// How often somebody else wrote first.
        tries: u8,
    },
    /// Send the last of what was claimed.
    Send(Tasks),
    /// Read the order's deliveries before writing down what came of it.
    Reload(Tasks, Sent),
    /// Write down what came of it.
    Settle(Tasks, Sent, Seen<Deliveries>, u8),
}

/// Messages that are ours to send, and how it went with those before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tasks {
    claimed: Held<Vec<(NotificationId, Template)>>,
    done: usize,
    so_far: Ended,
}

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// The channel took it.
    Taken,
    /// There is nobody to send it to.
    NoAddress,
    /// It was certainly not sent.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load | Next::Reload(..) => faults::READ,
        Next::Hear { .. } | Next::Settle(..) => faults::WRITE,
        Next::Send(_) => faults::MAIL,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Point {
    take(world, by, next, fault).map_or_else(Point::End, Point::Notifications)
}

fn take(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Result<Next, Ended> {
    match next {
        Next::Load | Next::Reload(..) if fault == Some(Fault::Throttle) => Err(Ended::unavailable()),
        Next::Load => Ok(Next::Hear { seen: world.seen(by), tries: 0 }),
        Next::Hear { seen, tries } => take_in(world, by, seen.as_ref(), tries, fault),
        Next::Send(tasks) => {
            let sent = send(world, by.order, &tasks, fault);
            Ok(Next::Reload(tasks, sent))
        }
        Next::Reload(tasks, sent) => Ok(Next::Settle(tasks, sent, world.seen(by), 0)),
        Next::Settle(tasks, sent, seen, tries) => {
            let before = before(world, by, seen.as_ref())?;
            let (id, _) = tasks.claimed.get(tasks.done).ok_or(Ended::Done)?;
            let (after, event) = settle(&before, id, outcome(sent));
            if after != before {
                match write(world, by, seen.as_ref(), (after, event.as_slice()), fault)? {
                    Wrote::Applied => {}
                    Wrote::Conflict => {
                        let seen = world.deliveries.load(by.order);
                        return again(tries, |tries| Next::Settle(tasks, sent, seen, tries));
                    }
                    Wrote::Unavailable => return Err(Ended::unavailable()),
                }
            }
            go_on(tasks, sent)
        }
    }
}

fn take_in(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Deliveries>>,
    tries: u8,
    fault: Option<Fault>,
) -> Result<Next, Ended> {
    let event = by.event().ok_or(Ended::Done)?;
    let (_, fact) = fact(&event.r#type, &event.text).map_err(|error| Ended::of(&error))?;
    let before = before(world, by, seen)?;
    let heard = hear(&before, &fact, by.began);
    let message = |id: &NotificationId| Some((id.clone(), heard.after.messages.get(id)?.content.template()));
    let claimed: Vec<_> = heard.claimed.iter().filter_map(message).collect();
    let send_first = world.setting.mechanism.has(Flaw::SendFirst) && !claimed.is_empty();
    if heard.after != before && !send_first {
        match write(world, by, seen, (heard.after, &heard.lost), fault)? {
            Wrote::Applied => {}
            Wrote::Conflict => {
                let seen = world.deliveries.load(by.order);
                return again(tries, |tries| Next::Hear { seen, tries });
            }
            Wrote::Unavailable => return Err(Ended::unavailable()),
        }
    }
    let so_far = heard.busy_until.map_or(Ended::Done, |until| {
        let wait = std::time::Duration::try_from(by.began.duration_until(until)).unwrap_or_default();
        Ended::Failed { verdict: Verdict::RetryIn(wait.min(LOOK_AGAIN)), class: "claimed" }
    });
    if claimed.is_empty() {
        Err(so_far)
    } else {
        Ok(Next::Send(Tasks { claimed: Held::new(claimed), done: 0, so_far }))
    }
}

fn send(world: &mut World, order: u16, tasks: &Tasks, fault: Option<Fault>) -> Sent {
    if !world.setting.plan(order).reachable {
        return Sent::NoAddress;
    }
    if matches!(fault, None | Some(Fault::MailMute)) {
        let template = match tasks.claimed.get(tasks.done) {
            Some((_, Template::OrderCompleted)) => 0,
            Some((_, Template::OrderCancelled)) | None => 1,
        };
        world.mails[usize::from(order)][template] += 1;
        world.trace.note(world.now, order, || " the mail goes out".to_owned());
    }
    match fault {
        Some(Fault::MailRefused) => Sent::Refused,
        Some(Fault::MailLost | Fault::MailMute) => Sent::Unknown,
        _ => Sent::Taken,
    }
}

fn outcome(sent: Sent) -> Outcome {
    match sent {
        Sent::Taken => Outcome::Sent,
        Sent::NoAddress => Outcome::Failed(Failure::NoAddress),
        Sent::Refused => Outcome::NotSent,
        Sent::Unknown => Outcome::Unknown,
    }
}

/// Each claim is ours alone: a failure of one does not keep us from the next.
fn go_on(tasks: Tasks, sent: Sent) -> Result<Next, Ended> {
    let so_far = match sent {
        Sent::Refused => Ended::Failed { verdict: Verdict::Retry, class: "mail_not_taken" },
        Sent::Taken | Sent::NoAddress | Sent::Unknown => tasks.so_far,
    };
    let done = tasks.done + 1;
    if done < tasks.claimed.len() { Ok(Next::Send(Tasks { done, so_far, ..tasks })) } else { Err(so_far) }
}

fn before(world: &World, by: &Invocation, seen: Option<&Item<Deliveries>>) -> Result<Deliveries, Ended> {
    let id = OrderId::new(world.setting.plan(by.order).id.as_str()).ok_or(Ended::corrupt())?;
    Ok(seen.map_or_else(|| Deliveries::none(id), |item| (*item.value).clone()))
}

fn write(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Deliveries>>,
    (after, said): (Deliveries, &[Event]),
    fault: Option<Fault>,
) -> Result<Wrote, Ended> {
    let read = revision(seen);
    let cause: Cause = cause_of(by).ok_or(Ended::Done)?;
    let texts = events(&after.order, said, &cause, read).map_err(|_| Ended::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Ended::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let value = DeliveriesRecord::from(&after).deliveries().map_err(|_| Ended::corrupt())?;
    Ok(world.save(by, read, Write { value, outbox, due: None, correlation }, fault))
}
