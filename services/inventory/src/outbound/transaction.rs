//! One transaction whose cancellation says which conditions failed, and what they found.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::{
    TransactionCanceledException, TransactionInProgressException,
};
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use chassis::aws::{AwsError, Kind};
use chassis::store::Attributes;

const CONDITION: &str = "ConditionalCheckFailed";
/// Reasons for which the same transaction may go through a moment later.
const BUSY: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// The writes whose conditions failed, by their place in the transaction, each with the item that it found, if any.
pub type Failed = BTreeMap<usize, Option<Attributes>>;

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// These conditions do not hold.
    Conditions(Failed),
    /// Others were writing the same items at that moment.
    Busy,
    /// One of the writes is invalid, and will be if it is sent again.
    Invalid(AwsError),
}

/// How a transaction ended; an error is why there is no answer, or none for now.
pub type Answer = Result<Result<(), Cancelled>, AwsError>;

/// Sends the writes as one transaction, once.
pub(super) async fn transact(client: &Client, writes: Vec<TransactWriteItem>) -> Answer {
    let sent = client.transact_write_items().set_transact_items(Some(writes)).send().await;
    let Err(error) = sent else { return Ok(Ok(())) };
    match error.as_service_error() {
        Some(TransactionCanceledException(cancelled)) => Ok(Err(read(cancelled.cancellation_reasons()))),
        Some(TransactionInProgressException(_)) => Ok(Err(Cancelled::Busy)),
        Some(_) | None => match AwsError::of(&error) {
            invalid if invalid.kind == Kind::Invalid => Ok(Err(Cancelled::Invalid(invalid))),
            other => Err(other),
        },
    }
}

/// A reason that no retry removes decides; then a condition that failed, whoever else was busy.
fn read(reasons: &[CancellationReason]) -> Cancelled {
    let mut failed = Failed::new();
    for (at, reason) in reasons.iter().enumerate() {
        match reason.code().unwrap_or("None") {
            "None" => {}
            CONDITION => drop(failed.insert(at, found(reason))),
            code if BUSY.contains(&code) => {}
            code => return Cancelled::Invalid(invalid(format!("the transaction was cancelled: {code}"))),
        }
    }
    if failed.is_empty() { Cancelled::Busy } else { Cancelled::Conditions(failed) }
}

/// A write that is invalid whenever it is sent.
pub(super) fn invalid(message: String) -> AwsError {
    AwsError { kind: Kind::Invalid, message }
}

/// No item is empty: each has its key.
fn found(reason: &CancellationReason) -> Option<Attributes> {
    reason.item().filter(|item| !item.is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    #[test]
    fn a_failed_condition_says_what_it_found() {
        let item = Attributes::from([("pk".to_owned(), AttributeValue::S("MUG".into()))]);
        let found = CancellationReason::builder().code(CONDITION).set_item(Some(item.clone())).build();
        // An emulator may answer `{}` for an item that is not there.
        let empty = CancellationReason::builder().code(CONDITION).set_item(Some(Attributes::new())).build();
        let failed = Failed::from([(1, Some(item)), (2, None), (3, None)]);
        let reasons = [reason("None"), found, reason(CONDITION), empty, reason("TransactionConflict")];
        assert_eq!(read(&reasons), Cancelled::Conditions(failed));
    }

    #[test]
    fn others_who_write_are_waited_for_and_what_stays_wrong_is_invalid() {
        for code in BUSY {
            assert_eq!(read(&[reason("None"), reason(code)]), Cancelled::Busy);
        }
        let invalid = Cancelled::Invalid(invalid("the transaction was cancelled: ValidationError".to_owned()));
        assert_eq!(read(&[reason("TransactionConflict"), reason("ValidationError"), reason(CONDITION)]), invalid);
    }
}
