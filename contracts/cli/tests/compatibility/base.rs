//! The released event that every case changes, and who reads what of it.

use serde_json::{Value, json};

/// The event's type.
pub const TYPE: &str = "OrderCreated.v1";

/// Three services: one strict, one tolerant, one that reads a field if it is there.
pub const SERVICES: [&str; 3] = [
    r#"
    service = "shipping"
    source = "oms.shipping"
    envelope = ["/id", "/type"]
    [consumes."OrderCreated.v1"]
    reads = ["/data/orderId", "/data/lines/*/sku", "/data/channel"]
    "#,
    r#"
    service = "mailing"
    source = "oms.mailing"
    envelope = ["/id"]
    [consumes."OrderCreated.v1"]
    reads = ["/data/orderId", "/data/channel", "/data/priority", "/data/total", "/data/reason"]
    "#,
    r#"
    service = "billing"
    source = "oms.billing"
    [consumes."OrderCreated.v1"]
    reads = ["/data/total", "/data/currency", "/data/giftWrap", "/data/reason", "/data/count"]
    reads_if_present = ["/data/note"]
    "#,
];

/// The form of every value of an open enumeration.
pub const LATER: &str = "^[A-Z][A-Z0-9_]{0,63}$";

/// The released schema.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://schemas.oms.example/events/OrderCreated.v1.json",
        "title": "OrderCreated.v1",
        "description": "An order was accepted.",
        "type": "object",
        "properties": {
            "id": { "type": "string", "pattern": "^evt_" },
            "type": { "type": "string", "const": "OrderCreated.v1" },
            "source": { "type": "string", "const": "oms.orders" },
            "data": { "$ref": "#/$defs/Data", "description": "What happened." },
        },
        "required": ["id", "type", "source", "data"],
        "$defs": {
            "Data": {
                "type": "object",
                "properties": {
                    "orderId": { "$ref": "#/$defs/OrderId", "description": "The order." },
                    "lines": {
                        "type": "array", "minItems": 1, "maxItems": 100, "items": { "$ref": "#/$defs/Line" },
                    },
                    "total": { "type": "integer", "minimum": 0, "maximum": 1_000_000 },
                    "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
                    "placedAt": { "type": "string", "format": "date-time" },
                    "note": { "type": "string", "maxLength": 200 },
                    "channel": { "$ref": "#/$defs/Channel" },
                    "priority": { "type": "string", "enum": ["LOW", "HIGH"] },
                    "origin": { "type": "string", "enum": ["WEB", "APP"] },
                    "reason": { "$ref": "#/$defs/Reason" },
                    "source": { "$ref": "#/$defs/Source" },
                    "count": { "type": "integer", "minimum": 0, "maximum": u32::MAX },
                },
                "required": ["orderId", "lines", "total", "currency", "placedAt", "channel", "priority", "origin"],
            },
            "OrderId": { "type": "string", "pattern": "^ord_", "examples": ["ord_1"] },
            "Channel": { "oneOf": [
                { "type": "string", "const": "SHOP", "description": "In the shop." },
                { "type": "string", "const": "PHONE", "description": "By telephone." },
            ] },
            "Reason": { "anyOf": [
                { "type": "string", "const": "GIFT", "description": "For another person." },
                { "type": "string", "const": "STOCK", "description": "For a store." },
                { "type": "string", "pattern": LATER, "description": "A value of a later release." },
            ] },
            "Source": { "anyOf": [
                { "type": "string", "const": "BASKET", "description": "From a basket." },
                { "type": "string", "pattern": LATER, "description": "A value of a later release." },
            ] },
            "Line": {
                "type": "object",
                "properties": {
                    "sku": { "type": "string" },
                    "quantity": { "type": "integer", "minimum": 1 },
                },
                "required": ["sku", "quantity"],
            },
        },
    })
}

/// Sets a keyword of the root, by JSON pointer; `null` takes it away.
pub fn root(schema: &mut Value, pointer: &str, value: Value) {
    let (parent, keyword) = pointer.rsplit_once('/').unwrap();
    let parent = schema.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(keyword)
    } else {
        parent.insert(keyword.to_owned(), value)
    };
}

/// Sets a keyword of the event's data.
pub fn data(schema: &mut Value, pointer: &str, value: Value) {
    root(schema, &format!("/$defs/Data{pointer}"), value);
}

fn required(schema: &mut Value) -> &mut Vec<Value> {
    schema.pointer_mut("/$defs/Data/required").unwrap().as_array_mut().unwrap()
}

/// Lists a field of the event's data as required.
pub fn require(schema: &mut Value, name: &str) {
    required(schema).push(name.into());
}

/// Lists a field of the event's data as optional.
pub fn relax(schema: &mut Value, name: &str) {
    required(schema).retain(|it| it != name);
}

/// Takes a field of the event's data away.
pub fn remove(schema: &mut Value, name: &str) {
    data(schema, &format!("/properties/{name}"), Value::Null);
    relax(schema, name);
}

/// Adds a field to the event's data.
pub fn add(schema: &mut Value, name: &str, is_required: bool) {
    data(schema, &format!("/properties/{name}"), json!({ "type": "boolean" }));
    if is_required {
        require(schema, name);
    }
}

/// Gives a field of the event's data another name.
pub fn rename(schema: &mut Value, from: &str, to: &str) {
    let described = schema.pointer(&format!("/$defs/Data/properties/{from}")).unwrap().clone();
    let was_required = required(schema).iter().any(|it| it == from);
    remove(schema, from);
    data(schema, &format!("/properties/{to}"), described);
    if was_required {
        require(schema, to);
    }
}
