//! A customer leaves an address, or replaces it. The last write counts, so there is nothing to decide.

use chassis::store::StoreError;

use super::Contacts;
use crate::domain::contact::Contact;
use crate::domain::ids::CustomerId;

/// Saves where the customer is reached.
///
/// # Errors
/// [`StoreError`].
pub async fn set_contact(contacts: &Contacts, customer: &CustomerId, contact: &Contact) -> Result<(), StoreError> {
    contacts.put(customer, contact).await?;
    tracing::info!(customer_id = customer.as_str(), "contact set");
    Ok(())
}
