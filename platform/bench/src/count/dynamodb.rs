//! What a request to DynamoDB costs: the items before and after a write, the items that a read touched.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use omsctl::cost::lock::ReadUnits;
use serde_json::{Value, json};

use super::call::Call;
use super::size::{self, Item};
use super::table::Table;
use super::units::{self, Change, Consistency, Outcome};

/// The emulator's tables, read past the proxy.
#[derive(Debug)]
pub struct Tables {
    http: reqwest::Client,
    endpoint: String,
    known: Mutex<BTreeMap<String, Arc<Table>>>,
}

/// The emulator's root key, whose signature it does not check.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

impl Tables {
    /// The tables of the emulator at this URL.
    pub fn new(http: reqwest::Client, endpoint: String) -> Self {
        Self { http, endpoint, known: Mutex::default() }
    }

    async fn get(&self, table: &str, key: &Value) -> Result<Option<Item>> {
        let answer = self.ask("GetItem", &json!({ "TableName": table, "Key": key, "ConsistentRead": true })).await?;
        Ok(answer["Item"].as_object().cloned())
    }

    async fn table(&self, name: &str) -> Result<Arc<Table>> {
        if let Some(table) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(table));
        }
        let described = self.ask("DescribeTable", &json!({ "TableName": name })).await?;
        let mappings = self.mappings().await?;
        let table =
            Arc::new(Table::parse(&described, &mappings).with_context(|| format!("cannot count table {name}"))?);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&table));
        Ok(table)
    }

    async fn mappings(&self) -> Result<Value> {
        let request = self.http.get(format!("{}/2015-03-31/event-source-mappings/", self.endpoint));
        let answer = request.header("authorization", ROOT.replace("/dynamodb/", "/lambda/")).send().await;
        let answer = answer.context("the emulator did not answer ListEventSourceMappings")?;
        let mappings: Value = serde_json::from_str(&answer.text().await?)?;
        ensure!(
            mappings["EventSourceMappings"].is_array(),
            "the emulator answered ListEventSourceMappings with {mappings}"
        );
        Ok(mappings)
    }

    async fn ask(&self, operation: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(&self.endpoint).header("authorization", ROOT);
        let request = request.header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        let request = request.header("content-type", "application/x-amz-json-1.0").body(body.to_string());
        let answer = request.send().await.with_context(|| format!("the emulator did not answer {operation}"))?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("the emulator answered {status} to {operation}: {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }
}

/// What the writes or reads of one request cost.
#[derive(Debug, Default, PartialEq)]
pub struct Cost {
    /// Write units by table, and by table/index.
    pub writes: Vec<(String, u64)>,
    /// Read units by table.
    pub reads: Vec<(String, ReadUnits)>,
    /// Records that the tables' streams got.
    pub stream_records: u64,
}

/// The writes of a request, with each item as it was before.
#[derive(Debug)]
pub struct Writes(Vec<Write>);

#[derive(Debug)]
struct Write {
    name: String,
    table: Arc<Table>,
    key: Value,
    action: Action,
    change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Put,
    Update,
    Delete,
    Check,
}

/// Whether an operation writes.
pub fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems" | "BatchWriteItem")
}

impl Writes {
    /// Reads the items that the request is about to write. Nothing may write between this and [`Writes::cost`].
    ///
    /// # Errors
    /// When the request has an unknown form, or the emulator does not answer.
    pub async fn before(tables: &Tables, call: &Call) -> Result<Self> {
        let mut writes = Vec::new();
        for (action, request, transactional) in actions(&call.operation, &call.body)? {
            let name = table_name(&request["TableName"])?;
            let table = tables.table(&name).await?;
            let put = (action == Action::Put).then(|| request["Item"].as_object().cloned()).flatten();
            let key = put.as_ref().map_or_else(|| request["Key"].clone(), |item| Value::Object(table.key(item)));
            let old = tables.get(&name, &key).await?;
            writes.push(Write { name, table, key, action, change: Change { old, new: put, transactional } });
        }
        Ok(Self(writes))
    }

    /// What they cost, by the answer to the request.
    ///
    /// # Errors
    /// When the emulator does not answer.
    pub async fn cost(self, tables: &Tables, answer: &Value, succeeded: bool) -> Result<Cost> {
        let mut cost = Cost::default();
        let Some(outcome) = outcome(answer, succeeded) else { return Ok(cost) };
        for mut write in self.0 {
            write.change.new = match (write.action, outcome) {
                (Action::Put, _) => write.change.new,
                (Action::Update, Outcome::Written) => tables.get(&write.name, &write.key).await?,
                (Action::Delete, _) => None,
                (Action::Update, Outcome::ConditionFailed) | (Action::Check, _) => write.change.old.clone(),
            };
            cost.writes.extend(write.change.units(&write.name, &write.table, outcome));
            cost.stream_records += u64::from(write.change.is_streamed(&write.table, outcome));
        }
        Ok(cost)
    }
}

/// The single writes of a request: action, its parameters, whether it is part of a transaction.
fn actions(operation: &str, body: &Value) -> Result<Vec<(Action, Value, bool)>> {
    const TRANSACT: [(&str, Action); 4] = [
        ("Put", Action::Put),
        ("Update", Action::Update),
        ("Delete", Action::Delete),
        ("ConditionCheck", Action::Check),
    ];
    let one = |action| Ok(vec![(action, body.clone(), false)]);
    match operation {
        "PutItem" => one(Action::Put),
        "UpdateItem" => one(Action::Update),
        "DeleteItem" => one(Action::Delete),
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().context("TransactWriteItems has no TransactItems")?;
            let of = |item: &Value| {
                TRANSACT.iter().find_map(|(name, action)| Some((*action, item.get(name)?.clone(), true)))
            };
            items.iter().map(|item| of(item).context("an unknown item of TransactItems")).collect()
        }
        "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().context("BatchWriteItem has no RequestItems")?;
            let requests =
                tables.iter().flat_map(|(table, all)| all.as_array().into_iter().flatten().map(move |it| (table, it)));
            Ok(requests
                .map(|(table, request)| match request.get("PutRequest") {
                    Some(put) => (Action::Put, json!({ "TableName": table, "Item": put["Item"] }), false),
                    None => {
                        (Action::Delete, json!({ "TableName": table, "Key": request["DeleteRequest"]["Key"] }), false)
                    }
                })
                .collect())
        }
        other => bail!("{other} does not write"),
    }
}

/// How a write ended; none if it cost nothing: it was refused before anything was read.
fn outcome(answer: &Value, succeeded: bool) -> Option<Outcome> {
    if succeeded {
        return Some(Outcome::Written);
    }
    let kind = answer["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default();
    let failed = ["ConditionalCheckFailedException", "TransactionCanceledException"];
    failed.contains(&kind).then_some(Outcome::ConditionFailed)
}

/// What a read cost.
///
/// # Errors
/// When its items are not all in the answer and cannot be read again: a filter, or an unknown operation.
pub async fn read(tables: &Tables, call: &Call, answer: &Value) -> Result<Cost> {
    let body = &call.body;
    let mut reads = Vec::new();
    match call.operation.as_str() {
        "GetItem" => reads.push(item_read(tables, body, consistency(body)).await?),
        "BatchGetItem" => {
            for (table, request) in body["RequestItems"].as_object().context("BatchGetItem has no RequestItems")? {
                for key in request["Keys"].as_array().context("BatchGetItem has no Keys")? {
                    let get = json!({ "TableName": table, "Key": key });
                    reads.push(item_read(tables, &get, consistency(request)).await?);
                }
            }
        }
        "TransactGetItems" => {
            for item in body["TransactItems"].as_array().context("TransactGetItems has no TransactItems")? {
                reads.push(item_read(tables, &item["Get"], Consistency::Transactional).await?);
            }
        }
        "Query" | "Scan" => {
            let less =
                ["FilterExpression", "ProjectionExpression", "QueryFilter", "ScanFilter", "AttributesToGet", "Select"];
            if let Some(field) = less.iter().find(|field| body.get(**field).is_some()) {
                bail!("{} with {field}: its answer does not have everything that it read", call.operation);
            }
            let items = answer["Items"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let bytes = items.map(size::item).sum();
            reads.push((table_name(&body["TableName"])?, units::read(bytes, consistency(body))));
        }
        other => bail!("{other} is not known to the counting proxy"),
    }
    Ok(Cost { reads, ..Cost::default() })
}

/// Reads the whole item again: an answer may have a part of it.
async fn item_read(tables: &Tables, get: &Value, consistency: Consistency) -> Result<(String, ReadUnits)> {
    let name = table_name(&get["TableName"])?;
    let bytes = tables.get(&name, &get["Key"]).await?.as_ref().map_or(0, size::item);
    Ok((name, units::read(bytes, consistency)))
}

fn consistency(request: &Value) -> Consistency {
    if request["ConsistentRead"] == true { Consistency::Strong } else { Consistency::Eventual }
}

/// A name, or the name in an ARN.
fn table_name(name: &Value) -> Result<String> {
    let name = name.as_str().context("the request has no TableName")?;
    Ok(name.rsplit('/').next().unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_its_single_writes() {
        let body = json!({ "TransactItems": [{ "Put": { "TableName": "a", "Item": {} } },
            { "ConditionCheck": { "TableName": "b", "Key": {} } }] });
        let actions = actions("TransactWriteItems", &body).unwrap();
        assert_eq!(actions[0].0, Action::Put);
        assert_eq!((actions[1].0, &actions[1].1["TableName"], actions[1].2), (Action::Check, &json!("b"), true));
    }

    #[test]
    fn a_batch_is_its_single_writes_without_a_transaction() {
        let body = json!({ "RequestItems": { "a": [{ "PutRequest": { "Item": { "pk": { "S": "1" } } } },
            { "DeleteRequest": { "Key": { "pk": { "S": "2" } } } }] } });
        let actions = actions("BatchWriteItem", &body).unwrap();
        assert_eq!(actions[0].1["Item"]["pk"]["S"], "1");
        assert_eq!((actions[1].0, actions[1].2), (Action::Delete, false));
    }

    #[test]
    fn a_failed_condition_costs_and_a_refused_request_does_not() {
        let error = |kind: &str| json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}") });
        assert_eq!(outcome(&json!({}), true), Some(Outcome::Written));
        assert_eq!(outcome(&error("ConditionalCheckFailedException"), false), Some(Outcome::ConditionFailed));
        assert_eq!(outcome(&error("TransactionCanceledException"), false), Some(Outcome::ConditionFailed));
        assert_eq!(outcome(&error("ValidationException"), false), None);
    }

    #[test]
    fn a_table_is_named_by_name_or_arn() {
        assert_eq!(table_name(&json!("t")).unwrap(), "t");
        assert_eq!(table_name(&json!("arn:aws:dynamodb:us-east-1:1:table/t")).unwrap(), "t");
        assert!(table_name(&Value::Null).is_err());
    }
}
