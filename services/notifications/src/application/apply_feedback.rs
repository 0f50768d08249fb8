//! SES reports that a mail bounced or that its customer complained: correct what was said of it, and stop mail to the address.

use std::future::ready;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use chassis::verdict::{Classify, Verdict};
use jiff::Timestamp;

use super::apply_event::LOOK_AGAIN;
use super::in_its_saga;
use crate::domain::contact::{StopReason, stop as stopped};
use crate::domain::delivery::Deliveries;
use crate::domain::feedback::{Feedback, FeedbackOutcome, feedback};
use crate::domain::ids::{AddressMark, ClaimId, OrderId};
use crate::domain::message::Template;
use crate::outbound::{Contacts, DeliveryStore, Found};

/// What it takes to apply a report.
#[derive(Debug)]
pub struct Correction {
    /// The messages of each order, and how far they are.
    pub deliveries: DeliveryStore,
    /// Where customers are reached.
    pub contacts: Contacts,
}

/// A report about one attempt to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The order.
    pub order: OrderId,
    /// Which of its messages.
    pub template: Template,
    /// The attempt.
    pub attempt: ClaimId,
    /// The address that it went to.
    pub address: AddressMark,
    /// What is reported.
    pub feedback: Feedback,
}

/// Why a report was not applied.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The order has no messages.
    #[error("no mail about {0} is known")]
    UnknownOrder(OrderId),
    /// The message is being sent.
    #[error("the message is being sent")]
    Claimed,
}

impl Classify for FeedbackError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Store(error) => error.verdict(),
            Self::UnknownOrder(_) => Verdict::Park,
            Self::Claimed => Verdict::RetryIn(LOOK_AGAIN),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Store(error) => error.class(),
            Self::UnknownOrder(_) => "unknown_order",
            Self::Claimed => "claimed",
        }
    }
}

/// Applies a report. The address is stopped first: if the process dies in between, the report comes again.
///
/// # Errors
/// [`FeedbackError`], which knows whether a retry can help.
pub async fn apply_feedback(correction: &Correction, report: &Report, cause: &Cause) -> Result<(), FeedbackError> {
    let (order, deliveries) = (&report.order, &correction.deliveries);
    let read = deliveries.get(order).await?.ok_or_else(|| FeedbackError::UnknownOrder(order.clone()))?;
    let cause = &in_its_saga(&read, order, cause);
    let read = Stored { value: read.value.deliveries, revision: read.revision };
    let decide = |read: Stored<Deliveries>| async move {
        let (after, event) = match feedback(&read.value, report.template, report.attempt, report.feedback, cause.at) {
            FeedbackOutcome::Correct { after, event } => (after, event),
            FeedbackOutcome::Stop => {
                stop(correction, &read.value, report, cause.at).await?;
                return Ok(Round::Done("stopped"));
            }
            FeedbackOutcome::Wait => return Err(FeedbackError::Claimed),
            FeedbackOutcome::Nothing => return Ok(Round::Done("noted")),
        };
        stop(correction, &after, report, cause.at).await?;
        Ok(match deliveries.save(&read, &after, &[event], cause).await? {
            Saved::Applied(_) => Round::Done(word(report.feedback)),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    let outcome = retry_on_conflict(order.as_str(), || ready(Ok(read.clone())), decide).await?;
    let (id, template) = (read.value.id(report.template), report.template.as_str());
    tracing::warn!(notification = id.as_str(), template, outcome, "mail reported by SES");
    Ok(())
}

fn word(feedback: Feedback) -> &'static str {
    match feedback {
        Feedback::Bounced => "bounced",
        Feedback::Complained => "complained",
    }
}

/// No more mail goes to the address, also if the customer has left another one since and gives this one again.
async fn stop(
    correction: &Correction,
    deliveries: &Deliveries,
    report: &Report,
    at: Timestamp,
) -> Result<(), StoreError> {
    let customer = deliveries.facts.get(&report.template).and_then(|fact| fact.customer.as_ref());
    let Some(customer) = customer else { return Ok(()) };
    let contacts = &correction.contacts;
    let reason = match report.feedback {
        Feedback::Bounced => StopReason::Bounced,
        Feedback::Complained => StopReason::Complained,
    };
    let decide = |read: Found| async move {
        let Some(contact) = &read.value else { return Ok(Round::Done(())) };
        let after = stopped(contact, report.address, reason, at);
        Ok(match contacts.save(customer, &read.revision, &after).await? {
            Saved::Applied(()) => Round::Done(()),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    retry_on_conflict(customer.as_str(), || contacts.get(customer), decide).await
}
