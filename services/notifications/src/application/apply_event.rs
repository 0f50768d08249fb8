//! An order has ended: claim the message about it, and send it.

use std::future::ready;
use std::slice;
use std::time::Duration;

use chassis::cause::Cause;
use chassis::store::{Revision, Round, Saved, StoreError, Stored, retry_on_conflict};
use jiff::Timestamp;

use super::Notifier;
use super::notify::{ApplyError, Claim, report_unknown};
use crate::domain::delivery::{Deliveries, Fact, Outcome, apply};
use crate::domain::ids::{ClaimId, OrderId};
use crate::domain::message::{Event, Fate};

/// When a delivery looks again at a message that another one has claimed. Mostly it was sent by then. The queue delivers
/// often enough for the last look to come after the claim's end, even if the write after the mail failed once.
pub const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// Applies the end of an order, and sends the message if it claims it. `claim` names this attempt, and no other.
///
/// # Errors
/// [`ApplyError`], which knows whether a retry can help.
pub async fn apply_event(
    notifier: &Notifier,
    order: &OrderId,
    fact: &Fact,
    claim: ClaimId,
    cause: &Cause,
) -> Result<(), ApplyError> {
    let (outcome, now) = save(notifier, order, fact, claim, cause).await?;
    match outcome {
        Outcome::Claim { customer, .. } | Outcome::Send { customer } => {
            let claim = Claim { customer, content: &fact.content, by: claim, claimed: now, before: None };
            notifier.notify(&claim, cause).await
        }
        Outcome::GiveUp { event, .. } => {
            report(&event);
            Ok(())
        }
        Outcome::Wait(until) => Err(ApplyError::Claimed(wait(cause.at, until))),
        Outcome::Nothing => {
            tracing::info!(outcome = "noted", "nothing to send");
            Ok(())
        }
    }
}

/// What is to be done, and what is there now. The claim is written without a read: mostly no item exists yet. Where one
/// does, the conflict brings it; it may be this claim, if the SDK has repeated a write whose answer was lost.
async fn save(
    notifier: &Notifier,
    order: &OrderId,
    fact: &Fact,
    claim: ClaimId,
    cause: &Cause,
) -> Result<(Outcome, Stored<Deliveries>), StoreError> {
    let deliveries = &notifier.deliveries;
    let decide = |read: Stored<Deliveries>| async move {
        let outcome = apply(&read.value, fact, claim, cause.at);
        let (after, emitted) = match &outcome {
            Outcome::Claim { after, .. } => (after, [].as_slice()),
            Outcome::GiveUp { after, event } => (after, slice::from_ref(event)),
            Outcome::Send { .. } | Outcome::Wait(_) | Outcome::Nothing => return Ok(Round::Done((outcome, read))),
        };
        Ok(match deliveries.save(&read, after, emitted, cause).await? {
            Saved::Applied(revision) => {
                let now = Stored { value: after.clone(), revision };
                Round::Done((outcome, now))
            }
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    let unread = || Stored { value: Deliveries::none(order.clone()), revision: Revision::default() };
    retry_on_conflict(order.as_str(), || ready(Ok(unread())), decide).await
}

fn report(event: &Event) {
    let (notification, template) = (event.notification.as_str(), event.template.as_str());
    match event.fate {
        Fate::Unknown => report_unknown(&event.notification, "its sender died"),
        Fate::Failed(_) | Fate::Sent => {
            tracing::warn!(notification, template, outcome = "no_customer", "customer not notified");
        }
    }
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(until)).unwrap_or_default().min(LOOK_AGAIN)
}
