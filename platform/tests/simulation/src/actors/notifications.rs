//! The notifications service: a message is claimed, sent, and settled, as its use case `apply_event` does it.

use std::collections::BTreeMap;

use chassis::cause::Cause;
use chassis::verdict::Verdict;
use notifications::application::apply_event::LOOK_AGAIN;
use notifications::domain::delivery::{Deliveries, Outcome, apply, settle};
use notifications::domain::ids::{ClaimId, OrderId};
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
    /// Apply the event and claim its message; the first try expects that nothing is there.
    Claim {
        /// This attempt.
        claim: ClaimId,
        /// What a conflict brought.
        seen: Seen<Deliveries>,
        /// How often another one wrote first.
        tries: u8,
    },
    /// Send what was claimed.
    Send(Claimed),
    /// Record the result.
    Settle(Claimed, Sent, u8),
}

/// A message that this invocation has claimed, and what is known of its item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claimed {
    message: Held<Template>,
    seen: Seen<Deliveries>,
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

impl Next {
    /// The first step: nothing is read before the claim.
    #[must_use]
    pub fn begin(claim: ClaimId) -> Self {
        Self::Claim { claim, seen: None, tries: 0 }
    }
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Claim { .. } | Next::Settle(..) => faults::WRITE,
        Next::Send(_) => faults::MAIL,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Point {
    take(world, by, next, fault).map_or_else(Point::End, Point::Notifications)
}

fn take(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>) -> Result<Next, Completion> {
    match next {
        Next::Claim { claim, seen, tries } => self::claim(world, by, claim, (seen.as_ref(), tries), fault),
        Next::Send(claimed) => {
            let sent = send(world, by.order, *claimed.message, fault);
            Ok(Next::Settle(claimed, sent, 0))
        }
        Next::Settle(Claimed { message, seen }, sent, tries) => {
            let before = before(world, by, seen.as_ref())?;
            let (after, event) = settle(&before, *message, result(sent));
            if after != before {
                match write(world, by, seen.as_ref(), (after, event.as_slice()), fault)? {
                    WriteResult::Applied => {}
                    WriteResult::Conflict => {
                        let seen = world.deliveries.load(by.order);
                        return again(tries, |tries| Next::Settle(Claimed { message, seen }, sent, tries));
                    }
                    WriteResult::Unavailable => return Err(Completion::unavailable()),
                }
            }
            Err(match sent {
                Sent::Refused => Completion::Failed { verdict: Verdict::Retry, class: "mail_not_taken" },
                Sent::Taken | Sent::NoAddress | Sent::Unknown => Completion::Done,
            })
        }
    }
}

fn claim(
    world: &mut World,
    by: &Invocation,
    claim: ClaimId,
    (seen, tries): (Option<&Item<Deliveries>>, u8),
    fault: Option<Fault>,
) -> Result<Next, Completion> {
    let event = by.event().ok_or(Completion::Done)?;
    let (_, fact) = fact(&event.r#type, &event.text).map_err(|error| Completion::of(&error))?;
    let outcome = apply(&before(world, by, seen)?, &fact, claim, by.began);
    let message = Held::new(fact.content.template());
    let send_first = world.setting.mechanism.has(Flaw::SendFirst);
    let written = match &outcome {
        Outcome::Claim { .. } if send_first => return Ok(Next::Send(Claimed { message, seen: seen.cloned() })),
        Outcome::Claim { after, .. } => write(world, by, seen, (after.clone(), &[]), fault)?,
        Outcome::GiveUp { after, event } => {
            write(world, by, seen, (after.clone(), std::slice::from_ref(event)), fault)?
        }
        Outcome::Send { .. } => return Ok(Next::Send(Claimed { message, seen: seen.cloned() })),
        Outcome::Nothing => return Err(Completion::Done),
        Outcome::Wait(until) => {
            let wait = std::time::Duration::try_from(by.began.duration_until(*until)).unwrap_or_default();
            return Err(Completion::Failed { verdict: Verdict::RetryIn(wait.min(LOOK_AGAIN)), class: "claimed" });
        }
    };
    let seen = world.deliveries.load(by.order);
    let is_claim = matches!(outcome, Outcome::Claim { .. });
    match written {
        WriteResult::Applied if is_claim => Ok(Next::Send(Claimed { message, seen })),
        WriteResult::Applied => Err(Completion::Done),
        WriteResult::Conflict if is_claim && world.setting.mechanism.has(Flaw::SendAfterConflict) => {
            Ok(Next::Send(Claimed { message, seen }))
        }
        WriteResult::Conflict => again(tries, |tries| Next::Claim { claim, seen, tries }),
        WriteResult::Unavailable => Err(Completion::unavailable()),
    }
}

fn send(world: &mut World, order: u16, message: Template, fault: Option<Fault>) -> Sent {
    if !world.setting.plan(order).reachable {
        return Sent::NoAddress;
    }
    if matches!(fault, None | Some(Fault::MailMute)) {
        let template = match message {
            Template::OrderCompleted => 0,
            Template::OrderCancelled => 1,
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
    let texts = events(&after.order, emitted, &cause, &read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    // Which attempt has ended matters to support and to SES's reports. Neither is in this world, where two states are equal
    // if only the names of their attempts differ.
    let value = Deliveries { attempts: BTreeMap::new(), ..DeliveriesRecord::from(&after).deliveries(after.order) };
    Ok(world.save(by, &read, Write { value, outbox, due: None, correlation }, fault))
}
