//! A fact about an order arrives: claim the messages that can be sent now, and send them.

use std::time::Duration;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use jiff::Timestamp;

use super::Notifier;
use super::notify::{ApplyError, Claim, report_unknown};
use crate::domain::delivery::{Deliveries, Fact, Outcome, apply};
use crate::domain::ids::OrderId;

/// When a delivery looks again at a message that another one has claimed. Mostly it was sent by then. The queue delivers
/// often enough for the last look to come after the claim's end, even if the write after the mail failed once.
pub const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// Applies a fact about an order, and sends the messages that it claims.
///
/// # Errors
/// [`ApplyError`], which knows whether a retry can help.
pub async fn apply_event(notifier: &Notifier, order: &OrderId, fact: &Fact, cause: &Cause) -> Result<(), ApplyError> {
    let outcome = save(notifier, order, fact, cause).await?;
    for event in &outcome.lost {
        report_unknown(&event.notification, "its sender died");
    }
    let mut result = outcome.busy_until.map_or(Ok(()), |until| Err(ApplyError::Claimed(wait(cause.at, until))));
    let claims = claims(outcome);
    if result.is_ok() && claims.is_empty() {
        tracing::info!(outcome = "noted", "nothing to send");
    }
    // Each claim belongs to this delivery alone: a failure of one must not keep it from the next.
    for claim in &claims {
        result = notifier.notify(order, claim, cause).await.and(result);
    }
    result
}

async fn save(notifier: &Notifier, order: &OrderId, fact: &Fact, cause: &Cause) -> Result<Outcome, StoreError> {
    let deliveries = &notifier.deliveries;
    let decide = |read: Stored<Deliveries>| async move {
        let outcome = apply(&read.value, fact, cause.at);
        if outcome.after == read.value {
            return Ok(Round::Done(outcome));
        }
        Ok(match deliveries.save(&read, &outcome.after, &outcome.lost, cause).await? {
            Saved::Applied(()) => Round::Done(outcome),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    retry_on_conflict(order.as_str(), || deliveries.get(order), decide).await
}

fn claims(outcome: Outcome) -> Vec<Claim> {
    let Outcome { after, claimed, .. } = outcome;
    let claim = |id| {
        let message = after.messages.get(&id)?;
        Some(Claim { id, customer: after.customer.clone()?, content: message.content.clone() })
    };
    claimed.into_iter().filter_map(claim).collect()
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(until)).unwrap_or_default().min(LOOK_AGAIN)
}
