//! Request units of DynamoDB on demand.
//!
//! - reads and writes: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
//! - secondary indexes: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes>
//! - transactions: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling>

use omsctl::cost::lock::ReadUnits;

use super::size::{self, Item};
use super::table::{Index, Table};

const WRITE_BYTES: u64 = 1024;
const READ_BYTES: u64 = 4096;

/// How a read is consistent, which decides on its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// Half a unit for 4 KB.
    Eventual,
    /// One unit.
    Strong,
    /// Two units.
    Transactional,
}

/// The units of one read of so many bytes; a miss costs as much as the smallest item.
pub fn read(bytes: u64, consistency: Consistency) -> ReadUnits {
    let halves = match consistency {
        Consistency::Eventual => 1,
        Consistency::Strong => 2,
        Consistency::Transactional => 4,
    };
    ReadUnits::halves(halves * bytes.div_ceil(READ_BYTES).max(1))
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    Written,
    /// Its condition failed, or another write of its transaction did. That costs the table as much as a write; no index
    /// is touched.
    ConditionFailed,
}

/// One write, with the item before and after it. For a write that failed, `new` is what it would have written if that is
/// known: a put.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The item before.
    pub old: Option<Item>,
    /// The item after.
    pub new: Option<Item>,
    /// Whether it is part of a transaction, which prepares and then commits it: two writes.
    pub transactional: bool,
}

impl Change {
    /// The units of the write by table and by table/index; `name` is the table's.
    pub fn units(&self, name: &str, table: &Table, outcome: Outcome) -> Vec<(String, u64)> {
        let factor = if self.transactional { 2 } else { 1 };
        let mut units = vec![(name.to_owned(), factor * larger(self.old.as_ref(), self.new.as_ref()))];
        if outcome == Outcome::Written {
            // Indexes follow after the commit, outside the transaction: their writes are single ones.
            let index = |index: &Index| (format!("{name}/{}", index.name), self.index_units(table, index));
            units.extend(table.indexes.iter().map(index).filter(|(_, units)| *units > 0));
        }
        units
    }

    fn index_units(&self, table: &Table, index: &Index) -> u64 {
        let entry = |item: &Option<Item>| item.as_ref().and_then(|item| index.entry(item, table));
        let (old, new) = (entry(&self.old), entry(&self.new));
        match (&old, &new) {
            (None, None) => 0,
            (Some(before), Some(after)) if before == after => 0,
            // Its key has changed: the entry is deleted there and put here.
            (Some(before), Some(after)) if index.keys.iter().any(|key| before.get(key) != after.get(key)) => {
                larger(Some(before), None) + larger(None, Some(after))
            }
            (Some(_) | None, Some(_)) | (Some(_), None) => larger(old.as_ref(), new.as_ref()),
        }
    }

    /// Whether its record of the table's stream invokes a function.
    pub fn is_streamed(&self, table: &Table, outcome: Outcome) -> bool {
        let (old, new) = (self.old.as_ref(), self.new.as_ref());
        outcome == Outcome::Written && old != new && table.stream.as_ref().is_some_and(|filter| filter.passes(old, new))
    }
}

/// The larger of two versions of an item, in units of 1 KB; at least one.
fn larger(old: Option<&Item>, new: Option<&Item>) -> u64 {
    let bytes = |item: Option<&Item>| item.map_or(0, size::item);
    bytes(old).max(bytes(new)).div_ceil(WRITE_BYTES).max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::table::{Filter, Projection};
    use super::*;

    fn table(projection: Projection) -> Table {
        let index = Index { name: "due".to_owned(), keys: vec!["shard".to_owned(), "at".to_owned()], projection };
        Table { keys: vec!["pk".to_owned()], indexes: vec![index], stream: Some(Filter::All) }
    }

    fn item(value: &Value) -> Item {
        value.as_object().unwrap().clone()
    }

    fn of_bytes(bytes: usize) -> Item {
        // "pk" and its value, "b" and its value
        item(&json!({ "pk": { "S": "1" }, "b": { "S": "x".repeat(bytes - 4) } }))
    }

    fn due(at: u32, more: &str) -> Item {
        let at = at.to_string();
        item(&json!({ "pk": { "S": "1" }, "shard": { "S": "a" }, "at": { "N": at }, "more": { "S": more } }))
    }

    fn units(old: Option<Item>, new: Option<Item>) -> Vec<u64> {
        let change = Change { old, new, transactional: false };
        change.units("t", &table(Projection::KeysOnly), Outcome::Written).into_iter().map(|(_, units)| units).collect()
    }

    #[test]
    fn reads_are_rounded_up_to_4_kb() {
        // The documentation's examples: 3.5 KB is read as 4, 10 KB as 12.
        assert_eq!(read(3_584, Consistency::Strong), ReadUnits::halves(2));
        assert_eq!(read(10_240, Consistency::Strong), ReadUnits::halves(6));
        assert_eq!(read(8_192, Consistency::Strong), ReadUnits::halves(4));
        assert_eq!(read(8_192, Consistency::Eventual), ReadUnits::halves(2));
        assert_eq!(read(8_192, Consistency::Transactional), ReadUnits::halves(8));
        assert_eq!(read(0, Consistency::Eventual), ReadUnits::halves(1), "a miss");
    }

    #[test]
    fn a_write_costs_the_larger_of_both_versions_rounded_up_to_1_kb() {
        assert_eq!(units(None, Some(of_bytes(1_024))), [1]);
        assert_eq!(units(None, Some(of_bytes(1_025))), [2]);
        assert_eq!(units(Some(of_bytes(3_000)), Some(of_bytes(10))), [3]);
        assert_eq!(units(Some(of_bytes(3_000)), None), [3], "a delete");
        assert_eq!(units(None, None), [1], "a delete of nothing");
    }

    #[test]
    fn an_index_costs_one_write_for_an_entry_that_comes_or_goes_and_two_for_one_that_moves() {
        let without = item(&json!({ "pk": { "S": "1" }, "shard": { "S": "a" } }));
        assert_eq!(units(None, Some(due(1, ""))), [1, 1]);
        assert_eq!(units(Some(due(1, "")), None), [1, 1]);
        assert_eq!(units(Some(due(1, "")), Some(due(2, ""))), [1, 2]);
        assert_eq!(units(Some(due(1, "")), Some(without.clone())), [1, 1]);
        assert_eq!(units(None, Some(without)), [1], "an item without all keys has no entry");
    }

    #[test]
    fn an_index_costs_nothing_if_nothing_that_it_projects_has_changed() {
        assert_eq!(units(Some(due(1, "a")), Some(due(1, "b"))), [1]);
        let change = Change { old: Some(due(1, "a")), new: Some(due(1, "b")), transactional: false };
        let everything = change.units("t", &table(Projection::All), Outcome::Written);
        assert_eq!(everything, [("t".to_owned(), 1), ("t/due".to_owned(), 1)]);
        let included = table(Projection::Include(vec!["more".to_owned()]));
        assert_eq!(change.units("t", &included, Outcome::Written).len(), 2);
    }

    #[test]
    fn a_transaction_writes_the_table_twice_and_the_index_once() {
        let change = Change { old: None, new: Some(of_bytes(1_500)), transactional: true };
        assert_eq!(change.units("t", &table(Projection::All), Outcome::Written), [("t".to_owned(), 4)]);
        let change = Change { old: None, new: Some(due(1, "")), transactional: true };
        let expected = [("t".to_owned(), 2), ("t/due".to_owned(), 1)];
        assert_eq!(change.units("t", &table(Projection::All), Outcome::Written), expected);
    }

    #[test]
    fn a_failed_condition_costs_the_table_a_write_and_the_index_none() {
        let change = Change { old: Some(of_bytes(1_500)), new: Some(due(1, "")), transactional: false };
        let table = table(Projection::All);
        assert_eq!(change.units("t", &table, Outcome::ConditionFailed), [("t".to_owned(), 2)]);
        assert!(!change.is_streamed(&table, Outcome::ConditionFailed));
    }

    #[test]
    fn a_write_that_changes_nothing_is_not_streamed() {
        let change = |new| Change { old: Some(due(1, "")), new: Some(new), transactional: false };
        assert!(!change(due(1, "")).is_streamed(&table(Projection::All), Outcome::Written));
        assert!(change(due(2, "")).is_streamed(&table(Projection::All), Outcome::Written));
    }
}
