//! A customer leaves an address, or replaces it.

use std::time::Duration;

use chassis::store::{Round, Saved, StoreError, retry_on_conflict};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::domain::address::EmailAddress;
use crate::domain::cap::until_next_hour;
use crate::domain::confirmation::{Secret, Token};
use crate::domain::contact::{Contact, Given, give};
use crate::domain::ids::CustomerId;
use crate::outbound::{Answer, Contacts, Found, Mailer, Templates};

/// How long SES may take for a mail that a caller waits for, who can ask for it again.
const PATIENCE: Duration = Duration::from_secs(3);

/// What it takes to know where customers are reached.
#[derive(Debug)]
pub struct Addresses {
    /// Where customers are reached.
    pub contacts: Contacts,
    /// What mail is rendered from.
    pub templates: Templates,
    /// The channel.
    pub mailer: Mailer,
    /// What a link begins with; its token follows.
    pub link: String,
    /// How many confirmation mails go to one address, and how many one customer may ask for, within an hour.
    pub per_hour: u32,
}

/// Why an address was not saved, or its owner was not asked.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The template does not fit its mail.
    #[error("the confirmation mail could not be rendered")]
    Mail(#[from] minijinja::Error),
    /// The mail may not have been sent, and the channel's word for why. The customer may ask again.
    #[error("the confirmation mail was not taken: {0}")]
    NotSent(String),
    /// The customer has asked for as many mails as are allowed within the hour, or the address got as many; so many seconds
    /// are left of it.
    #[error("too many confirmation mails within the hour")]
    TooMany(i64),
}

/// Saves where the customer is reached, and asks the address's owner by a mail with a link, if nothing says yet that it is
/// the customer. `secret` is new.
///
/// # Errors
/// [`SetError`].
pub async fn set_contact(
    addresses: &Addresses,
    customer: &CustomerId,
    email: &EmailAddress,
    verified: Option<&EmailAddress>,
    secret: Secret,
    at: Timestamp,
) -> Result<Contact, SetError> {
    let (contacts, hash) = (&addresses.contacts, &secret.hash());
    let decide = |read: Found| async move {
        let given = give(read.value.as_ref(), email.clone(), verified, hash.clone(), at);
        let after = match &given {
            Given::Confirmed(after) => after,
            // A lost race counts too; whoever causes one is the same customer.
            Given::Asked(after) if contacts.count_confirmation(customer, email, addresses.per_hour, at).await? => after,
            Given::Asked(_) => return Err(SetError::TooMany(until_next_hour(at))),
        };
        Ok(match contacts.save(customer, &read.revision, after).await? {
            Saved::Applied(()) => Round::Done(given),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    let customer_id = customer.as_str();
    match retry_on_conflict(customer_id, || contacts.get(customer), decide).await? {
        Given::Confirmed(contact) => {
            tracing::info!(customer_id, outcome = "confirmed", "contact set");
            Ok(contact)
        }
        Given::Asked(contact) => {
            ask(addresses, email, &Token { customer: customer.clone(), secret }, at).await?;
            tracing::info!(customer_id, outcome = "asked", "contact set");
            Ok(contact)
        }
    }
}

/// Sends the link to the address.
async fn ask(addresses: &Addresses, email: &EmailAddress, token: &Token, at: Timestamp) -> Result<(), SetError> {
    let mail = addresses.templates.confirmation(&format!("{}{}", addresses.link, token.reveal()))?;
    let Ok(attempt) = timeout(PATIENCE, addresses.mailer.send(email, &mail)).await else {
        return Err(SetError::NotSent("timeout".to_owned()));
    };
    match attempt.answer {
        Answer::Taken => Ok(()),
        Answer::Unknown => Err(SetError::NotSent(attempt.code)),
        Answer::Refused | Answer::SetUp | Answer::Later => {
            addresses.contacts.discount_confirmation(&token.customer, email, at).await?;
            Err(SetError::NotSent(attempt.code))
        }
    }
}
