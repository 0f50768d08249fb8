//! Tables that lie in memory, behind those requests of DynamoDB that services send to one item; and the check that a version
//! of a service keeps what a newer one has written.
//!
//! An index is empty. A condition is that there is no item, or that it has a version or none; an update sets attributes to a
//! value, or to an attribute more or less a value, and removes others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::SdkConfig;
use serde_json::{Map, Value, json};

use crate::endpoint::answering;

/// The key that a newer version adds to every map of an item, and the words that it adds to every text of a list.
const LATER: (&str, &str) = ("addedLater", " added later");

/// Items in the form in which they are sent, by table and key.
#[derive(Debug, Clone)]
pub struct Tables {
    items: Arc<Mutex<HashMap<(String, String), Value>>>,
    keyed: &'static [&'static str],
}

impl Tables {
    /// No items, and how a client of AWS reaches them. `keyed` names the maps whose keys are ids: no version adds attributes
    /// there.
    pub async fn open(keyed: &'static [&'static str]) -> (Self, SdkConfig) {
        let tables = Self { items: Arc::default(), keyed };
        let served = tables.clone();
        let (aws, _) = answering(move |name, request| served.answer(name, request)).await;
        (tables, aws)
    }

    /// The item of a table under a key.
    #[must_use]
    pub fn item(&self, table: &str, key: &str) -> Value {
        let items = self.items();
        items.get(&(table.to_owned(), key.to_owned())).cloned().unwrap_or_else(|| panic!("{table} has no {key}"))
    }

    /// Adds to an item what a newer version may: a key to every map, at every depth, and words to every text of a list.
    pub fn grow(&self, table: &str, key: &str) {
        let mut item = json!({ "M": self.item(table, key) });
        grow(&mut item, "", self.keyed);
        self.items().insert((table.to_owned(), key.to_owned()), item["M"].take());
    }

    /// Checks that whatever was added to `before` is still in the item, but for what sat in something that is gone; and adds
    /// the same to what is new.
    pub fn keeps(&self, table: &str, key: &str, before: &Value, what: &str) {
        let after = self.item(table, key);
        keeps(&json!({ "M": before }), &json!({ "M": &after }), &format!("{what}: {after}"));
        self.grow(table, key);
    }

    fn items(&self) -> MutexGuard<'_, HashMap<(String, String), Value>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, name: &str, request: &Value) -> (u16, Value) {
        match name {
            "GetItem" => {
                let found = self.items().get(&place(request, &request["Key"])).cloned();
                (200, found.map_or_else(|| json!({}), |item| json!({ "Item": item })))
            }
            "PutItem" => match self.refused(request) {
                None => (200, self.put(request)),
                Some(item) => (400, json!({ "__type": "ConditionalCheckFailedException", "Item": item })),
            },
            "UpdateItem" => match self.refused(request) {
                None => (200, self.update(request)),
                Some(item) => (400, json!({ "__type": "ConditionalCheckFailedException", "Item": item })),
            },
            "Query" => (200, json!({ "Items": [], "Count": 0 })),
            "TransactWriteItems" => self.transact(request["TransactItems"].as_array().expect("writes")),
            other => panic!("the table in memory does not know {other}"),
        }
    }

    fn transact(&self, writes: &[Value]) -> (u16, Value) {
        let reason = |write: &Value| match self.refused(write.get("Put").unwrap_or(&Value::Null)) {
            None => json!({ "Code": "None" }),
            Some(item) => json!({ "Code": "ConditionalCheckFailed", "Item": item }),
        };
        let reasons: Vec<Value> = writes.iter().map(reason).collect();
        if reasons.iter().any(|reason| reason["Code"] != "None") {
            return (400, json!({ "__type": "TransactionCanceledException", "CancellationReasons": reasons }));
        }
        for write in writes {
            drop(write.get("Put").map(|put| self.put(put)));
            drop(write.get("Update").map(|update| self.update(update)));
        }
        (200, json!({}))
    }

    /// What there is instead, if the condition of a put or an update does not hold.
    fn refused(&self, put: &Value) -> Option<Value> {
        let current = self.items().get(&place(put, put.get("Item").unwrap_or(&put["Key"]))).cloned();
        let holds = match put["ConditionExpression"].as_str() {
            None => true,
            Some("attribute_not_exists(pk)") => current.is_none(),
            Some("attribute_not_exists(version)") => current.as_ref().is_none_or(|item| item["version"].is_null()),
            Some("version = :read") => {
                current.as_ref().is_some_and(|item| item["version"] == put["ExpressionAttributeValues"][":read"])
            }
            Some(other) => panic!("the table in memory does not know the condition {other}"),
        };
        (!holds).then(|| current.unwrap_or_default())
    }

    fn put(&self, put: &Value) -> Value {
        self.items().insert(place(put, &put["Item"]), put["Item"].clone());
        json!({})
    }

    fn update(&self, update: &Value) -> Value {
        let sets = update["UpdateExpression"].as_str().and_then(|text| text.strip_prefix("SET ")).expect("it sets");
        let (sets, removed) = sets.split_once(" REMOVE ").unwrap_or((sets, ""));
        let mut items = self.items();
        let item = items.entry(place(update, &update["Key"])).or_insert_with(|| update["Key"].clone());
        for set in sets.split(", ") {
            let (name, value) = set.split_once(" = ").expect("an assignment");
            item[name] = computed(item, value, &update["ExpressionAttributeValues"]);
        }
        item.as_object_mut().expect("an item").retain(|name, _| !removed.split(", ").any(|removed| removed == name));
        json!({})
    }
}

/// `:a`, or `b + :a`, or `b - :a`.
fn computed(item: &Value, text: &str, values: &Value) -> Value {
    let number = |value: &Value| value["N"].as_str().and_then(|digits| digits.parse::<i64>().ok()).expect("a number");
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        [value] => values[value].clone(),
        [name, "+", value] => json!({ "N": (number(&item[name]) + number(&values[value])).to_string() }),
        [name, "-", value] => json!({ "N": (number(&item[name]) - number(&values[value])).to_string() }),
        _ => panic!("the table in memory does not compute {text}"),
    }
}

fn place(request: &Value, attributes: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&request["TableName"]), text(&attributes["pk"]["S"]))
}

fn grow(value: &mut Value, name: &str, keyed: &[&str]) {
    if let Some(entries) = value.get_mut("M").and_then(Value::as_object_mut) {
        entries.iter_mut().for_each(|(name, value)| grow(value, name, keyed));
        if !keyed.contains(&name) {
            entries.insert(LATER.0.to_owned(), json!({ "M": { "by": { "S": "a newer version" } } }));
        }
    }
    for element in value.get_mut("L").and_then(Value::as_array_mut).into_iter().flatten() {
        match element["S"].as_str() {
            Some(text) if !text.ends_with(LATER.1) => *element = json!({ "S": format!("{text}{}", LATER.1) }),
            _ => grow(element, "", keyed),
        }
    }
}

fn keeps(before: &Value, after: &Value, what: &str) {
    let entries = |value: &Value| value["M"].as_object().cloned().unwrap_or_default();
    let (old, new): (Map<String, Value>, Map<String, Value>) = (entries(before), entries(after));
    assert!(new.contains_key(LATER.0) || !old.contains_key(LATER.0) || after["M"].is_null(), "a key is lost, {what}");
    for (name, before) in old.iter().filter(|(name, _)| *name != LATER.0) {
        new.get(name).into_iter().for_each(|after| keeps(before, after, what));
    }
    let elements = |value: &Value| value["L"].as_array().cloned().unwrap_or_default();
    let after = elements(after);
    for (at, before) in elements(before).iter().enumerate() {
        let numbered = |element: &&Value| element["M"]["number"] == before["M"]["number"];
        let known = |text: &Value| text["S"].as_str().map(|text| text.trim_end_matches(LATER.1).to_owned());
        if let Some(text) = known(before) {
            let twin = after.iter().find(|after| known(after).as_ref() == Some(&text));
            assert!(twin.is_none_or(|twin| twin == before), "the words of {text:?} are lost, {what}");
        } else if before["M"]["number"].is_null() {
            after.get(at).into_iter().for_each(|after| keeps(before, after, what));
        } else {
            after.iter().find(numbered).into_iter().for_each(|after| keeps(before, after, what));
        }
    }
}
