//! Support has a message sent again: claim it, send it, record how that went.

use std::future::ready;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};

use super::notify::{ApplyError, Claim};
use super::{Notifier, in_its_saga};
use crate::domain::delivery::{Deliveries, claim_without_its_answer};
use crate::domain::ids::{ClaimId, NotificationId, OrderId};
use crate::domain::message::Template;
use crate::domain::resend::{Resend, ResendRefused, Resending, resend as decide};
use crate::outbound::SagaDeliveries;

/// What support asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResendRequest {
    /// The order that the message is about.
    pub order: OrderId,
    /// The message.
    pub notification: NotificationId,
    /// The request, kept with the message.
    pub resend: Resend,
    /// Whether one that was sent may be sent twice.
    pub again: bool,
}

/// A message that was sent again, or at least tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resent {
    /// The order's messages as they are now.
    pub now: SagaDeliveries,
    /// Which of them.
    pub template: Template,
    /// Whether the same request was answered before.
    pub repeated: bool,
}

/// Why a message was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The order has no such message.
    #[error("the order has no notification with this id")]
    NotFound,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] ResendRefused),
    /// It was not sent, or it is not recorded whether it was.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl From<StoreError> for ResendError {
    fn from(error: StoreError) -> Self {
        Self::Apply(error.into())
    }
}

/// Sends a message again, once for each request. `claim` names this attempt, and no other.
///
/// # Errors
/// [`ResendError`].
pub async fn resend(
    notifier: &Notifier,
    request: &ResendRequest,
    claim: ClaimId,
    cause: &Cause,
) -> Result<Resent, ResendError> {
    let read = notifier.deliveries.get(&request.order).await?.ok_or(ResendError::NotFound)?;
    let template = read.value.deliveries.template(&request.notification).ok_or(ResendError::NotFound)?;
    let cause = &in_its_saga(&read, &request.order, cause);
    let read = Stored { value: read.value.deliveries, revision: read.revision };
    let claimed = claimed(notifier, read, template, request, (claim, cause)).await?;
    let repeated = claimed.is_none();
    if let Some((before, now)) = claimed {
        send(notifier, before, now, template, (claim, cause)).await?;
    }
    let now = notifier.deliveries.get(&request.order).await?.ok_or(ResendError::NotFound)?.value;
    Ok(Resent { now, template, repeated })
}

/// What was there before the claim, and what is there since; none if the same request was answered before.
async fn claimed(
    notifier: &Notifier,
    read: Stored<Deliveries>,
    template: Template,
    request: &ResendRequest,
    (claim, cause): (ClaimId, &Cause),
) -> Result<Option<(Deliveries, Stored<Deliveries>)>, ResendError> {
    let (first, deliveries) = (&read.value, &notifier.deliveries);
    let round = |read: Stored<Deliveries>| async move {
        if claim_without_its_answer(read.value.state(template), claim) {
            return Ok(Round::Done(Some((first.clone(), read))));
        }
        let after = match decide(&read.value, template, &request.resend, request.again, (claim, cause.at))? {
            Resending::Repeated => return Ok(Round::Done(None)),
            Resending::Claim(after) => after,
        };
        Ok(match deliveries.save(&read, &after, &[], cause).await? {
            Saved::Applied(revision) => Round::Done(Some((read.value, Stored { value: after, revision }))),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    retry_on_conflict(request.order.as_str(), || ready(Ok(read.clone())), round).await
}

async fn send(
    notifier: &Notifier,
    before: Deliveries,
    claimed: Stored<Deliveries>,
    template: Template,
    (by, cause): (ClaimId, &Cause),
) -> Result<(), ResendError> {
    let fact = claimed.value.facts.get(&template).cloned().ok_or(ResendRefused::NoContent)?;
    let customer = fact.customer.ok_or(ResendRefused::NoCustomer)?;
    let claim = Claim { customer, content: &fact.content, by, claimed, before: Some(before) };
    Ok(notifier.notify(&claim, cause).await?)
}
