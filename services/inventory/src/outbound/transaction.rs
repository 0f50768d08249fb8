//! Several conditional writes, all or none.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use chassis::store::StoreError;

/// How often a transaction is decided again because of others.
pub(super) const MAX_TRIES: u32 = 12;

/// Reasons for which the same transaction may go through a moment later, or be decided otherwise.
const BECAUSE_OF_OTHERS: [&str; 5] =
    ["None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it is written.
    Applied,
    /// A condition did not hold, or others were at the same items: nothing is written.
    Lost,
}

/// Sends the transaction once.
pub(super) async fn send(client: &Client, table: &str, items: Vec<TransactWriteItem>) -> Result<Ended, StoreError> {
    let Err(error) = client.transact_write_items().set_transact_items(Some(items)).send().await else {
        return Ok(Ended::Applied);
    };
    let unavailable = |detail: String| StoreError::Unavailable { table: table.to_owned(), detail };
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
            match codes.into_iter().find(|code| !BECAUSE_OF_OTHERS.contains(code)) {
                None => Ok(Ended::Lost),
                Some(code) => Err(unavailable(format!("the transaction was cancelled: {code}"))),
            }
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Ended::Lost),
        Some(_) | None => Err(unavailable(aws_sdk_dynamodb::error::DisplayErrorContext(&error).to_string())),
    }
}

/// Waits before the next try, longer each time, with full jitter: others want the same items.
pub(super) async fn back_off(tries: u32) {
    let ceiling = Duration::from_millis(20 << tries.min(5));
    tokio::time::sleep(ceiling.mul_f64(fastrand::f64())).await;
}
