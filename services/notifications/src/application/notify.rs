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
use crate::domain::ids::{ClaimId, CustomerId, NotificationId};
use crate::domain::message::{Content, Failure, SendResult};
use crate::domain::resend::{late_result_against_a_resend, settle_resend};
use crate::outbound::{About, Answer, Attempt, Contacts, DeliveryStore, Mailer, Templates};

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
    /// The channel refuses every message until an operator mends how it is set up.
    #[error("SES refuses mail for how it is set up ({code}): {mend}")]
    SetUp {
        /// The channel's code.
        code: String,
        /// What to mend.
        mend: &'static str,
    },
    /// There is nowhere to send a message that support has asked for, and the word for why.
    #[error("there is nowhere to send the mail: {0}")]
    Nowhere(&'static str),
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
            Self::Mail(_) | Self::Nowhere(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
            Self::NotTaken(_) | Self::SetUp { .. } => Verdict::Retry,
            Self::Claimed(wait) => Verdict::RetryIn(*wait),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Store(error) => error.class(),
            Self::NotTaken(_) => "mail_not_taken",
            Self::SetUp { .. } => "mail_setup",
            Self::Nowhere(_) => "nowhere",
            // Dead letters and EventProcessingFailed carry this word since their first version.
            Self::Mail(_) => "letter",
            Self::Claimed(_) => "claimed",
        }
    }
}

/// A message that this attempt has claimed, and sends.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) customer: CustomerId,
    pub(super) content: &'a Content,
    /// This attempt.
    pub(super) by: ClaimId,
    /// What is there since the claim.
    pub(super) claimed: Stored<Deliveries>,
    /// What was there before, if support has the message sent again.
    pub(super) before: Option<Deliveries>,
}

/// How far an attempt to send came.
enum Sent {
    /// The channel was asked.
    Asked(Attempt),
    /// Nothing was handed over, because there is nowhere to send it.
    Nowhere(Failure),
}

impl Notifier {
    pub(super) async fn notify(&self, claim: &Claim<'_>, cause: &Cause) -> Result<(), ApplyError> {
        let sent = self.send(claim, cause.at).await;
        let result = match &sent {
            Ok(Sent::Asked(attempt)) => attempt.answer.result(),
            Ok(Sent::Nowhere(failure)) if claim.before.is_none() => SendResult::Failed(*failure),
            // What support cannot have sent is what it was.
            Ok(Sent::Nowhere(_)) | Err(_) => SendResult::NotSent,
        };
        self.record(claim, result, cause).await?;
        let template = claim.content.template();
        let id = claim.claimed.value.id(template);
        let (notification, template) = (id.as_str(), template.as_str());
        let Attempt { answer, code, mend } = match sent? {
            Sent::Asked(attempt) => attempt,
            Sent::Nowhere(failure) if claim.before.is_some() => return Err(ApplyError::Nowhere(outcome(failure))),
            Sent::Nowhere(failure @ Failure::RateLimited) => {
                tracing::warn!(notification, template, outcome = outcome(failure), "customer not notified");
                return Ok(());
            }
            Sent::Nowhere(failure) => {
                tracing::info!(notification, template, outcome = outcome(failure), "customer not notified");
                return Ok(());
            }
        };
        match answer {
            Answer::Taken => tracing::info!(notification, template, outcome = "sent", "customer notified"),
            Answer::Refused => {
                tracing::warn!(notification, template, outcome = "refused", code, "customer not notified");
            }
            Answer::Unknown => report_unknown(&id, &code),
            Answer::SetUp => return Err(ApplyError::SetUp { code, mend }),
            Answer::Later => return Err(ApplyError::NotTaken(code)),
        }
        Ok(())
    }

    async fn send(&self, claim: &Claim<'_>, at: Timestamp) -> Result<Sent, ApplyError> {
        let mail = self.templates.render(&claim.claimed.value.order, claim.content)?;
        let contact = self.contacts.get(&claim.customer).await?.value;
        let counted = contact.as_ref().map(|contact| contact.mails).unwrap_or_default();
        Ok(match destination(contact.as_ref()) {
            Ok(_) if !self.tally.take(&claim.customer, counted, at) => Sent::Nowhere(Failure::RateLimited),
            Ok(address) => {
                let (order, template) = (&claim.claimed.value.order, claim.content.template());
                let about = About { order, template, attempt: claim.by };
                let attempt = self.mailer.send_about(about, address, &mail).await;
                self.count(&claim.customer, counted, attempt.answer.result(), at).await;
                Sent::Asked(attempt)
            }
            Err(failure) => Sent::Nowhere(failure),
        })
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
            if late_result_against_a_resend(read.value.state(template), claim.by) {
                return Ok(Round::Done(()));
            }
            let (after, event) = match &claim.before {
                Some(before) => settle_resend(&read.value, before, template, result),
                None => settle(&read.value, template, result),
            };
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
        Failure::Bounced => "bounced",
        Failure::Complained => "complained",
    }
}

/// An alarm counts these lines: an operator may have to find out whether the customer got the mail.
pub(super) fn report_unknown(notification: &NotificationId, why: &str) {
    let (error_class, notification) = ("outcome_unknown", notification.as_str());
    tracing::error!(error_class, notification, why, "a message may have been sent, and will not be sent again");
}
