//! Dead letters of a stage: messages that a consumer could not handle, why, and the way back.
//!
//! - [`dead_letter`]: what a message and its attributes tell
//! - [`route`]: where a message returns to, and whether it may
//! - [`discarded`]: what was discarded, and why
//! - [`mail_report`]: a report of SES that the bus could not deliver
//! - [`queue`]: a dead-letter queue, and messages that are hidden from others for a while
//!
//! SQS's own redrive moves only messages that SQS itself moved to the dead-letter queue, and consumers park messages
//! with their cause. So a message is received, sent, then deleted. A stop in between leaves a duplicate, which every
//! consumer recognises.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::{Aws, AwsContext};
use crate::system::{Queue, System};
use crate::terminal::note;

pub mod dead_letter;
pub mod discarded;
mod mail_report;
mod queue;
pub mod route;

pub use dead_letter::DeadLetter;
pub use discarded::Discarded;
pub use route::RedriveRequest;

use dead_letter::BusEvent;
use queue::{DeadLetterQueue, Received};
use route::{Destination, Route, Step};

/// The most messages that one command receives.
const MOST_RECEIVED: usize = 1_000;
/// Seconds for which messages stay hidden while they are moved: enough to send a thousand. An interrupted command's
/// messages are visible again after it.
const HIDDEN_WHILE_MOVED: i32 = 300;
/// Seconds for which messages stay hidden while they are shown.
const HIDDEN_WHILE_SHOWN: i32 = 20;
/// Messages among which the oldest is looked for: SQS delivers old messages first, approximately.
const AMONG_THE_OLDEST: usize = 10;

/// A dead-letter queue in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Its name in this stage, such as `orders`.
    pub queue: String,
    /// The consumer that could not handle the messages, such as `orders/events`.
    pub consumer: String,
    /// The queue to which `redrive` sends them.
    pub returns_to: String,
    /// Visible messages.
    pub messages: u64,
    /// Messages that another reader has received and not released yet.
    pub hidden: u64,
    /// When the oldest message was sent; unknown for a queue with a consumer, where each look counts as an attempt.
    pub oldest_sent_at: Option<Timestamp>,
}

/// The result of a redrive, by message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedriveReport {
    /// Moved, and to where.
    pub moved: Vec<(DeadLetter, String)>,
    /// Not moved because the consumer would refuse them again, and why.
    pub skipped: Vec<(DeadLetter, String)>,
    /// Not moved because that is impossible or failed, and why.
    pub failed: Vec<(DeadLetter, String)>,
    /// How many more could have been moved without the request's `max`.
    pub beyond_max: usize,
}

/// How many messages a queue has, visible or hidden.
///
/// # Errors
/// When SQS does not answer.
pub async fn count(aws: &Aws, queue: &Queue) -> Result<u64> {
    let size = DeadLetterQueue::new(aws, queue).size().await?;
    Ok(size.messages + size.hidden)
}

/// How many messages each dead-letter queue has, visible or hidden, by queue name.
///
/// # Errors
/// When SQS does not answer.
pub async fn counts(aws: &Aws, system: &System) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for (name, queue) in &system.dead_letters {
        counts.insert(name.clone(), count(aws, queue).await?);
    }
    Ok(counts)
}

/// Every dead-letter queue of the stage.
///
/// # Errors
/// When SQS does not answer.
pub async fn list(aws: &Aws, system: &System) -> Result<Vec<Overview>> {
    let mut all = Vec::new();
    for (name, queue) in &system.dead_letters {
        let route = Route::of(system, name);
        let queue = DeadLetterQueue::new(aws, queue);
        let size = queue.size().await?;
        let oldest = if size.messages > 0 && !size.counts_receives { queue.oldest().await? } else { None };
        all.push(Overview {
            queue: name.clone(),
            consumer: route.as_ref().map_or("not deployed", Route::consumer).to_owned(),
            returns_to: route.as_ref().map_or("-", Route::returns_to).to_owned(),
            messages: size.messages,
            hidden: size.hidden,
            oldest_sent_at: oldest,
        });
    }
    Ok(all)
}

/// Reads up to `max` messages and leaves them in their queue; with their bodies if `body` is true.
///
/// # Errors
/// When the queue does not exist, or SQS does not answer.
pub async fn show(aws: &Aws, system: &System, name: &str, max: usize, body: bool) -> Result<Vec<DeadLetter>> {
    let queue = DeadLetterQueue::new(aws, find(system, name)?);
    let received = queue.receive(HIDDEN_WHILE_SHOWN, max, None).await?;
    queue.release(received.iter()).await;
    Ok(received.into_iter().map(|it| DeadLetter { body: body.then_some(it.body), ..it.dead_letter }).collect())
}

/// Dead letters about one order, and queues in which there may be more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutOrder {
    /// The messages, by queue.
    pub found: BTreeMap<String, Vec<DeadLetter>>,
    /// Queues with messages that were not looked at, and how many: a look would count as an attempt of their consumer, or
    /// another reader has them.
    pub not_seen: BTreeMap<String, u64>,
}

impl AboutOrder {
    /// One line for each message, then one for each queue that was not looked at.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let found = self.found.iter().flat_map(|(queue, messages)| messages.iter().map(move |it| (queue, it)));
        let found = found.map(|(queue, it)| {
            let class = it.error_class.as_deref().unwrap_or("no cause attached");
            format!("{queue}: {} ({class}); `just dlq show {queue}`", it.headline())
        });
        let not_seen = self.not_seen.iter().map(|(queue, n)| {
            format!("{queue}: {n} messages were not looked at, of any order; `just dlq show {queue}`")
        });
        found.chain(not_seen).collect()
    }
}

/// Looks for an order in every dead-letter queue, and leaves the messages there.
///
/// # Errors
/// When SQS does not answer.
pub async fn about_order(aws: &Aws, system: &System, order: &str) -> Result<AboutOrder> {
    let mut about = AboutOrder::default();
    for (name, queue) in &system.dead_letters {
        let queue = DeadLetterQueue::new(aws, queue);
        let size = queue.size().await?;
        let not_seen = if size.counts_receives { size.messages + size.hidden } else { size.hidden };
        if not_seen > 0 {
            about.not_seen.insert(name.clone(), not_seen);
        }
        if size.messages == 0 || size.counts_receives {
            continue;
        }
        let received = queue.receive(HIDDEN_WHILE_SHOWN, MOST_RECEIVED, None).await?;
        queue.release(received.iter()).await;
        let found = received.into_iter().filter(|it| it.dead_letter.order_id.as_deref() == Some(order));
        let found: Vec<DeadLetter> = found.map(|it| it.dead_letter).collect();
        if !found.is_empty() {
            about.found.insert(name.clone(), found);
        }
    }
    Ok(about)
}

/// Sends messages back to the queue that they came from.
///
/// # Errors
/// When the queue or the requested message does not exist, or the queue's service is not deployed. A failure of one
/// message is in [`RedriveReport::failed`].
pub async fn redrive(aws: &Aws, system: &System, name: &str, request: &RedriveRequest) -> Result<RedriveReport> {
    let queue = find(system, name)?;
    let route = Route::of(system, short(name)).with_context(|| {
        format!("the service of the dead-letter queue {name} is not deployed in stage {}; run `just up`", system.stage)
    })?;
    let queue = DeadLetterQueue::new(aws, queue);
    let (received, others) = requested(&queue, name, request.message_id.as_deref()).await?;

    let (mut report, mut stay) = (RedriveReport::default(), others);
    for message in received {
        let dead_letter = message.dead_letter.clone();
        match request.decide(&dead_letter, message.target.as_deref(), &route) {
            Step::Skip(why) => report.skipped.push((dead_letter, why)),
            Step::Refuse(why) => report.failed.push((dead_letter, why)),
            Step::Move(_) if request.max.is_some_and(|max| report.moved.len() >= max) => report.beyond_max += 1,
            Step::Move(destination) => match move_to(aws, &queue, &message, destination).await {
                Ok(place) => {
                    report.moved.push((dead_letter, place));
                    continue;
                }
                Err(error) => report.failed.push((dead_letter, format!("{error:#}"))),
            },
        }
        stay.push(message);
    }
    queue.release(stay.iter()).await;
    Ok(report)
}

/// Records one message with the reason, then deletes it permanently; returns it and the record.
///
/// # Errors
/// When the queue or the message does not exist, it cannot be recorded, or SQS does not answer.
pub async fn discard(
    aws: &Aws,
    system: &System,
    name: &str,
    message_id: &str,
    (reason, now): (&str, Timestamp),
) -> Result<(DeadLetter, Discarded)> {
    let queue = DeadLetterQueue::new(aws, find(system, name)?);
    let (mut received, others) = requested(&queue, name, Some(message_id)).await?;
    queue.release(others.iter()).await;
    let message = received.pop().context("the requested message was not received")?;
    let recorded = Discarded::new(&system.stage, short(name), reason, &message.dead_letter, now)?;
    let deleted = match discarded::record(aws, &recorded).await {
        Ok(()) => queue.delete(&message).await,
        Err(error) => Err(error),
    };
    if let Err(error) = deleted {
        queue.release([&message].into_iter()).await;
        return Err(error);
    }
    Ok((message.dead_letter, recorded))
}

/// Accepts `orders` and `orders-dlq` for the queue `orders`.
fn short(name: &str) -> &str {
    name.strip_suffix("-dlq").unwrap_or(name)
}

fn find<'a>(system: &'a System, name: &str) -> Result<&'a Queue> {
    let known = || system.dead_letters.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    system
        .dead_letters
        .get(short(name))
        .with_context(|| format!("there is no dead-letter queue {name}; choose from: {}", known()))
}

/// The requested messages, and others that were received while looking for them.
async fn requested(
    queue: &DeadLetterQueue,
    name: &str,
    message_id: Option<&str>,
) -> Result<(Vec<Received>, Vec<Received>)> {
    let received = queue.receive(HIDDEN_WHILE_MOVED, MOST_RECEIVED, message_id).await?;
    if received.len() == MOST_RECEIVED {
        note(format!(
            "{name} may have more messages; this run covers {MOST_RECEIVED}. Run the command again for the rest"
        ));
    }
    let Some(id) = message_id else { return Ok((received, Vec::new())) };
    let (found, others): (Vec<_>, Vec<_>) = received.into_iter().partition(|it| it.dead_letter.message_id == id);
    if found.is_empty() {
        queue.release(others.iter()).await;
        bail!(
            "{name} has no visible message {id}: it was moved or discarded, or is hidden; run `just dlq show {name}`"
        );
    }
    Ok((found, others))
}

/// Sends first and deletes afterwards, so that a failure in between loses nothing.
async fn move_to(
    aws: &Aws,
    queue: &DeadLetterQueue,
    message: &Received,
    destination: Destination<'_>,
) -> Result<String> {
    let place = match destination {
        Destination::Queue(queue) => {
            send(aws, queue, &message.body).await?;
            route::name(queue).to_owned()
        }
        Destination::MailReport(queue) => {
            let report = mail_report::without_address(&message.body);
            send(aws, queue, &report.context("the message lacks something that a report of SES has")?).await?;
            route::name(queue).to_owned()
        }
        Destination::Bus(bus) => {
            publish(aws, bus, &message.body).await?;
            format!("the bus {bus}")
        }
    };
    let deleted = queue.delete(message).await;
    deleted
        .with_context(|| format!("{place} has the message, and it also stays here: a second redrive sends it twice"))?;
    Ok(place)
}

async fn send(aws: &Aws, queue: &Queue, body: &str) -> Result<()> {
    let request = aws.sqs().send_message().queue_url(&queue.url).message_body(body);
    let place = route::name(queue);
    request.send().await.map(drop).aws_context(format!("{place} did not accept the message"))
}

async fn publish(aws: &Aws, bus: &str, body: &str) -> Result<()> {
    let event = BusEvent::read(body).context("the message is not an event of the bus")?;
    let entry = PutEventsRequestEntry::builder().event_bus_name(bus).source(event.source);
    let entry = entry.detail_type(event.detail_type).detail(event.detail.get()).build();
    let answer = aws.eventbridge().put_events().entries(entry).send().await;
    let answer = answer.aws_context(format!("the bus {bus} did not accept the event"))?;
    // The call also succeeds when its only entry fails.
    let Some(code) = answer.entries().iter().find_map(|entry| entry.error_code()) else { return Ok(()) };
    let why = answer.entries().iter().find_map(|entry| entry.error_message()).unwrap_or("no reason given");
    bail!("the bus {bus} did not accept the event: {why} ({code})");
}
