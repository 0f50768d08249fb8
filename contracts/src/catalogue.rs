//! Every event type with its schema and samples: what `schemas/` and `samples/` are made from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::envelope::{ContractError, Deprecation, Envelope, EventData, Header, Instead, SCHEMA_BASE};
use crate::samples::{self, Samples};
use crate::{inventory, notifications, number, orders, payments, platform};

/// One event type as it is published.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name and major version, for example `OrderCreated.v1`.
    pub event_type: &'static str,
    /// The service that publishes it, for example `oms.orders`.
    pub source: &'static str,
    /// JSON Schema 2020-12 of the whole event, envelope included.
    pub schema: Value,
    /// Whole events, envelope included: one for each shape that the event can take.
    pub samples: Vec<Value>,
    /// The text of an event of this type, read and written again by the Rust type.
    pub written_again: fn(&str) -> Result<String, ContractError>,
}

/// Every event type, in the order of an order's life.
#[must_use]
pub fn all() -> Vec<Entry> {
    vec![
        entry::<orders::OrderCreated>(),
        entry::<inventory::InventoryReserved>(),
        entry::<inventory::InventoryRejected>(),
        entry::<payments::PaymentAttemptFailed>(),
        entry::<payments::PaymentSucceeded>(),
        entry::<payments::PaymentFailed>(),
        entry::<payments::PaymentVoided>(),
        entry::<payments::PaymentRefunded>(),
        entry::<payments::RefundFailed>(),
        entry::<orders::OrderConfirmed>(),
        entry::<inventory::InventoryCommitted>(),
        entry::<inventory::InventoryReleased>(),
        entry::<orders::OrderCompleted>(),
        entry::<orders::OrderCancelled>(),
        entry::<notifications::NotificationSent>(),
        entry::<notifications::NotificationFailed>(),
        entry::<inventory::StockAdjusted>(),
        entry::<platform::EventProcessingFailed>(),
    ]
}

/// Every released sample of a type, by the path of its file (feature `declaration`). A consumer may still receive such
/// events from the archive, or from a producer of an earlier version.
///
/// # Errors
/// A file that cannot be read.
#[cfg(feature = "declaration")]
pub fn released_samples(event_type: &str) -> std::io::Result<BTreeMap<PathBuf, Value>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/releases/samples"));
    let mut samples = BTreeMap::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let its = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{event_type}.")));
        if its {
            let sample = serde_json::from_slice(&std::fs::read(&path)?)?;
            samples.insert(path, sample);
        }
    }
    Ok(samples)
}

/// The folder of the golden events (feature `declaration`): what producers publish, byte for byte, as `TYPE.NUMBER.json`.
#[cfg(feature = "declaration")]
#[must_use]
pub fn golden_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/golden"))
}

/// The generated files, by path below the crate's folder.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for entry in all() {
        files.insert(PathBuf::from(format!("schemas/{}.json", entry.event_type)), pretty(&entry.schema));
        for (index, sample) in entry.samples.iter().enumerate() {
            files.insert(PathBuf::from(format!("samples/{}.{}.json", entry.event_type, index + 1)), pretty(sample));
        }
    }
    files
}

/// The text of a generated or released file.
#[must_use]
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// One event type. The schema's descriptions are the doc comments of the Rust type.
#[must_use]
pub fn entry<T: Samples>() -> Entry {
    // the second sample shows an event without `traceparent` and `hops`
    let samples = T::samples().into_iter().zip([true, false].into_iter().chain(std::iter::repeat(true)));
    let sample = |(data, whole): (T, bool)| json!(Envelope::new(data, samples::header(whole)));
    let samples: Vec<Value> = samples.map(sample).collect();
    let mut schema = schema::<T>();
    if let Some(root) = schema.as_object_mut() {
        root.insert("examples".into(), samples.iter().take(1).cloned().collect());
    }
    Entry { event_type: T::TYPE, source: T::SOURCE, schema, samples, written_again: written_again::<T> }
}

fn written_again<T: EventData>(text: &str) -> Result<String, ContractError> {
    let read = Envelope::<T>::parse(text)?;
    let header = Header {
        time: read.time,
        correlation_id: read.correlationid,
        causation_id: read.causationid,
        traceparent: read.traceparent,
        hops: read.hops.unwrap_or_default(),
        sequence: read.sequence.parse().unwrap_or_default(),
    };
    let written = Envelope::new(read.data, header);
    // a report's id is derived from what it is about, not from its place
    let id = if T::SOURCE == platform::SOURCE { read.id } else { written.id };
    Ok(Envelope { id, ..written }.to_json())
}

fn schema<T: EventData>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Envelope<T>>().to_value();
    tidy(&mut schema);
    pin_attributes::<T>(&mut schema);
    schema
}

/// Pins the attributes that are the same in every event of a type.
fn pin_attributes<T: EventData>(schema: &mut Value) {
    let id = format!("{SCHEMA_BASE}{}.json", T::TYPE);
    let description = schema.pointer(&format!("/$defs/{}/description", T::schema_name())).cloned();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".into(), json!(id));
        root.insert("title".into(), json!(T::TYPE));
        root.insert("description".into(), description.unwrap_or_default());
        root.extend(T::deprecation().map(announced).unwrap_or_default());
    }
    let pins: [(&str, Map<String, Value>); 7] = [
        ("specversion", constant("1.0")),
        ("source", constant(T::SOURCE)),
        ("type", constant(T::TYPE)),
        ("datacontenttype", constant("application/json")),
        ("dataschema", constant(&id)),
        ("id", pattern("^evt_[0-9a-f-]{36}$")),
        ("sequence", pattern("^[0-9]{10}$")),
    ];
    for (attribute, pinned) in pins {
        if let Some(property) = schema.pointer_mut(&format!("/properties/{attribute}")).and_then(Value::as_object_mut) {
            property.extend(pinned);
        }
    }
}

/// The announced end of a type as schema keywords. `deprecated` is JSON Schema's own; the others are ours.
fn announced(Deprecation { instead, sunset }: Deprecation) -> Map<String, Value> {
    let (keyword, text) = match instead {
        Instead::Consume(event_type) => ("x-superseded-by", event_type),
        Instead::Nothing { because } => ("x-retirement-reason", because),
    };
    Map::from_iter([
        ("deprecated".to_owned(), json!(true)),
        (keyword.to_owned(), json!(text)),
        ("x-sunset".to_owned(), json!(sunset)),
    ])
}

fn constant(value: &str) -> Map<String, Value> {
    Map::from_iter([("const".to_owned(), json!(value))])
}

fn pattern(value: &str) -> Map<String, Value> {
    Map::from_iter([("pattern".to_owned(), json!(value))])
}

/// Replaces `uint32` and the like, which JSON Schema does not define, by the bounds that they mean, unless the field has
/// closer ones. An optional field is absent, never null. Joins the lines of each doc comment.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some((minimum, maximum)) = object.get("format").and_then(Value::as_str).and_then(bounds) {
                object.remove("format");
                object.entry("minimum").or_insert(minimum);
                object.entry("maximum").or_insert(maximum);
            }
            let required = object.get("required").cloned().unwrap_or_default();
            for (name, field) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                if !required.as_array().is_some_and(|all| all.iter().any(|it| it == name)) {
                    without_null(field);
                }
            }
            if let Some(Value::String(description)) = object.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes from the schema of an `Option` that it may be null.
fn without_null(field: &mut Value) {
    if let Some(Value::Array(types)) = field.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_mut_slice() {
            let one = one.take();
            field["type"] = one;
        }
    }
    let is_null = |schema: &Value| schema.get("type").is_some_and(|one| one == "null");
    let Some(field) = field.as_object_mut() else { return };
    if let Some(Value::Array(either)) = field.get("anyOf")
        && let [Value::Object(value), null] = either.as_slice()
        && is_null(null)
    {
        let value = value.clone();
        field.remove("anyOf");
        field.extend(value);
    }
}

/// The smallest and largest value of an integer type of Rust, as far as every reader of JSON has them exactly.
fn bounds(format: &str) -> Option<(Value, Value)> {
    match format {
        "int32" => Some((json!(i32::MIN), json!(i32::MAX))),
        "uint32" => Some((json!(0), json!(u32::MAX))),
        "int64" => Some((json!(-number::MAX_SAFE.cast_signed()), json!(number::MAX_SAFE))),
        "uint64" => Some((json!(0), json!(number::MAX_SAFE))),
        _ => None,
    }
}
