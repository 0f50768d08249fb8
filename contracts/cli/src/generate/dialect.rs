//! Schemas in older dialects of JSON Schema.
//!
//! Before 2019-09 a `$ref` hides every keyword next to it, so a field's own description would be lost: the reference is
//! replaced by its target. A closed enumeration becomes an `enum`, which every code generator supports. An open one becomes a
//! text with the pattern of its later values and those that are known as examples: an `enum` would refuse the later ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// A schema without `$defs`, and those definitions that it still refers to.
pub struct Plain {
    /// The schema.
    pub schema: Value,
    /// The definitions, by their names in the original.
    pub definitions: BTreeMap<String, Value>,
}

/// Converts a schema of 2020-12 to keywords that draft-07 has too. Drops the root's identity and examples, which a
/// document holds elsewhere. `place` is the reference to the definition of a name. Event types are finite trees, so the
/// conversion ends.
pub fn plain(schema: &Value, place: &dyn Fn(&str) -> String) -> Plain {
    let mut root = schema.as_object().cloned().unwrap_or_default();
    let defined: BTreeMap<String, Value> =
        root.remove("$defs").and_then(|defs| serde_json::from_value(defs).ok()).unwrap_or_default();
    for keyword in ["$schema", "$id", "examples"] {
        root.remove(keyword);
    }
    let spell = |schema: &Value| each(schema, &|keywords| spelled_out(keywords, &defined, place));
    let schema = spell(&Value::Object(root));
    let mut definitions = BTreeMap::new();
    let mut wanted = references(&schema);
    while let Some(reference) = wanted.pop_first() {
        let found = defined.iter().find(|(name, _)| !definitions.contains_key(*name) && place(name) == reference);
        if let Some((name, definition)) = found {
            let definition = spell(definition);
            wanted.extend(references(&definition));
            definitions.insert(name.clone(), definition);
        }
    }
    Plain { schema, definitions }
}

/// Converts a schema to draft-04, which has neither `const` nor `examples`.
pub fn draft_04(schema: &Value) -> Value {
    each(schema, &|mut keywords| {
        keywords.remove("examples");
        if let Some(only) = keywords.remove("const") {
            keywords.insert("enum".into(), json!([only]));
        }
        keywords
    })
}

fn spelled_out(
    keywords: Map<String, Value>,
    defined: &BTreeMap<String, Value>,
    place: &dyn Fn(&str) -> String,
) -> Map<String, Value> {
    let mut keywords = flattened(keywords);
    let Some(name) = keywords.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/")) else {
        return keywords;
    };
    let name = name.to_owned();
    if keywords.len() == 1 {
        return Map::from_iter([("$ref".to_owned(), json!(place(&name)))]);
    }
    keywords.remove("$ref");
    let named = each(&defined.get(&name).cloned().unwrap_or_default(), &|inner| spelled_out(inner, defined, place));
    let mut merged = named.as_object().cloned().unwrap_or_default();
    merged.insert("title".into(), json!(name));
    let description = joined(keywords.remove("description"), merged.remove("description"));
    merged.extend(description.map(|it| ("description".to_owned(), it)));
    merged.extend(keywords);
    merged
}

/// An enumeration without a schema for each value; the description holds the meaning of each.
fn flattened(mut keywords: Map<String, Value>) -> Map<String, Value> {
    let constants = constants(&keywords);
    if constants.is_empty() {
        return keywords;
    }
    let meanings: Vec<String> = constants.iter().map(|(value, meaning)| format!("`{value}`: {meaning}")).collect();
    let values: Vec<&str> = constants.iter().map(|(value, _)| value.as_str()).collect();
    let listed = json!(values);
    let description = joined(keywords.remove("description"), Some(json!(meanings.join(" "))));
    keywords.extend(description.map(|it| ("description".to_owned(), it)));
    keywords.insert("type".to_owned(), json!("string"));
    match later(&keywords).cloned() {
        Some(later) => keywords.extend([("pattern".to_owned(), later), ("examples".to_owned(), listed)]),
        None => keywords.extend([("enum".to_owned(), listed)]),
    }
    keywords.retain(|keyword, _| keyword != "oneOf" && keyword != "anyOf");
    keywords
}

/// The values of an enumeration with their meanings; empty if the schema is not an enumeration.
pub fn constants(keywords: &Map<String, Value>) -> Vec<(String, String)> {
    let texts = |one: &Value| {
        let text = |keyword: &str| one.get(keyword).and_then(Value::as_str).map(str::to_owned);
        Some((text("const")?, text("description").unwrap_or_default()))
    };
    let listed = |keyword: &str| keywords.get(keyword).and_then(Value::as_array).map(Vec::as_slice);
    let values = match (listed("oneOf"), listed("anyOf")) {
        (Some(values), _) | (None, Some([values @ .., _])) => values,
        (None, _) => &[],
    };
    values.iter().map(texts).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The pattern of the values that later releases of an open enumeration may add; `None` if it is closed.
pub fn later(keywords: &Map<String, Value>) -> Option<&Value> {
    keywords.get("anyOf")?.as_array()?.last()?.get("pattern")
}

fn joined(first: Option<Value>, second: Option<Value>) -> Option<Value> {
    match (first, second) {
        (Some(Value::String(first)), Some(Value::String(second))) if first != second => {
            Some(json!(format!("{first} {second}")))
        }
        (first, second) => first.or(second),
    }
}

/// A schema with `change` made to it and to every schema in it, the inner ones first.
fn each(schema: &Value, change: &dyn Fn(Map<String, Value>) -> Map<String, Value>) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    let inner = |(keyword, value): (&String, &Value)| {
        let value = match (keyword.as_str(), value) {
            ("properties" | "definitions", Value::Object(named)) => {
                named.iter().map(|(name, schema)| (name.clone(), each(schema, change))).collect()
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => all.iter().map(|schema| each(schema, change)).collect(),
            ("items" | "additionalProperties", schema) => each(schema, change),
            (_, value) => value.clone(),
        };
        (keyword.clone(), value)
    };
    Value::Object(change(keywords.iter().map(inner).collect()))
}

fn references(schema: &Value) -> BTreeSet<String> {
    match schema {
        Value::Object(keywords) => {
            let own = keywords.get("$ref").and_then(Value::as_str).map(str::to_owned);
            keywords.values().flat_map(references).chain(own).collect()
        }
        Value::Array(all) => all.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Value {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/a.json",
            "$defs": {
                "Line": { "type": "object", "properties": { "sku": { "$ref": "#/$defs/Sku", "description": "What." } } },
                "Sku": { "type": "string", "description": "A sku.", "examples": ["A"] },
                "Reason": { "description": "Why.", "oneOf": [
                    { "const": "A", "description": "First." }, { "const": "B", "description": "Second." }] },
            },
            "type": "object",
            "properties": {
                "lines": { "type": "array", "items": { "$ref": "#/$defs/Line" } },
                "reason": { "$ref": "#/$defs/Reason", "description": "Its reason." },
                "const": { "const": "1.0" },
            },
        })
    }

    #[test]
    fn a_description_next_to_a_reference_is_preserved() {
        let plain = plain(&given(), &|name| format!("#/parts/{name}"));
        assert_eq!(plain.schema["properties"]["lines"]["items"], json!({ "$ref": "#/parts/Line" }));
        let sku = json!({ "type": "string", "title": "Sku", "description": "What. A sku.", "examples": ["A"] });
        assert_eq!(plain.definitions["Line"]["properties"]["sku"], sku);
        assert_eq!(plain.definitions.len(), 1, "a definition without a reference is left out");
        assert_eq!(plain.schema.get("$id"), None);
    }

    #[test]
    fn constants_become_an_enum_with_their_meanings() {
        let reason = &plain(&given(), &str::to_owned).schema["properties"]["reason"];
        assert_eq!(reason["enum"], json!(["A", "B"]));
        assert_eq!(reason["description"], "Its reason. Why. `A`: First. `B`: Second.");
    }

    #[test]
    fn an_open_enumeration_becomes_a_text_with_the_pattern_of_its_later_values() {
        let open = json!({ "description": "Why.", "anyOf": [
            { "const": "A", "description": "First." }, { "type": "string", "pattern": "^[A-Z]+$", "description": "Later." }] });
        let wanted =
            json!({ "description": "Why. `A`: First.", "type": "string", "pattern": "^[A-Z]+$", "examples": ["A"] });
        assert_eq!(plain(&open, &str::to_owned).schema["anyOf"], Value::Null);
        let inside = plain(&json!({ "properties": { "reason": open } }), &str::to_owned).schema;
        assert_eq!(inside["properties"]["reason"], wanted);
    }

    #[test]
    fn draft_04_has_neither_const_nor_examples_but_fields_of_these_names() {
        let schema = draft_04(&plain(&given(), &str::to_owned).schema);
        assert_eq!(schema["properties"]["const"], json!({ "enum": ["1.0"] }));
        assert_eq!(draft_04(&json!({ "type": "string", "examples": ["A"] })), json!({ "type": "string" }));
    }
}
