//! The sparse index of items that wait for a time. An entry only wakes; it may be early, and is never late.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{Attributes, DUE_AT, DUE_SHARD, DUE_SHARDS, KEY, StoreError, Table, WAITS_UNTIL};

/// When the index is to wake an item that is due at `due`, in seconds since 1970. An entry that a read has `seen` stays
/// while it is ahead and not too late, because each move of an entry costs two writes of the index.
#[must_use]
pub fn wakes_at(seen: Option<i64>, due: Option<Timestamp>, now: Timestamp) -> Option<i64> {
    let due = seconds(due?);
    Some(seen.filter(|seen| (now.as_second() + 1..=due).contains(seen)).unwrap_or(due))
}

/// The first second at which `due` has come.
fn seconds(due: Timestamp) -> i64 {
    due.as_second().saturating_add(1)
}

/// Adds to an item what puts it into the index, if it waits.
pub(super) fn insert(item: &mut Attributes, key: &str, wakes_at: Option<i64>, due: Option<Timestamp>) {
    let number = |seconds: i64| AttributeValue::N(seconds.to_string());
    let (Some(at), Some(due)) = (wakes_at, due.map(seconds)) else { return };
    item.insert(DUE_SHARD.into(), AttributeValue::S(shard_of(key).to_string()));
    item.insert(DUE_AT.into(), number(at));
    if at != due {
        item.insert(WAITS_UNTIL.into(), number(due));
    }
}

fn shard_of(key: &str) -> u8 {
    key.bytes().last().unwrap_or_default() % DUE_SHARDS
}

impl Table {
    /// Moves the entry of an item that was woken at `at` too early to when the item is due. Another write that came
    /// between, or that a transaction is about to make, has its own entry and is left alone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(crate) async fn postpone(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let update = self.client().update_item().table_name(self.name()).key(KEY, AttributeValue::S(key.to_owned()));
        let update = update
            .update_expression("SET dueAt = waitsUntil REMOVE waitsUntil")
            .condition_expression("dueAt <= :at AND waitsUntil > :at")
            .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(
                    UpdateItemError::ConditionalCheckFailedException(_)
                    | UpdateItemError::TransactionConflictException(_),
                ) => Ok(()),
                Some(_) | None => Err(self.unavailable(&error)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_entry_stays_while_it_is_ahead_and_not_too_late() {
        for (seen, due, now, expected) in [
            (None, Some(100), 10, Some(101)),
            (Some(50), Some(100), 10, Some(50)),
            (Some(101), Some(100), 10, Some(101)),
            // too late: nothing may be woken after it is due
            (Some(102), Some(100), 10, Some(101)),
            // behind: the index has to change in any case, and so it is woken once and not twice
            (Some(50), Some(100), 50, Some(101)),
            (Some(50), None, 10, None),
            (None, None, 10, None),
        ] {
            assert_eq!(wakes_at(seen, due.map(at), at(now)), expected, "{seen:?} {due:?} {now}");
        }
    }

    #[test]
    fn an_item_that_is_woken_early_also_knows_when_it_is_due() {
        let stored = |wakes_at, due: Option<i64>| {
            let mut item = Attributes::new();
            insert(&mut item, "ord_1", wakes_at, due.map(at));
            let number = |name: &str| item.get(name).map(|value| value.as_n().unwrap().clone());
            (number(DUE_AT), number(WAITS_UNTIL), item.contains_key(DUE_SHARD))
        };
        let text = |second: i64| Some(second.to_string());
        assert_eq!(stored(Some(50), Some(100)), (text(50), text(101), true));
        assert_eq!(stored(Some(101), Some(100)), (text(101), None, true));
        assert_eq!(stored(None, None), (None, None, false));
    }
}
