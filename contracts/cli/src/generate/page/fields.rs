//! Fields of an event as rows of a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use contracts::catalogue::Entry;
use contracts::declaration::field::resolved;
use serde_json::{Map, Value};

use super::cell;
use crate::generate::dialect::{constants, later};
use crate::generate::language::description;

/// One field.
pub struct Row<'a> {
    pointer: String,
    required: bool,
    schema: &'a Value,
}

/// The fields of a schema in the order of their declaration; nested fields follow the field that contains them.
pub fn rows<'a>(root: &'a Value, at: &str) -> Vec<Row<'a>> {
    rows_below(root, root, at)
}

/// The fields of a part of a schema.
pub fn rows_below<'a>(root: &'a Value, part: &'a Value, at: &str) -> Vec<Row<'a>> {
    let object = resolved(root, part);
    let Some(properties) = object.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    // a schema's properties are sorted by name; `required` has those that it names in the order of the Rust type
    let optional = properties.keys().map(String::as_str).filter(|name| !required.contains(name));
    let mut rows = Vec::new();
    for name in required.iter().copied().chain(optional) {
        let Some(schema) = properties.get(name) else { continue };
        let pointer = format!("{at}/{name}");
        let inner = resolved(root, schema);
        let nested = match inner.get("items") {
            Some(items) => rows_below(root, items, &format!("{pointer}/*")),
            None => rows_below(root, inner, &pointer),
        };
        rows.push(Row { pointer, required: required.contains(&name), schema });
        rows.extend(nested);
    }
    rows
}

/// The rows as a table.
pub fn table(root: &Value, rows: &[Row]) -> String {
    let mut text = "| field | type | required | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for row in rows {
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            row.pointer,
            kind(root, row.schema),
            if row.required { "yes" } else { "no" },
            cell(&meaning(root, row.schema)),
        );
    }
    text
}

fn kind(root: &Value, schema: &Value) -> String {
    let inner = resolved(root, schema);
    let keyword = |keyword: &str| inner.get(keyword).and_then(Value::as_str);
    let number = |keyword: &str| inner.get(keyword).and_then(Value::as_u64);
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
    match (keyword("type"), named) {
        (Some("string"), Some(name)) => format!("[{name}](#shared-types)"),
        (None, Some(_)) if later(inner.as_object().unwrap_or(&Map::new())).is_some() => "one of, open".to_owned(),
        (None, Some(_)) => "one of, closed".to_owned(),
        (Some("string"), None) if keyword("format") == Some("date-time") => "time".to_owned(),
        (Some("array"), _) => match (number("minItems"), number("maxItems")) {
            (Some(least), Some(most)) => format!("list of {least} to {most}"),
            (_, None) | (None, _) => "list".to_owned(),
        },
        (Some("integer"), _) => range(inner),
        (Some(other), _) => other.to_owned(),
        (None, None) => "any".to_owned(),
    }
}

/// An integer's bounds. 2⁵³−1 is that of every integer, so it is not said.
fn range(schema: &Value) -> String {
    let number = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
    let most = number("maximum").filter(|most| *most < (1 << 53) - 1);
    match (number("minimum").filter(|least| *least > 1 - (1 << 53)), most) {
        (Some(least), Some(most)) => format!("integer, {least} to {most}"),
        (Some(least), None) => format!("integer, at least {least}"),
        (None, Some(most)) => format!("integer, at most {most}"),
        (None, None) => "integer".to_owned(),
    }
}

/// The field's description, with the meaning of each value of an enumeration.
fn meaning(root: &Value, schema: &Value) -> String {
    let inner = resolved(root, schema);
    let values = constants(inner.as_object().unwrap_or(&Map::new()));
    let description = description(schema).to_owned();
    values.into_iter().fold(description, |text, (value, meaning)| format!("{text}<br>`{value}`: {meaning}"))
}

/// A table of the text types that several events share, such as ids.
pub fn shared(entries: &[Entry]) -> String {
    let mut found: BTreeMap<&str, &Value> = BTreeMap::new();
    for entry in entries {
        for (name, definition) in entry.schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            if definition.get("pattern").is_some() {
                found.insert(name, definition);
            }
        }
    }
    let mut text =
        "\n## Shared types\n\n| type | meaning | pattern | example |\n| --- | --- | --- | --- |\n".to_owned();
    for (name, definition) in found {
        let member = |pointer: &str| cell(definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        let (pattern, example) = (member("/pattern"), member("/examples/0"));
        let _infallible = writeln!(text, "| {name} | {} | `{pattern}` | `{example}` |", cell(description(definition)));
    }
    text
}
