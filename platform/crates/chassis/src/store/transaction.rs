//! Several conditional writes, all or none.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{Saved, StoreError, Table};

/// Reasons for which the same transaction may go through a moment later, or be decided otherwise.
const BECAUSE_OF_OTHERS: [&str; 5] =
    ["None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

impl Table {
    /// Sends the writes as one transaction, once: also to other tables than this one. After a conflict nothing is known
    /// of what is there now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], which names this table.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Saved<(), ()>, StoreError> {
        let request = self.client().transact_write_items().set_transact_items(Some(writes));
        let Err(error) = request.send().await else { return Ok(Saved::Applied(())) };
        let unavailable = |detail| StoreError::Unavailable(self.name().to_owned(), detail);
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let mut codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
                match codes.find(|code| !BECAUSE_OF_OTHERS.contains(code)) {
                    None => Ok(Saved::Conflict(())),
                    Some(code) => Err(unavailable(format!("the transaction was cancelled: {code}"))),
                }
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Saved::Conflict(())),
            Some(_) | None => Err(unavailable(DisplayErrorContext(&error).to_string())),
        }
    }
}
