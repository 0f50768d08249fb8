//! A table's definition, as DescribeTable shows it: what decides on the price of a write.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::size::Item;

/// A table's keys and indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of its key attributes.
    pub keys: Vec<String>,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
    /// Which writes its stream's records pass on to a function; none if it has no stream.
    pub stream: Option<Filter>,
}

/// Which records of a stream invoke the function that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those of new items.
    Inserts,
    /// Those whose item has this attribute after the write, as a text.
    Having(String),
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
    /// Parses the answer of DescribeTable; `mappings` are all that ListEventSourceMappings answers.
    ///
    /// # Errors
    /// When it has another form, the message names the field; or a filter of the table's stream that is not known here.
    pub fn parse(described: &Value, mappings: &Value) -> Result<Self> {
        let table = &described["Table"];
        let kinds = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
        let indexes = kinds.into_iter().flat_map(|kind| table[kind].as_array().into_iter().flatten());
        Ok(Self {
            keys: keys(table)?,
            indexes: indexes.map(Index::parse).collect::<Result<_>>()?,
            stream: match table["LatestStreamArn"].as_str() {
                Some(arn) if table["StreamSpecification"]["StreamEnabled"] == true => Some(Filter::of(arn, mappings)?),
                Some(_) | None => None,
            },
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

impl Filter {
    /// The filter of the one mapping that reads a stream.
    fn of(stream: &str, mappings: &Value) -> Result<Self> {
        let all = mappings["EventSourceMappings"].as_array().into_iter().flatten();
        let mapping = all.into_iter().find(|mapping| mapping["EventSourceArn"] == stream);
        let Some(text) = mapping.and_then(|it| it["FilterCriteria"]["Filters"][0]["Pattern"].as_str()) else {
            return Ok(Self::All);
        };
        let pattern: Value = serde_json::from_str(text).context("a filter of the stream is not JSON")?;
        let attributes = pattern["dynamodb"]["NewImage"].as_object().into_iter().flatten();
        match attributes.map(|(name, wanted)| (name, wanted["S"] == json!([{ "exists": true }]))).collect::<Vec<_>>()[..]
        {
            [(name, true)] => Ok(Self::Having(name.clone())),
            [] if pattern == json!({ "eventName": ["INSERT"] }) => Ok(Self::Inserts),
            _ => bail!("the filter {text} of its stream is not known here"),
        }
    }

    /// Whether the record of a write passes.
    pub fn passes(&self, old: Option<&Item>, new: Option<&Item>) -> bool {
        match self {
            Self::All => true,
            Self::Inserts => old.is_none(),
            Self::Having(name) => new.is_some_and(|item| item.contains_key(name)),
        }
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
            other => bail!("Projection.ProjectionType must be KEYS_ONLY, INCLUDE or ALL (was {other:?})"),
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
    use super::*;

    #[test]
    fn a_description_becomes_keys_indexes_and_stream() {
        let described = json!({ "Table": {
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
            "GlobalSecondaryIndexes": [{ "IndexName": "i", "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["b"] } }],
            "LatestStreamArn": "arn:stream/1",
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" } } });
        let table = Table::parse(&described, &json!({})).unwrap();
        assert_eq!(table.keys, ["pk", "sk"]);
        assert_eq!(table.stream, Some(Filter::All));
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
        assert!(Table::parse(&described, &Value::Null).unwrap_err().to_string().contains("ProjectionType"));
    }

    #[test]
    fn a_filter_tells_which_writes_invoke_the_relay() {
        let filter = |pattern: &str| {
            let criteria = json!({ "Filters": [{ "Pattern": pattern }] });
            let mappings =
                json!([{ "EventSourceArn": "other" }, { "EventSourceArn": "s", "FilterCriteria": criteria }]);
            Filter::of("s", &json!({ "EventSourceMappings": mappings }))
        };
        let [with, without] =
            [json!({ "outbox": { "S": "e" } }), json!({})].map(|item| item.as_object().unwrap().clone());
        let having = filter(r#"{"dynamodb":{"NewImage":{"outbox":{"S":[{"exists":true}]}}}}"#).unwrap();
        assert!(having.passes(None, Some(&with)) && !having.passes(Some(&with), Some(&without)));
        let inserts = filter(r#"{"eventName":["INSERT"]}"#).unwrap();
        assert!(inserts.passes(None, Some(&with)) && !inserts.passes(Some(&with), Some(&without)));
        let unknown = filter(r#"{"eventName":["REMOVE"]}"#).unwrap_err().to_string();
        assert!(unknown.contains("REMOVE"), "{unknown}");
    }
}
