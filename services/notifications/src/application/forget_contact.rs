//! A customer takes the address back.

use chassis::store::StoreError;

use crate::domain::ids::CustomerId;
use crate::outbound::Contacts;

/// Deletes the customer's contact, if there is one.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_contact(contacts: &Contacts, customer: &CustomerId) -> Result<(), StoreError> {
    contacts.delete(customer).await?;
    tracing::info!(customer_id = customer.as_str(), "contact forgotten");
    Ok(())
}
