//! The dead letters of a stage: what could not be handled, why, and the way back.
//!
//! - [`letter`]: what a message says about itself and about its failure
//! - [`route`]: where a message came from, and whether it goes back there
//! - [`pile`]: a dead-letter queue, whose messages are held while they are looked at
//!
//! SQS could move messages by itself, but only those that it has moved into the queue; what a consumer has parked was
//! sent there. So a message is received, sent and then deleted: whatever stops in between leaves a duplicate, which
//! every consumer takes for what it is.

use anyhow::{Context, Result, bail};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::{Aws, Told};
use crate::system::{Queue, System};
use crate::terminal::note;

pub mod letter;
mod pile;
pub mod route;

pub use letter::Letter;
pub use route::Wish;

use letter::BusEvent;
use pile::{Held, Pile};
use route::{Origin, Step, To};

/// How many messages of a queue are held at once, at most.
const REACH: usize = 1_000;
/// Long enough to send a thousand messages; what is held when somebody interrupts comes back after it.
const WHILE_MOVED: i32 = 300;
/// Nobody else shall wait for what is only looked at.
const WHILE_SEEN: i32 = 20;
/// SQS gives oldest messages first, more or less.
const FOR_THE_OLDEST: usize = 10;

/// A dead-letter queue at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Its name in this stage, such as `orders`.
    pub queue: String,
    /// Who could not handle what is in it.
    pub consumer: String,
    /// Where `redrive` sends it.
    pub returns_to: String,
    /// Messages that can be received.
    pub messages: u64,
    /// Messages that somebody is looking at now.
    pub hidden: u64,
    /// When the oldest message was sent. Not known of a queue that counts how often its messages are received.
    pub oldest_sent_at: Option<Timestamp>,
}

/// What became of the messages that should go back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redriven {
    /// These went back, and where to.
    pub moved: Vec<(Letter, String)>,
    /// These would only fail again, and why.
    pub kept: Vec<(Letter, String)>,
    /// These could not be moved, and why.
    pub failed: Vec<(Letter, String)>,
    /// So many more could have been moved than were asked for.
    pub beyond: usize,
}

/// Every dead-letter queue of the stage.
///
/// # Errors
/// When SQS does not answer.
pub async fn list(aws: &Aws, system: &System) -> Result<Vec<Overview>> {
    let mut all = Vec::new();
    for (name, queue) in &system.dead_letters {
        let origin = Origin::of(system, name);
        let pile = Pile::of(aws, queue);
        let size = pile.size().await?;
        let oldest = if size.messages > 0 && !size.counts_receives { pile.oldest().await? } else { None };
        all.push(Overview {
            queue: name.clone(),
            consumer: origin.as_ref().map_or("not deployed", Origin::consumer).to_owned(),
            returns_to: origin.as_ref().map_or("-", Origin::place).to_owned(),
            messages: size.messages,
            hidden: size.hidden,
            oldest_sent_at: oldest,
        });
    }
    Ok(all)
}

/// Looks at up to `max` messages and leaves them where they are, without their bodies unless `body` asks for them.
///
/// # Errors
/// When there is no such queue, or SQS does not answer.
pub async fn show(aws: &Aws, system: &System, name: &str, max: usize, body: bool) -> Result<Vec<Letter>> {
    let pile = Pile::of(aws, queue(system, name)?);
    let held = pile.take(WHILE_SEEN, max, None).await?;
    pile.release(held.iter()).await;
    Ok(held.into_iter().map(|held| Letter { body: body.then_some(held.body), ..held.letter }).collect())
}

/// Sends messages back to where they came from.
///
/// # Errors
/// When there is no such queue, nowhere to send to, or no message of the wanted id. What fails for one message is told
/// in [`Redriven::failed`].
pub async fn redrive(aws: &Aws, system: &System, name: &str, wish: &Wish) -> Result<Redriven> {
    let queue = queue(system, name)?;
    let origin = Origin::of(system, short(name)).with_context(|| {
        format!("no queue of {} is known whose messages come to {name}: is its service deployed?", system.stage)
    })?;
    let pile = Pile::of(aws, queue);
    let (held, others) = found(&pile, name, wish.message_id.as_deref()).await?;

    let (mut done, mut stay) = (Redriven::default(), others);
    for held in held {
        let letter = held.letter.clone();
        match wish.judge(&letter, held.target.as_deref(), &origin) {
            Step::Keep(why) => done.kept.push((letter, why)),
            Step::Refuse(why) => done.failed.push((letter, why)),
            Step::Move(_) if wish.max.is_some_and(|max| done.moved.len() >= max) => done.beyond += 1,
            Step::Move(to) => match bring(aws, &pile, &held, to).await {
                Ok(place) => {
                    done.moved.push((letter, place));
                    continue;
                }
                Err(why) => done.failed.push((letter, format!("{why:#}"))),
            },
        }
        stay.push(held);
    }
    pile.release(stay.iter()).await;
    Ok(done)
}

/// Deletes one message for good, and returns what it was.
///
/// # Errors
/// When there is no such queue or message, or SQS does not answer.
pub async fn discard(aws: &Aws, system: &System, name: &str, message_id: &str) -> Result<Letter> {
    let pile = Pile::of(aws, queue(system, name)?);
    let (mut held, others) = found(&pile, name, Some(message_id)).await?;
    pile.release(others.iter()).await;
    let held = held.pop().context("a message that was found is there")?;
    if let Err(error) = pile.remove(&held).await {
        pile.release([&held].into_iter()).await;
        return Err(error);
    }
    Ok(held.letter)
}

/// `orders` for `orders` and `orders-dlq`.
fn short(name: &str) -> &str {
    name.strip_suffix("-dlq").unwrap_or(name)
}

fn queue<'a>(system: &'a System, name: &str) -> Result<&'a Queue> {
    let known = || system.dead_letters.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    system
        .dead_letters
        .get(short(name))
        .with_context(|| format!("there is no dead-letter queue {name}, only {}", known()))
}

/// The wanted messages, and those that were received while looking for them.
async fn found(pile: &Pile, name: &str, wanted: Option<&str>) -> Result<(Vec<Held>, Vec<Held>)> {
    let held = pile.take(WHILE_MOVED, REACH, wanted).await?;
    if held.len() == REACH {
        note(format!(
            "{name} may have more than the {REACH} messages that were looked at: run this again for the rest"
        ));
    }
    let Some(wanted) = wanted else { return Ok((held, Vec::new())) };
    let (found, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| held.letter.message_id == wanted);
    if found.is_empty() {
        pile.release(others.iter()).await;
        bail!("{name} has no message {wanted} now: it was moved or discarded, or another reader holds it");
    }
    Ok((found, others))
}

/// Sends first and deletes after.
async fn bring(aws: &Aws, pile: &Pile, held: &Held, to: To<'_>) -> Result<String> {
    let place = match to {
        To::Queue(queue) => {
            let place = route::name(queue);
            let request = aws.sqs().send_message().queue_url(&queue.url).message_body(&held.body);
            request.send().await.told(format!("{place} did not take it"))?;
            place.to_owned()
        }
        To::Bus(bus) => {
            publish(aws, bus, &held.body).await?;
            format!("the bus {bus}")
        }
    };
    pile.remove(held).await.with_context(|| format!("{place} has it, but it is still here, so it will come twice"))?;
    Ok(place)
}

async fn publish(aws: &Aws, bus: &str, body: &str) -> Result<()> {
    let event = BusEvent::read(body).context("the message is no event of the bus")?;
    let entry = PutEventsRequestEntry::builder().event_bus_name(bus).source(event.source);
    let entry = entry.detail_type(event.detail_type).detail(event.detail.get()).build();
    let answer = aws.eventbridge().put_events().entries(entry).send().await;
    let answer = answer.told(format!("the bus {bus} did not take it"))?;
    // The call succeeds also when its one entry does not.
    let Some(code) = answer.entries().iter().find_map(|entry| entry.error_code()) else { return Ok(()) };
    let why = answer.entries().iter().find_map(|entry| entry.error_message()).unwrap_or("no reason given");
    bail!("the bus {bus} did not take it: {why} ({code})");
}
