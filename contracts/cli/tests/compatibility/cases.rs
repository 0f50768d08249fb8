//! The cases. Each is one change of the event in [`super::base`].

use contracts_cli::judge::Bump;
use serde_json::{Value, json};

use super::base::{LATER, add, data, relax, remove, rename, require, root};

/// One change, and what the check must report.
pub struct Case {
    /// What changes.
    pub name: &'static str,
    /// Makes the change.
    pub mutate: fn(&mut Value),
    /// Where the difference is.
    pub field: &'static str,
    /// The release that it needs; `None` if it is breaking.
    pub verdict: Option<Bump>,
    /// The services that it breaks.
    pub victims: &'static [&'static str],
    /// Text that the difference or the reason contains.
    pub text: &'static str,
}

const fn fine(name: &'static str, size: Bump, field: &'static str, text: &'static str, mutate: fn(&mut Value)) -> Case {
    Case { name, mutate, field, verdict: Some(size), victims: &[], text }
}

const fn breaks(
    name: &'static str,
    field: &'static str,
    victims: &'static [&'static str],
    text: &'static str,
    mutate: fn(&mut Value),
) -> Case {
    Case { name, mutate, field, verdict: None, victims, text }
}

const ALL_SERVICES: &[&str] = &["billing", "mailing", "shipping"];

/// The table.
pub const TABLE: &[Case] = &[
    // annotations
    fine("a better description", Bump::Patch, "", "\"An order was accepted.\" became", |s| {
        root(s, "/description", "An order came in.".into());
    }),
    fine("a better description of a field", Bump::Patch, "/data/total", "description", |s| {
        data(s, "/properties/total/description", "In minor units.".into());
    }),
    fine("a better description of a value", Bump::Patch, "/data/channel", "the description of \"SHOP\"", |s| {
        root(s, "/$defs/Channel/oneOf/0/description", "Over the counter.".into());
    }),
    fine("other examples", Bump::Patch, "/data/orderId", "examples", |s| {
        root(s, "/$defs/OrderId/examples", json!(["ord_2"]));
    }),
    fine("a definition of another name", Bump::Patch, "", "layout", |s| {
        let id = s["$defs"]["OrderId"].clone();
        root(s, "/$defs/OrderName", id);
        root(s, "/$defs/OrderId", Value::Null);
        data(s, "/properties/orderId/$ref", "#/$defs/OrderName".into());
    }),
    fine("required fields in another order", Bump::Patch, "", "layout", |s| {
        relax(s, "orderId");
        require(s, "orderId");
    }),
    fine("a list of values with a description each", Bump::Patch, "/data/origin", "\"The app.\" is new", |s| {
        data(
            s,
            "/properties/origin",
            json!({ "type": "string", "oneOf": [
            { "const": "APP", "description": "The app." }, { "const": "WEB", "description": "The site." }] }),
        );
    }),
    // additions
    fine("a new optional field", Bump::Minor, "/data/giftWrap", "tolerant", |s| add(s, "giftWrap", false)),
    fine("a new optional field in the lines", Bump::Minor, "/data/lines/*/colour", "tolerant", |s| {
        root(s, "/$defs/Line/properties/colour", json!({ "type": "string" }));
    }),
    fine("a new optional attribute", Bump::Minor, "/tracestate", "tolerant", |s| {
        root(s, "/properties/tracestate", json!({ "type": "string" }));
    }),
    fine("a new optional object with a required field", Bump::Minor, "/data/gift", "tolerant", |s| {
        let gift = json!({ "type": "object", "properties": { "to": { "type": "string" } }, "required": ["to"] });
        data(s, "/properties/gift", gift);
    }),
    fine("a field marked as deprecated", Bump::Minor, "/data/note", "deprecated", |s| {
        data(s, "/properties/note/deprecated", true.into());
    }),
    fine("an announced end", Bump::Minor, "", "2027-03-31", |s| {
        root(s, "/deprecated", true.into());
        root(s, "/x-superseded-by", "OrderCreated.v2".into());
        root(s, "/x-sunset", "2027-03-31".into());
    }),
    // fields that are added, removed or renamed
    breaks("a new required field that is read", "/data/giftWrap", &["billing"], "lack it", |s| {
        add(s, "giftWrap", true);
    }),
    breaks("a new required field that no service reads", "/data/fragile", &[], "lack it", |s| add(s, "fragile", true)),
    breaks("a new required field in the lines", "/data/lines/*/colour", &[], "lack it", |s| {
        root(s, "/$defs/Line/properties/colour", json!({ "type": "string" }));
        root(s, "/$defs/Line/required", json!(["sku", "quantity", "colour"]));
    }),
    breaks("a field that one service reads is removed", "/data/currency", &["billing"], "was removed", |s| {
        remove(s, "currency");
    }),
    breaks("a field that two services read is removed", "/data/total", &["billing", "mailing"], "finds nothing", |s| {
        remove(s, "total");
    }),
    breaks("a field that no service reads is removed", "/data/placedAt", &[], "finds nothing", |s| {
        remove(s, "placedAt");
    }),
    breaks("an optional field that is read is removed", "/data/note", &["billing"], "was removed", |s| {
        remove(s, "note");
    }),
    breaks("a list is removed of which a service reads a part", "/data/lines", &["shipping"], "was removed", |s| {
        remove(s, "lines");
    }),
    breaks("a field of the lines is removed", "/data/lines/*/sku", &["shipping"], "was removed", |s| {
        root(s, "/$defs/Line/properties/sku", Value::Null);
        root(s, "/$defs/Line/required", json!(["quantity"]));
    }),
    breaks("an attribute is removed", "/id", &["mailing", "shipping"], "was removed", |s| {
        root(s, "/properties/id", Value::Null);
        root(s, "/required", json!(["type", "source", "data"]));
    }),
    breaks("a field is renamed", "/data/currency", &["billing"], "a rename is a new major", |s| {
        rename(s, "currency", "currencyCode");
    }),
    breaks(
        "a list is renamed",
        "/data/lines",
        &["shipping"],
        "`lines` was removed and `items` of the same type",
        |s| {
            rename(s, "lines", "items");
        },
    ),
    breaks("a required field becomes optional", "/data/currency", &["billing"], "requires it", |s| {
        relax(s, "currency");
    }),
    breaks("an optional field becomes required", "/data/note", &["billing"], "became required", |s| {
        require(s, "note");
    }),
    // types and constants
    breaks("a number becomes a text", "/data/total", &["billing", "mailing"], "integer became string", |s| {
        data(s, "/properties/total", json!({ "type": "string" }));
    }),
    breaks("whole numbers become any", "/data/total", &["billing", "mailing"], "integer became number", |s| {
        data(s, "/properties/total/type", "number".into());
    }),
    breaks("a field may be null", "/data/currency", &["billing"], "string became null or string", |s| {
        data(s, "/properties/currency/type", json!(["string", "null"]));
    }),
    breaks("items of another type", "/data/lines/*", &["shipping"], "object became string", |s| {
        data(s, "/properties/lines/items", json!({ "type": "string" }));
    }),
    breaks("another `type`", "/type", &["shipping"], "refuses every event", |s| {
        root(s, "/properties/type/const", "OrderCreated.v2".into());
    }),
    breaks("another `source`", "/source", &[], "\"oms.orders\" became \"oms.shop\"", |s| {
        root(s, "/properties/source/const", "oms.shop".into());
    }),
    breaks("another `$id`", "", ALL_SERVICES, "$id", |s| {
        root(s, "/$id", "https://schemas.oms.example/events/OrderMade.v1.json".into());
    }),
    // closed enumerations: all values are listed
    breaks(
        "a value more, of a closed enumeration",
        "/data/channel",
        &["mailing", "shipping"],
        "\"PARTNER\" newly admitted",
        |s| {
            let values = s.pointer_mut("/$defs/Channel/oneOf").and_then(Value::as_array_mut).unwrap();
            values.push(json!({ "type": "string", "const": "PARTNER", "description": "By a partner." }));
        },
    ),
    breaks("a value more, tolerated by all who read it", "/data/priority", &["mailing"], "is closed", |s| {
        data(s, "/properties/priority/enum", json!(["LOW", "HIGH", "URGENT"]));
    }),
    breaks("a value more, of a field that no service reads", "/data/origin", &[], "is closed", |s| {
        data(s, "/properties/origin/enum", json!(["WEB", "APP", "TILL"]));
    }),
    breaks("a value less", "/data/priority", &["mailing"], "\"LOW\" no longer admitted", |s| {
        data(s, "/properties/priority/enum", json!(["HIGH"]));
    }),
    breaks("a text becomes a list of values", "/data/note", &["billing"], "any value became a closed", |s| {
        data(s, "/properties/note/enum", json!(["CALL", "RING"]));
    }),
    breaks("a list of values becomes a text", "/data/channel", &["mailing", "shipping"], "became any value", |s| {
        root(s, "/$defs/Channel", json!({ "type": "string" }));
    }),
    // open enumerations: later releases may list more
    fine("a value more, of an open enumeration", Bump::Minor, "/data/reason", "\"RETURN\" newly listed", |s| {
        let more = json!({ "type": "string", "const": "RETURN", "description": "In exchange." });
        s.pointer_mut("/$defs/Reason/anyOf").and_then(Value::as_array_mut).unwrap().insert(1, more);
    }),
    fine("a value more, of an open enumeration that no service reads", Bump::Minor, "/data/source", "is open", |s| {
        let more = json!({ "type": "string", "const": "LIST", "description": "From a list." });
        s.pointer_mut("/$defs/Source/anyOf").and_then(Value::as_array_mut).unwrap().insert(1, more);
    }),
    fine("a value less, of an open enumeration", Bump::Patch, "/data/reason", "\"STOCK\" no longer listed", |s| {
        s.pointer_mut("/$defs/Reason/anyOf").and_then(Value::as_array_mut).unwrap().remove(1);
    }),
    fine("words about a value of an open one", Bump::Patch, "/data/reason", "the description of \"GIFT\"", |s| {
        root(s, "/$defs/Reason/anyOf/0/description", "As a present.".into());
    }),
    fine("words about the values of later releases", Bump::Patch, "/data/reason", "description", |s| {
        root(s, "/$defs/Reason/anyOf/2/description", "Another reason.".into());
    }),
    breaks(
        "another form of later values",
        "/data/reason",
        &["billing", "mailing"],
        "the new schema, and a strict reader",
        |s| {
            root(s, "/$defs/Reason/anyOf/2/pattern", "^[a-z]+$".into());
        },
    ),
    breaks("later values of any form", "/data/reason", &["billing", "mailing"], "was removed", |s| {
        root(s, "/$defs/Reason/anyOf/2/pattern", Value::Null);
    }),
    breaks(
        "a closed enumeration becomes open",
        "/data/channel",
        &["mailing", "shipping"],
        "a closed enumeration became an open enumeration",
        |s| {
            let mut values = s["$defs"]["Channel"]["oneOf"].clone();
            values.as_array_mut().unwrap().push(json!({ "type": "string", "pattern": LATER }));
            root(s, "/$defs/Channel", json!({ "anyOf": values }));
        },
    ),
    breaks(
        "an open enumeration becomes closed",
        "/data/reason",
        &["billing", "mailing"],
        "an open enumeration became a closed enumeration",
        |s| {
            let mut values = s["$defs"]["Reason"]["anyOf"].clone();
            values.as_array_mut().unwrap().pop();
            root(s, "/$defs/Reason", json!({ "oneOf": values }));
        },
    ),
    breaks(
        "a value of an open one, renamed",
        "/data/reason",
        &["billing", "mailing"],
        "and \"STORE\" newly listed",
        |s| {
            root(s, "/$defs/Reason/anyOf/1/const", "STORE".into());
        },
    ),
    breaks("a text becomes an open enumeration", "/data/lines/*/sku", &["shipping"], "any value became an open", |s| {
        let reason = s["$defs"]["Reason"].clone();
        root(s, "/$defs/Line/properties/sku", reason);
    }),
    breaks("an open enumeration becomes a text", "/data/reason", &["billing", "mailing"], "became any value", |s| {
        root(s, "/$defs/Reason", json!({ "type": "string" }));
    }),
    // limits
    breaks("a tighter range", "/data/total", &["billing", "mailing"], "tightened", |s| {
        data(s, "/properties/total/minimum", 1.into());
    }),
    breaks("a looser range", "/data/total", &["billing", "mailing"], "loosened", |s| {
        data(s, "/properties/total/maximum", 2_000_000.into());
    }),
    breaks("u32 becomes u64", "/data/count", &["billing"], "cannot hold a number beyond it", |s| {
        data(s, "/properties/count/maximum", 9_007_199_254_740_991_u64.into());
    }),
    breaks("a range that is removed", "/data/total", &["billing", "mailing"], "maximum 1000000 was removed", |s| {
        data(s, "/properties/total/maximum", Value::Null);
    }),
    breaks("a longer list", "/data/lines", &["shipping"], "maxItems 100 became 200", |s| {
        data(s, "/properties/lines/maxItems", 200.into());
    }),
    breaks("an empty list", "/data/lines", &["shipping"], "loosened", |s| {
        data(s, "/properties/lines/minItems", 0.into());
    }),
    breaks("a shorter text", "/data/note", &["billing"], "tightened", |s| {
        data(s, "/properties/note/maxLength", 100.into());
    }),
    breaks("another pattern", "/data/currency", &["billing"], "old events may break the new schema", |s| {
        data(s, "/properties/currency/pattern", "^[a-z]{3}$".into());
    }),
    breaks("a pattern that is new", "/data/lines/*/sku", &["shipping"], "tightened", |s| {
        root(s, "/$defs/Line/properties/sku/pattern", "^[A-Z]".into());
    }),
    breaks("another format", "/data/placedAt", &[], "\"date-time\" became \"date\"", |s| {
        data(s, "/properties/placedAt/format", "date".into());
    }),
];
