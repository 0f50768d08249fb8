//! A table's definition, as DescribeTable shows it: what decides on the price of a write.

use anyhow::{Context, Result};
use serde_json::Value;

use super::size::Item;

/// A table's keys and indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of its key attributes.
    pub keys: Vec<String>,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
    /// Whether it has a stream.
    pub streams: bool,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The names of its key attributes.
    pub keys: Vec<String>,
    /// What it copies beside keys.
    pub projection: Projection,
}

/// The attributes that an index copies beside its keys and the table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// None.
    KeysOnly,
    /// These.
    Include(Vec<String>),
    /// All.
    All,
}

impl Table {
    /// Parses the answer of DescribeTable.
    ///
    /// # Errors
    /// When it has another form; the message names the field.
    pub fn parse(described: &Value) -> Result<Self> {
        let table = &described["Table"];
        let kinds = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
        let indexes = kinds.into_iter().flat_map(|kind| table[kind].as_array().into_iter().flatten());
        Ok(Self {
            keys: keys(table)?,
            indexes: indexes.map(Index::parse).collect::<Result<_>>()?,
            streams: table["StreamSpecification"]["StreamEnabled"] == true,
        })
    }

    /// The key of an item.
    pub fn key(&self, item: &Item) -> Item {
        item.iter()
            .filter(|(name, _)| self.keys.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

impl Index {
    fn parse(index: &Value) -> Result<Self> {
        let names = |value: &Value| {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let projection = match index["Projection"]["ProjectionType"].as_str() {
            Some("KEYS_ONLY") => Projection::KeysOnly,
            Some("INCLUDE") => Projection::Include(names(&index["Projection"]["NonKeyAttributes"])),
            Some("ALL") => Projection::All,
            other => anyhow::bail!("Projection.ProjectionType must be KEYS_ONLY, INCLUDE or ALL (was {other:?})"),
        };
        let name = index["IndexName"].as_str().context("an index has no IndexName")?.to_owned();
        Ok(Self { name, keys: keys(index)?, projection })
    }

    /// The entry of an item; none if the item lacks one of the index's keys.
    pub fn entry(&self, item: &Item, table: &Table) -> Option<Item> {
        if !self.keys.iter().all(|key| item.contains_key(key)) {
            return None;
        }
        let projected = |name: &String| match &self.projection {
            Projection::KeysOnly => false,
            Projection::Include(names) => names.contains(name),
            Projection::All => true,
        };
        let copied = |name: &String| self.keys.contains(name) || table.keys.contains(name) || projected(name);
        Some(item.iter().filter(|(name, _)| copied(name)).map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

fn keys(schema: &Value) -> Result<Vec<String>> {
    let keys = schema["KeySchema"].as_array().context("the table has no KeySchema")?;
    let name = |key: &Value| key["AttributeName"].as_str().map(str::to_owned);
    keys.iter().map(|key| name(key).context("a key of the KeySchema has no AttributeName")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_description_becomes_keys_indexes_and_stream() {
        let described = json!({ "Table": {
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
            "GlobalSecondaryIndexes": [{ "IndexName": "i", "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["b"] } }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" } } });
        let table = Table::parse(&described).unwrap();
        assert_eq!(table.keys, ["pk", "sk"]);
        assert!(table.streams);
        assert_eq!(table.indexes[0].projection, Projection::Include(vec!["b".to_owned()]));
        let item =
            json!({ "pk": { "S": "1" }, "sk": { "S": "2" }, "a": { "S": "3" }, "b": { "S": "4" }, "c": { "S": "5" } });
        let entry = table.indexes[0].entry(item.as_object().unwrap(), &table).unwrap();
        assert_eq!(entry.keys().collect::<Vec<_>>(), ["a", "b", "pk", "sk"]);
        assert_eq!(table.key(item.as_object().unwrap()).keys().collect::<Vec<_>>(), ["pk", "sk"]);
    }

    #[test]
    fn an_unknown_projection_is_refused_by_its_field() {
        let described = json!({ "Table": { "KeySchema": [],
            "GlobalSecondaryIndexes": [{ "IndexName": "i", "KeySchema": [], "Projection": {} }] } });
        assert!(Table::parse(&described).unwrap_err().to_string().contains("ProjectionType"));
    }
}
