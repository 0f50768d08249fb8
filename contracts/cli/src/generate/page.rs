//! `docs/message-schemas.md`: every event, described for people.

use std::fmt::Write as _;

use contracts::catalogue::Entry;
use contracts::declaration::{Consumed, Field};
use serde_json::Value;

use super::COMMAND;
use super::language::{Language, announced_end, description, summary};
use crate::tree::consumers::Outside;

mod fields;
mod map;

/// Shown instead of a version before the first release of a type.
const UNRELEASED: &str = "unreleased";

/// The page.
pub fn page(language: &Language) -> String {
    let mut text = head(language);
    text.push_str(&map::map(language));
    text.push_str(&contents(language));
    text.push_str(&envelope(language));
    text.push_str(&outside(language));
    for source in language.sources() {
        let _infallible = writeln!(text, "\n## {source}");
        for entry in language.entries.iter().filter(|entry| entry.source == source) {
            text.push_str(&section(language, entry));
        }
    }
    text.push_str(&fields::shared(&language.entries));
    text
}

fn head(language: &Language) -> String {
    format!(
        "# Message schemas

Every event that the services publish: {count} types, version {version}.
`{COMMAND}` generates this page from the Rust types in [contracts/src](../contracts/src), their doc comments, each service's `events.toml` and the
[releases](../contracts/releases). For machines: [JSON Schemas](../contracts/schemas), [samples](../contracts/samples), [AsyncAPI](../contracts/asyncapi.json).

- An event's type names its major version. Within a major, only optional fields and values of open enumerations are added.
- Ignore unknown fields. An optional field is absent where it has no value; it is never null.
- An enumeration is open or closed, as the field's type says. An open one may have new values in any release: have a general case for them. A closed one has all its values.
- An integer may be written `2` or `2.0`, and is at most 9007199254740991 (2⁵³−1), which every language has exactly.
- Delivery is at least once and in no order. A repeated event has the same `id`.
- Money is a whole number of minor units (cents for EUR) with its ISO 4217 currency. Times are RFC 3339 in UTC.
- No event contains an e-mail address, a postal address or a card number.
",
        count = language.entries.len(),
        version = language.version(),
    )
}

fn contents(language: &Language) -> String {
    let mut text =
        "\n## Contents\n\n| event | when | published by | consumed by | since |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for entry in &language.entries {
        let consumers: Vec<&str> = language.consumers(entry.event_type).iter().map(|(service, _)| *service).collect();
        let ends = if announced_end(&entry.schema).is_some() { "deprecated: " } else { "" };
        let _infallible = writeln!(
            text,
            "| {} | {ends}{} | {} | {} | {} |",
            link(entry.event_type),
            cell(summary(description(&entry.schema))),
            language.producers(entry.event_type).join(", "),
            consumers.join(", "),
            since(language, entry.event_type),
        );
    }
    text
}

fn envelope(language: &Language) -> String {
    let Some(entry) = language.entries.first() else { return String::new() };
    let mut schema = entry.schema.clone();
    if let Some(attributes) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        attributes.remove("data");
    }
    format!(
        "
## Envelope

Each event is a [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) object with these attributes; its type defines `data`.
It is the `detail` of an EventBridge event, whose `source` and `detail-type` equal the attributes `source` and `type`. EventBridge's own `id` changes with every
repetition: use the `id` of the envelope.

{}
{}
A whole event, {}:

{}",
        fields::table(&schema, &fields::rows(&schema, "")),
        readers_of_all(language),
        link(entry.event_type),
        entry.samples.first().map(block).unwrap_or_default(),
    )
}

fn readers_of_all(language: &Language) -> String {
    let mut text = "| service | reads of every event | if present |\n| --- | --- | --- |\n".to_owned();
    for declaration in language.declared().filter(|declaration| !declaration.consumes.is_empty()) {
        let (reads, if_present) = (listed(&declaration.envelope), listed(&declaration.envelope_if_present));
        let _infallible = writeln!(text, "| {} | {reads} | {if_present} |", service(language, &declaration.service));
    }
    text
}

/// Consumers outside this repository; empty if there are none.
fn outside(language: &Language) -> String {
    let row = |(name, Outside { contact, url }): (&str, &Outside)| {
        let kept = url.as_ref().map(|url| format!("[declaration]({url})")).unwrap_or_default();
        format!("| {} | {} | {kept} |\n", service(language, name), cell(contact))
    };
    let rows: String = language.outside().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("\n## Consumers outside this repository\n\n| consumer | contact | keeps |\n| --- | --- | --- |\n{rows}")
}

fn section(language: &Language, entry: &Entry) -> String {
    let event_type = entry.event_type;
    let mut text = format!("\n### {event_type}\n\n{}\n\n", description(&entry.schema));
    if let Some(end) = announced_end(&entry.schema) {
        let _infallible = writeln!(text, "{end}\n");
    }
    let producers: Vec<String> =
        language.producers(event_type).into_iter().map(|name| service(language, name)).collect();
    let samples: Vec<String> = (1..=entry.samples.len())
        .map(|number| format!("[{number}](../contracts/samples/{event_type}.{number}.json)"))
        .collect();
    let data = entry.schema.pointer("/properties/data").cloned().unwrap_or_default();
    let _infallible = write!(
        text,
        "Published by {} · {} · [schema](../contracts/schemas/{event_type}.json) · samples {}\n\n{}\n{}\n{}",
        if producers.is_empty() { "no service".to_owned() } else { producers.join(", ") },
        language.since(event_type).map_or_else(|| UNRELEASED.to_owned(), |version| format!("since {version}")),
        samples.join(" "),
        fields::table(&entry.schema, &fields::rows_below(&entry.schema, &data, "/data")),
        readers(language, &language.consumers(event_type)),
        entry.samples.first().and_then(|sample| sample.get("data")).map(block).unwrap_or_default(),
    );
    text
}

fn readers(language: &Language, consumers: &[(&str, &Consumed)]) -> String {
    if consumers.is_empty() {
        return "No service consumes it.\n".to_owned();
    }
    let mut text = "| consumed by | reads | if present |\n| --- | --- | --- |\n".to_owned();
    for (name, consumed) in consumers {
        let (reads, if_present) = (listed(&consumed.reads), listed(&consumed.reads_if_present));
        let _infallible = writeln!(text, "| {} | {reads} | {if_present} |", service(language, name));
    }
    text
}

fn listed<'a>(fields: impl IntoIterator<Item = &'a Field>) -> String {
    fields.into_iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

fn since(language: &Language, event_type: &str) -> String {
    language.since(event_type).map_or_else(|| UNRELEASED.to_owned(), |version| version.to_string())
}

fn service(language: &Language, name: &str) -> String {
    if language.outside().any(|(outside, _)| outside == name) {
        return format!("[{name}](../contracts/consumers/{name}.toml)");
    }
    format!("[{name}](../services/{name})")
}

fn link(event_type: &str) -> String {
    format!("[{event_type}](#{})", event_type.to_lowercase().replace('.', ""))
}

fn block(value: &Value) -> String {
    format!("```json\n{value:#}\n```\n")
}

/// A text, escaped for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
