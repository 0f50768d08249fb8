//! The notifications service: a message is claimed, sent, and settled, as its use case `apply_event` does it.

use chassis::cause::Cause;
use chassis::verdict::Verdict;
use notifications::application::apply_event::LOOK_AGAIN;
use notifications::domain::delivery::{Deliveries, apply, settle};
use notifications::domain::ids::{NotificationId, OrderId};
use notifications::domain::message::{Event, Failure, SendResult, Template};
use notifications::inbound::events::fact;
use notifications::outbound::{DeliveriesRecord, events};

use super::{again, cause_of};
use crate::faults::{self, Fault};
use crate::flaws::Flaw;
use crate::world::{Completion, Held, Invocation, Item, Point, Seen, World, Write, WriteResult, revision};

/// What notifications does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Read the order's deliveries.
    Load,
    /// Apply the event and claim what can be sent.
    Apply {
        /// What was read.
        seen: Seen<Deliveries>,
        /// How often another one wrote first.
        tries: u8,
    },
    /// Send the next of what was claimed.
    Send(Claims),
    /// Read the order's deliveries before recording the result.
    Reload(Claims, Sent),
    /// Record the result.
    Settle(Claims, Sent, Seen<Deliveries>, u8),
}

/// Messages that this invocation has claimed, and how sending those before went.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claims {
    claimed: Held<Vec<(NotificationId, Template)>>,
    done: usize,
    so_far: Completion,
}

/// How sending one went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// The channel took it.
    Taken,
    /// The customer has left no address.
    NoAddress,
    /// It was certainly not sent.
    Refused,
    /// It may or may not have been sent.
    Unknown,
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load | Next::Reload(..) => faults::READ,
        Next::Apply { .. } | Next::Settle(..) => faults::WRITE,
        Next::Send(_) => faults::MAIL,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Point {
    take(world, by, next, fault).map_or_else(Point::End, Point::Notifications)
}

fn take(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Result<Next, Completion> {
    match next {
        Next::Load | Next::Reload(..) if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load => Ok(Next::Apply { seen: world.seen(by), tries: 0 }),
        Next::Apply { seen, tries } => apply_event(world, by, seen.as_ref(), tries, fault),
        Next::Send(claims) => {
            let sent = send(world, by.order, &claims, fault);
            Ok(Next::Reload(claims, sent))
        }
        Next::Reload(claims, sent) => Ok(Next::Settle(claims, sent, world.seen(by), 0)),
        Next::Settle(claims, sent, seen, tries) => {
            let before = before(world, by, seen.as_ref())?;
            let (id, _) = claims.claimed.get(claims.done).ok_or(Completion::Done)?;
            let (after, event) = settle(&before, id, result(sent));
            if after != before {
                match write(world, by, seen.as_ref(), (after, event.as_slice()), fault)? {
                    WriteResult::Applied => {}
                    WriteResult::Conflict => {
                        let seen = world.deliveries.load(by.order);
                        return again(tries, |tries| Next::Settle(claims, sent, seen, tries));
                    }
                    WriteResult::Unavailable => return Err(Completion::unavailable()),
                }
            }
            next_claim(claims, sent)
        }
    }
}

fn apply_event(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Deliveries>>,
    tries: u8,
    fault: Option<Fault>,
) -> Result<Next, Completion> {
    let event = by.event().ok_or(Completion::Done)?;
    let (_, fact) = fact(&event.r#type, &event.text).map_err(|error| Completion::of(&error))?;
    let before = before(world, by, seen)?;
    let outcome = apply(&before, &fact, by.began);
    let message = |id: &NotificationId| Some((id.clone(), outcome.after.messages.get(id)?.content.template()));
    let claimed: Vec<_> = outcome.claimed.iter().filter_map(message).collect();
    let send_first = world.setting.mechanism.has(Flaw::SendFirst) && !claimed.is_empty();
    if outcome.after != before && !send_first {
        match write(world, by, seen, (outcome.after, &outcome.lost), fault)? {
            WriteResult::Applied => {}
            WriteResult::Conflict => {
                let seen = world.deliveries.load(by.order);
                return again(tries, |tries| Next::Apply { seen, tries });
            }
            WriteResult::Unavailable => return Err(Completion::unavailable()),
        }
    }
    let so_far = outcome.busy_until.map_or(Completion::Done, |until| {
        let wait = std::time::Duration::try_from(by.began.duration_until(until)).unwrap_or_default();
        Completion::Failed { verdict: Verdict::RetryIn(wait.min(LOOK_AGAIN)), class: "claimed" }
    });
    if claimed.is_empty() {
        Err(so_far)
    } else {
        Ok(Next::Send(Claims { claimed: Held::new(claimed), done: 0, so_far }))
    }
}

fn send(world: &mut World, order: u16, claims: &Claims, fault: Option<Fault>) -> Sent {
    if !world.setting.plan(order).reachable {
        return Sent::NoAddress;
    }
    if matches!(fault, None | Some(Fault::MailMute)) {
        let template = match claims.claimed.get(claims.done) {
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

fn result(sent: Sent) -> SendResult {
    match sent {
        Sent::Taken => SendResult::Sent,
        Sent::NoAddress => SendResult::Failed(Failure::NoAddress),
        Sent::Refused => SendResult::NotSent,
        Sent::Unknown => SendResult::Unknown,
    }
}

/// Each claim belongs to this invocation alone: a failure of one does not keep it from the next.
fn next_claim(claims: Claims, sent: Sent) -> Result<Next, Completion> {
    let so_far = match sent {
        Sent::Refused => Completion::Failed { verdict: Verdict::Retry, class: "mail_not_taken" },
        Sent::Taken | Sent::NoAddress | Sent::Unknown => claims.so_far,
    };
    let done = claims.done + 1;
    if done < claims.claimed.len() { Ok(Next::Send(Claims { done, so_far, ..claims })) } else { Err(so_far) }
}

fn before(world: &World, by: &Invocation, seen: Option<&Item<Deliveries>>) -> Result<Deliveries, Completion> {
    let id = OrderId::new(world.setting.plan(by.order).id.as_str()).ok_or(Completion::corrupt())?;
    Ok(seen.map_or_else(|| Deliveries::none(id), |item| (*item.value).clone()))
}

fn write(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Deliveries>>,
    (after, emitted): (Deliveries, &[Event]),
    fault: Option<Fault>,
) -> Result<WriteResult, Completion> {
    let read = revision(seen);
    let cause: Cause = cause_of(by).ok_or(Completion::Done)?;
    let texts = events(&after.order, emitted, &cause, read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let value = DeliveriesRecord::from(&after).deliveries().map_err(|_| Completion::corrupt())?;
    Ok(world.save(by, read, Write { value, outbox, due: None, correlation }, fault))
}
