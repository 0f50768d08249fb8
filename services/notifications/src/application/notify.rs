//! A message is claimed: send it once, and record how that went.

use std::future::ready;
use std::time::Duration;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use chassis::verdict::{Classify, Verdict, chain};
use jiff::Timestamp;

use super::Tally;
use crate::domain::cap::Counted;
use crate::domain::contact::destination;
use crate::domain::delivery::{Deliveries, settle};
use crate::domain::ids::{CustomerId, NotificationId};
use crate::domain::message::{Content, Failure, SendResult};
use crate::outbound::{Attempt, Contacts, DeliveryStore, Mailer, Templates};

/// What it takes to notify a customer.
#[derive(Debug)]
pub struct Notifier {
    /// The messages of each order, and how far they are.
    pub deliveries: DeliveryStore,
    /// Where customers are reached.
    pub contacts: Contacts,
    /// What mail is rendered from.
    pub templates: Templates,
    /// The channel.
    pub mailer: Mailer,
    /// Holds the mails to each customer to their cap.
    pub tally: Tally,
}

/// Why a fact was not, or not fully, applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The channel did not take the message now, and certainly has not sent it.
    #[error("the mail was not taken: {0}")]
    NotTaken(String),
    /// A template does not fit its message.
    #[error("the mail could not be rendered")]
    Mail(#[from] minijinja::Error),
    /// Another delivery is sending the same message, or died while it was sending.
    #[error("another delivery has claimed the message")]
    Claimed(Duration),
}

impl Classify for ApplyError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Mail(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
            Self::NotTaken(_) => Verdict::Retry,
            Self::Claimed(wait) => Verdict::RetryIn(*wait),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Store(error) => error.class(),
            Self::NotTaken(_) => "mail_not_taken",
            // Dead letters and EventProcessingFailed carry this word since their first version.
            Self::Mail(_) => "letter",
            Self::Claimed(_) => "claimed",
        }
    }
}

/// A message that this delivery has claimed, and sends.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) customer: CustomerId,
    pub(super) content: &'a Content,
    /// What is there since the claim.
    pub(super) claimed: Stored<Deliveries>,
}

impl Notifier {
    pub(super) async fn notify(&self, claim: &Claim<'_>, cause: &Cause) -> Result<(), ApplyError> {
        let sent = self.send(claim, cause.at).await;
        let result = sent.as_ref().map_or(SendResult::NotSent, |attempt| attempt.result);
        self.record(claim, result, cause).await?;
        let code = sent?.code;
        let template = claim.content.template();
        let id = claim.claimed.value.id(template);
        let (notification, template) = (id.as_str(), template.as_str());
        match result {
            SendResult::Sent => tracing::info!(notification, template, outcome = "sent", "customer notified"),
            SendResult::Failed(failure @ Failure::RateLimited) => {
                tracing::warn!(notification, template, outcome = outcome(failure), "customer not notified");
            }
            SendResult::Failed(failure @ (Failure::NoAddress | Failure::Unconfirmed | Failure::AddressStopped)) => {
                tracing::info!(notification, template, outcome = outcome(failure), "customer not notified");
            }
            SendResult::Failed(Failure::Refused) => {
                tracing::warn!(notification, template, outcome = "refused", code, "customer not notified");
            }
            SendResult::Unknown => report_unknown(&id, &code),
            SendResult::NotSent => return Err(ApplyError::NotTaken(code)),
        }
        Ok(())
    }

    async fn send(&self, claim: &Claim<'_>, at: Timestamp) -> Result<Attempt, ApplyError> {
        let mail = self.templates.render(&claim.claimed.value.order, claim.content)?;
        let contact = self.contacts.get(&claim.customer).await?.value;
        let not_sent = |failure| Ok(Attempt { result: SendResult::Failed(failure), code: String::new() });
        let counted = contact.as_ref().map(|contact| contact.mails).unwrap_or_default();
        match destination(contact.as_ref()) {
            Ok(_) if !self.tally.take(&claim.customer, counted, at) => not_sent(Failure::RateLimited),
            Ok(address) => {
                let attempt = self.mailer.send(address, &mail).await;
                self.count(&claim.customer, counted, attempt.result, at).await;
                Ok(attempt)
            }
            Err(failure) => not_sent(failure),
        }
    }

    /// Writes down what this process has sent, if it is time for it. The mail is out, whether that succeeds or not.
    async fn count(&self, customer: &CustomerId, counted: Counted, result: SendResult, at: Timestamp) {
        match result {
            SendResult::NotSent | SendResult::Failed(_) => return self.tally.give_back(customer, at),
            SendResult::Sent | SendResult::Unknown => {}
        }
        let Some(mails) = self.tally.due(customer, at) else { return };
        if let Err(error) = self.contacts.count_mails(customer, counted, mails, at).await {
            tracing::warn!(error_class = "mails_not_counted", error = chain(&error), "mails go on above their cap");
        }
    }

    async fn record(&self, claim: &Claim<'_>, result: SendResult, cause: &Cause) -> Result<(), StoreError> {
        let (deliveries, template, claimed) = (&self.deliveries, claim.content.template(), &claim.claimed);
        let decide = |read: Stored<Deliveries>| async move {
            let (after, event) = settle(&read.value, template, result);
            if after == read.value {
                return Ok(Round::Done(()));
            }
            Ok(match deliveries.save(&read, &after, event.as_slice(), cause).await? {
                Saved::Applied(_) => Round::Done(()),
                Saved::Conflict(current) => Round::Conflict(current),
            })
        };
        retry_on_conflict(claimed.value.order.as_str(), || ready(Ok(claimed.clone())), decide).await
    }
}

/// The word in a log line for why a customer was not notified.
fn outcome(failure: Failure) -> &'static str {
    match failure {
        Failure::NoAddress => "no_address",
        Failure::Unconfirmed => "unconfirmed",
        Failure::AddressStopped => "address_stopped",
        Failure::RateLimited => "rate_limited",
        Failure::Refused => "refused",
    }
}

/// An alarm counts these lines: an operator may have to find out whether the customer got the mail.
pub(super) fn report_unknown(notification: &NotificationId, why: &str) {
    let (error_class, notification) = ("outcome_unknown", notification.as_str());
    tracing::error!(error_class, notification, why, "a message may have been sent, and will not be sent again");
}
