//! A field of an event: found in schemas, taken from events, removed, replaced.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON pointer in which `*` stands for every item of a list, for example `/data/lines/*/sku`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Field(String);

impl Field {
    /// The pointer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this field is `other`, or contains it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn steps(&self) -> Vec<&str> {
        self.0.split('/').skip(1).collect()
    }

    fn child(&self, step: &str) -> Self {
        Self(format!("{}/{step}", self.0))
    }
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let steps = text.strip_prefix('/').map(|rest| rest.split('/').all(|step| !step.is_empty()));
        match steps {
            Some(true) => Ok(Self(text)),
            _ => Err(format!("`{text}` is not a pointer to a field, such as /data/orderId or /data/lines/*/sku")),
        }
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.0
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every field that a schema names, at every depth.
#[must_use]
pub fn of_schema(schema: &Value) -> BTreeSet<Field> {
    let mut found = BTreeSet::new();
    collect(schema, schema, &Field(String::new()), &mut found);
    found
}

/// Every field that an event has, at every depth.
#[must_use]
pub fn of_event(event: &Value) -> BTreeSet<Field> {
    let mut found = BTreeSet::new();
    present(event, &Field(String::new()), &mut found);
    found
}

fn present(value: &Value, at: &Field, found: &mut BTreeSet<Field>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let field = at.child(name);
        present(value, &field, found);
        found.insert(field);
    }
    for item in value.as_array().into_iter().flatten() {
        present(item, &at.child("*"), found);
    }
}

fn collect(root: &Value, schema: &Value, at: &Field, found: &mut BTreeSet<Field>) {
    let schema = resolved(root, schema);
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let field = at.child(name);
        collect(root, property, &field, found);
        found.insert(field);
    }
    if let Some(items) = schema.get("items") {
        collect(root, items, &at.child("*"), found);
    }
}

/// The part of a schema that describes a field, with each `$ref` followed; `None` if the schema does not name it.
#[must_use]
pub fn describe<'a>(schema: &'a Value, field: &Field) -> Option<&'a Value> {
    field.steps().into_iter().try_fold(schema, |part, step| {
        let part = resolved(schema, part);
        if step == "*" { part.get("items") } else { part.get("properties")?.get(step) }
    })
}

/// A schema, or the definition that its `$ref` names.
#[must_use]
pub fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target =
        schema.get("$ref").and_then(Value::as_str).and_then(|target| root.pointer(target.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// The event reduced to these fields.
#[must_use]
pub fn strip(event: &Value, fields: &[&Field]) -> Value {
    let mut stripped = Value::Object(Map::new());
    for field in fields {
        copy(event, &mut stripped, &field.steps());
    }
    stripped
}

fn copy(from: &Value, to: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        *to = from.clone();
        return;
    };
    match (from, *step) {
        (Value::Array(items), "*") => {
            if !to.is_array() {
                *to = Value::Array(vec![Value::Object(Map::new()); items.len()]);
            }
            for (from, to) in items.iter().zip(to.as_array_mut().into_iter().flatten()) {
                copy(from, to, rest);
            }
        }
        (Value::Object(fields), name) => {
            let (Some(from), Some(to)) = (fields.get(name), to.as_object_mut()) else { return };
            copy(from, to.entry(name).or_insert_with(|| Value::Object(Map::new())), rest);
        }
        _ => {}
    }
}

/// The event without this field; `None` if it does not have it.
#[must_use]
pub fn without(event: &Value, field: &Field) -> Option<Value> {
    let mut event = event.clone();
    visit(&mut event, &field.steps(), &mut |object, name| object.remove(name).is_some()).then_some(event)
}

/// The event with another value in this field; `None` if it does not have it.
#[must_use]
pub fn with(event: &Value, field: &Field, value: &Value) -> Option<Value> {
    let mut event = event.clone();
    let mut set =
        |object: &mut Map<String, Value>, name: &str| object.get_mut(name).map(|old| *old = value.clone()).is_some();
    visit(&mut event, &field.steps(), &mut set).then_some(event)
}

fn visit(value: &mut Value, steps: &[&str], act: &mut impl FnMut(&mut Map<String, Value>, &str) -> bool) -> bool {
    match (value, steps) {
        (Value::Object(object), [name]) => act(object, name),
        (Value::Object(object), [name, rest @ ..]) => object.get_mut(*name).is_some_and(|v| visit(v, rest, act)),
        (Value::Array(items), ["*", rest @ ..]) => {
            let mut any = false;
            for item in items {
                any |= visit(item, rest, act);
            }
            any
        }
        _ => false,
    }
}

/// The event with an unknown field in every object of its `data`, and an unknown attribute.
#[must_use]
pub fn with_unknown_fields(event: &Value) -> Value {
    let mut event = event.clone();
    if let Some(data) = event.get_mut("data") {
        extend(data);
    }
    if let Some(attributes) = event.as_object_mut() {
        attributes.insert("addedlater".into(), "by a newer minor version".into());
    }
    event
}

fn extend(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(extend);
            object.insert("addedLater".into(), serde_json::json!({ "by": ["a newer minor version"] }));
        }
        Value::Array(items) => items.iter_mut().for_each(extend),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(text: &str) -> Field {
        Field::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_stripped_event_has_only_the_named_fields() {
        let event =
            json!({ "id": 1, "data": { "orderId": "o", "lines": [{ "sku": "a", "n": 1 }, { "sku": "b", "n": 2 }] } });
        let stripped = strip(&event, &[&field("/data/lines/*/sku"), &field("/id"), &field("/absent")]);
        assert_eq!(stripped, json!({ "id": 1, "data": { "lines": [{ "sku": "a" }, { "sku": "b" }] } }));
        assert_eq!(strip(&event, &[&field("/data/lines")])["data"]["lines"][1]["n"], 2);
    }

    #[test]
    fn a_field_is_taken_from_every_item_of_a_list() {
        let event = json!({ "lines": [{ "sku": "a", "n": 1 }, { "sku": "b" }] });
        assert_eq!(without(&event, &field("/lines/*/n")), Some(json!({ "lines": [{ "sku": "a" }, { "sku": "b" }] })));
        assert_eq!(without(&event, &field("/lines/*/price")), None);
        assert_eq!(with(&event, &field("/lines/*/sku"), &json!("c")).unwrap()["lines"][1]["sku"], "c");
    }

    #[test]
    fn a_text_that_is_not_a_pointer_is_refused() {
        for bad in ["", "/", "data/orderId", "/data//orderId", "/data/"] {
            assert!(Field::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(field("/data/lines").covers(&field("/data/lines/*/sku")));
        assert!(!field("/data/line").covers(&field("/data/lines")));
    }
}
