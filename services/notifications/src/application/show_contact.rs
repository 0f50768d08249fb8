//! A customer looks their address up.

use chassis::store::StoreError;

use super::Contacts;
use crate::domain::contact::Contact;
use crate::domain::ids::CustomerId;

/// The customer's contact, if the customer has left one.
///
/// # Errors
/// [`StoreError`].
pub async fn show_contact(contacts: &Contacts, customer: &CustomerId) -> Result<Option<Contact>, StoreError> {
    contacts.get(customer).await
}
