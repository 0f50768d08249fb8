//! The button behind the link of a confirmation mail is pressed.

use chassis::store::{Round, Saved, StoreError, retry_on_conflict};
use jiff::Timestamp;

use crate::domain::confirmation::Token;
use crate::domain::contact::confirm;
use crate::outbound::{Contacts, Found};

/// Confirms the address that the link was sent to; says whether it did. It does not tell an unknown link from one that was
/// used, was replaced by a later one, or is too old.
///
/// # Errors
/// [`StoreError`].
pub async fn confirm_contact(contacts: &Contacts, token: &Token, at: Timestamp) -> Result<bool, StoreError> {
    let (customer, hash) = (&token.customer, &token.secret.hash());
    let decide = |read: Found| async move {
        let Some(after) = read.value.as_ref().and_then(|contact| confirm(contact, hash, at)) else {
            return Ok(Round::Done(false));
        };
        Ok(match contacts.save(customer, &read.revision, &after).await? {
            Saved::Applied(()) => Round::Done(true),
            Saved::Conflict(current) => Round::Conflict(current),
        })
    };
    let confirmed = retry_on_conflict(customer.as_str(), || contacts.get(customer), decide).await?;
    let (customer_id, outcome) = (customer.as_str(), if confirmed { "confirmed" } else { "not_valid" });
    tracing::info!(customer_id, outcome, "link followed");
    Ok(confirmed)
}
