//! The rules: support has a message sent again that did not reach its customer.
//!
//! A message is sent again only because a person asks, and once for each request, as long as no other request came after
//! it: the latest alone is kept. It is claimed like a message of the queue, so two requests at once, or a request and a
//! delivery of the queue, send one mail.

use jiff::Timestamp;

use super::delivery::{Deliveries, claim_until, settle};
use super::ids::{ClaimId, ResendId};
use super::message::{Event, SendResult, State, Template};

/// What support has asked for, kept with the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resend {
    /// The request.
    pub id: ResendId,
    /// Why support asked.
    pub note: String,
}

/// What a request to send a message again leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resending {
    /// Save this: it claims the message. Then send it.
    Claim(Deliveries),
    /// Nothing: the same request has sent it.
    Repeated,
}

/// Why a message is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResendRefused {
    /// Another attempt is under way.
    #[error("the message is being sent; look at it again at {0}")]
    Claimed(Timestamp),
    /// It was sent, and the request does not say that the customer shall get it twice.
    #[error("the message was sent; if it did not arrive, repeat the request with \"again\": true")]
    Sent,
    /// An earlier version of this service claimed it, and kept neither its content nor its customer.
    #[error("what the message says was not kept when it was first sent; write to the customer in another way")]
    NoContent,
    /// The event that led to it names no customer.
    #[error("the order's event names no customer, so there is nobody to send it to")]
    NoCustomer,
}

/// Whether a message is claimed for a request of support. `again` says that one that was sent may be sent twice.
///
/// # Errors
/// [`ResendRefused`].
pub fn resend(
    before: &Deliveries,
    template: Template,
    request: &Resend,
    again: bool,
    (claim, now): (ClaimId, Timestamp),
) -> Result<Resending, ResendRefused> {
    let state = before.state(template);
    let repeated = before.resends.get(&template).is_some_and(|earlier| earlier.id == request.id);
    match state {
        State::Claimed { until, .. } if now < until => return Err(ResendRefused::Claimed(until)),
        _ if repeated => return Ok(Resending::Repeated),
        State::Sent if !again => return Err(ResendRefused::Sent),
        // The sender of a claim that is over has died: what it has done is not known.
        State::Claimed { .. } | State::Sent | State::Waiting | State::Failed(_) | State::Unknown => {}
    }
    let fact = before.facts.get(&template).ok_or(ResendRefused::NoContent)?;
    if fact.customer.is_none() {
        return Err(ResendRefused::NoCustomer);
    }
    let mut after = before.clone();
    after.messages.insert(template, State::Claimed { until: claim_until(now), by: Some(claim) });
    after.resends.insert(template, request.clone());
    Ok(Resending::Claim(after))
}

/// Records how sending a message again went. One that was certainly not sent is what it was `before`, and the same request
/// may come again: no queue has it.
#[must_use]
pub fn settle_resend(
    now: &Deliveries,
    before: &Deliveries,
    template: Template,
    result: SendResult,
) -> (Deliveries, Option<Event>) {
    if result != SendResult::NotSent {
        return settle(now, template, result);
    }
    let mut after = now.clone();
    match before.messages.get(&template) {
        Some(state) => after.messages.insert(template, *state),
        None => after.messages.remove(&template),
    };
    match before.resends.get(&template) {
        Some(earlier) => after.resends.insert(template, earlier.clone()),
        None => after.resends.remove(&template),
    };
    (after, None)
}

/// Race: an attempt that counted as lost still runs while support has the message sent again. Its late result is not the
/// result of the other attempt, which will report its own; "certainly not sent" would give the message to the queue while it
/// is being sent.
#[must_use]
pub fn late_result_against_a_resend(state: State, claim: ClaimId) -> bool {
    match state {
        State::Claimed { by: Some(by), .. } => by != claim,
        State::Claimed { by: None, .. } | State::Waiting | State::Sent | State::Failed(_) | State::Unknown => false,
    }
}
