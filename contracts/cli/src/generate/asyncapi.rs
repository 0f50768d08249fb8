//! `contracts/asyncapi.json`: the events as an AsyncAPI 3.0 document.

use contracts::catalogue::Entry;
use contracts::declaration::{Consumed, Field};
use serde_json::{Map, Value, json};

use super::language::{Language, announced_end, description, summary};
use super::{COMMAND, dialect};
use crate::tree::Declared;
use crate::tree::consumers::Outside;

/// The document.
pub fn document(language: &Language) -> String {
    let mut messages = Map::new();
    let mut schemas = Map::new();
    let mut channels = Map::new();
    let mut operations = Map::new();
    for entry in &language.entries {
        messages.insert(entry.event_type.into(), message(entry));
        schemas.extend(parts(entry));
        channels.insert(entry.event_type.into(), channel(entry));
        operations.extend(sends(language, entry));
        operations.extend(receives(language, entry));
    }
    let document = json!({
        "asyncapi": "3.0.0",
        "id": "urn:oms:events",
        "info": info(language),
        "defaultContentType": "application/json",
        "servers": { "bus": bus() },
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    });
    format!("{document:#}\n")
}

fn info(language: &Language) -> Value {
    let tag = |(service, declared): (&String, &Declared)| {
        let description = match &declared.outside {
            None => format!("The events that {service} publishes and consumes."),
            Some(Outside { contact, .. }) => {
                format!("The events that {service} consumes, outside this repository. Contact: {contact}.")
            }
        };
        json!({ "name": service, "description": description })
    };
    let tags: Vec<Value> = language.declarations.iter().map(tag).collect();
    json!({
        "title": "Order management: events",
        "version": language.version(),
        "description": format!(
            "Every event that the services publish. `{COMMAND}` generates this document from the Rust types, their doc comments \
             and each service's `events.toml`.\n\nA message is a CloudEvents 1.0 object. It is the `detail` of an EventBridge event, whose \
             `source` and `detail-type` equal the message's `source` and `type`. A consumer's SQS queue delivers the whole EventBridge \
             event. Delivery is at least once and in no order; a repeated event has the same `id`.\n\nThe major version is part of the \
             type's name. Within a major, only optional fields and values of open enumerations are added: ignore unknown fields, and \
             have a general case for unknown values."
        ),
        "tags": tags,
    })
}

fn bus() -> Value {
    json!({
        "host": "events.{region}.amazonaws.com",
        "protocol": "eventbridge",
        "title": "The bus",
        "description": "The EventBridge bus `oms-{stage}`. Rules route each event to the queue of every service that consumes it.",
        "variables": { "region": { "description": "The AWS region of the installation.", "examples": ["eu-central-1"] } },
        "x-event-bus-name": "oms-{stage}",
    })
}

fn channel(entry: &Entry) -> Value {
    json!({
        "address": entry.event_type,
        "title": entry.event_type,
        "summary": summary(description(&entry.schema)),
        "description": format!("Events with the source `{}` and the detail-type `{}`.", entry.source, entry.event_type),
        "servers": [{ "$ref": "#/servers/bus" }],
        "messages": { entry.event_type: { "$ref": format!("#/components/messages/{}", entry.event_type) } },
    })
}

fn message(entry: &Entry) -> Value {
    let mut tags = vec![json!({ "name": entry.source })];
    let mut text = description(&entry.schema).to_owned();
    if let Some(end) = announced_end(&entry.schema) {
        tags.push(json!({ "name": "deprecated" }));
        text = format!("{end} {text}");
    }
    let example = |(index, payload): (usize, &Value)| json!({ "name": format!("{}.{}", entry.event_type, index + 1), "payload": payload });
    json!({
        "name": entry.event_type,
        "title": entry.event_type,
        "summary": summary(description(&entry.schema)),
        "description": text,
        "contentType": "application/json",
        "correlationId": { "location": "$message.payload#/correlationid", "description": "Constant for the whole saga of an order." },
        "payload": { "$ref": format!("#/components/schemas/{}", entry.event_type) },
        "examples": entry.samples.iter().enumerate().map(example).collect::<Vec<_>>(),
        "tags": tags,
    })
}

/// The payload's schema and its definitions, named by the event type because another major's may differ.
fn parts(entry: &Entry) -> Vec<(String, Value)> {
    let plain = dialect::plain(&entry.schema, &|name| format!("#/components/schemas/{}.{name}", entry.event_type));
    let definitions =
        plain.definitions.into_iter().map(|(name, schema)| (format!("{}.{name}", entry.event_type), schema));
    definitions.chain([(entry.event_type.to_owned(), plain.schema)]).collect()
}

fn sends(language: &Language, entry: &Entry) -> Vec<(String, Value)> {
    let send = |service: &str| {
        let mut operation = operation(entry, service, "send");
        operation["title"] = json!(format!("{service} publishes {}", entry.event_type));
        operation["summary"] = json!(summary(description(&entry.schema)));
        (format!("{service}.publishes.{}", entry.event_type), operation)
    };
    language.producers(entry.event_type).into_iter().map(send).collect()
}

fn receives(language: &Language, entry: &Entry) -> Vec<(String, Value)> {
    let receive = |(service, consumed): (&str, &Consumed)| {
        let mut operation = operation(entry, service, "receive");
        operation["title"] = json!(format!("{service} consumes {}", entry.event_type));
        operation["summary"] =
            json!(format!("{service} reads {}.", listed(consumed.reads.iter().chain(&consumed.reads_if_present))));
        if language.declarations.get(service).is_some_and(|declared| declared.outside.is_none()) {
            operation["bindings"] = json!({ "sqs": { "queues": [{ "name": format!("oms-{{stage}}-{service}"), "fifoQueue": false }], "bindingVersion": "0.2.0" } });
        }
        (format!("{service}.consumes.{}", entry.event_type), operation)
    };
    language.consumers(entry.event_type).into_iter().map(receive).collect()
}

fn operation(entry: &Entry, service: &str, action: &str) -> Value {
    let channel = format!("#/channels/{}", entry.event_type);
    json!({
        "action": action,
        "messages": [{ "$ref": format!("{channel}/messages/{}", entry.event_type) }],
        "channel": { "$ref": channel },
        "tags": [{ "name": service }],
    })
}

fn listed<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    let fields: Vec<String> = fields.map(|field| format!("`{field}`")).collect();
    if fields.is_empty() { "only the envelope".to_owned() } else { fields.join(", ") }
}
