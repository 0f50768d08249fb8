//! A customer looks their address up.

use chassis::store::StoreError;

use crate::domain::contact::Contact;
use crate::domain::ids::CustomerId;
use crate::outbound::Contacts;

/// The customer's contact, if the customer has left one.
///
/// # Errors
/// [`StoreError`].
pub async fn show_contact(contacts: &Contacts, customer: &CustomerId) -> Result<Option<Contact>, StoreError> {
    Ok(contacts.get(customer).await?.value)
}
