//! Constants and enumerations: their rule in words. Values are the schema's own, never the event's.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// The rule that names the allowed values, if the event breaks a constant or an enumeration.
pub(super) fn rule(error: &ValidationError<'_>) -> Option<String> {
    let kind = error.kind();
    if let ValidationErrorKind::Constant { expected_value } = kind {
        return Some(format!("the value must be {expected_value}"));
    }
    if let ValidationErrorKind::Enum { options } = kind {
        return Some(one_of(&options.as_array()?.iter().map(Value::to_string).collect::<Vec<_>>()));
    }
    let (ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context }) = kind else {
        return None;
    };
    let constants: Vec<String> = context.iter().flatten().filter_map(constant).collect();
    if constants.is_empty() {
        return None;
    }
    let known = one_of(&constants);
    if constants.len() == context.len() {
        return Some(known);
    }
    let form = context.iter().flatten().find_map(form).map_or_else(String::new, |form| format!(" of the form {form}"));
    Some(format!("{known}, or a later release's text{form}"))
}

/// The schema without the members of open enumerations that admit values of a later release.
pub(super) fn closed(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    if let Some(members) = schema.get_mut("anyOf").and_then(Value::as_array_mut)
        && members.iter().any(|member| member.get("const").is_some())
    {
        members.retain(|member| member.get("const").is_some() || member.get("pattern").is_none());
    }
    if let Some(object) = schema.as_object_mut() {
        object.values_mut().for_each(close);
    } else if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(close);
    }
}

fn one_of(values: &[String]) -> String {
    if let [only] = values {
        format!("the value must be {only}")
    } else {
        format!("the value must be one of {}", values.join(", "))
    }
}

fn constant(error: &ValidationError<'_>) -> Option<String> {
    if let ValidationErrorKind::Constant { expected_value } = error.kind() {
        return Some(expected_value.to_string());
    }
    None
}

fn form<'a>(error: &'a ValidationError<'_>) -> Option<&'a str> {
    if let ValidationErrorKind::Pattern { pattern } = error.kind() {
        return Some(pattern);
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Violation, validator, violations};
    use super::*;

    /// A card token in a field where none belongs.
    const SECRET: &str = "tok_4242424242424242";

    fn open() -> Value {
        let member = |value: &str| json!({ "type": "string", "const": value, "description": "A value." });
        let later = json!({ "type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$", "description": "A later value." });
        json!({ "properties": { "reason": { "$ref": "#/$defs/Reason" } },
            "$defs": { "Reason": { "anyOf": [member("CUSTOMER"), member("STAFF"), later] } } })
    }

    fn rules(schema: &Value, reason: &Value) -> Vec<Violation> {
        let found = violations(&validator(schema).unwrap(), &json!({ "reason": reason }));
        assert!(!format!("{found:?}").contains("4242"), "{found:?}");
        found
    }

    fn violation(keyword: &str, rule: &str) -> Vec<Violation> {
        vec![Violation { pointer: "/reason".to_owned(), keyword: keyword.to_owned(), rule: rule.to_owned() }]
    }

    #[test]
    fn a_closed_enumeration_names_its_values() {
        let of = |schema: Value| json!({ "properties": { "reason": schema } });
        let constants = json!([{ "const": "CUSTOMER" }, { "const": "STAFF", "type": "string" }]);
        for (schema, keyword, rule) in [
            (json!({ "oneOf": constants }), "oneOf", "the value must be one of \"CUSTOMER\", \"STAFF\""),
            (json!({ "enum": ["CUSTOMER", "STAFF"] }), "enum", "the value must be one of \"CUSTOMER\", \"STAFF\""),
            (json!({ "oneOf": [{ "const": "EMAIL" }] }), "oneOf", "the value must be \"EMAIL\""),
            (json!({ "const": "EMAIL" }), "const", "the value must be \"EMAIL\""),
        ] {
            for value in [json!(SECRET), json!(4242), json!(null)] {
                assert_eq!(rules(&of(schema.clone()), &value), violation(keyword, rule));
            }
        }
    }

    #[test]
    fn an_open_enumeration_names_its_values_and_the_form_of_later_ones() {
        let known = "the value must be one of \"CUSTOMER\", \"STAFF\", or a later release's text";
        let form = format!("{known} of the form ^[A-Z][A-Z0-9_]{{0,63}}$");
        assert_eq!(rules(&open(), &json!(SECRET)), violation("anyOf", &form));
        assert_eq!(rules(&open(), &json!(4242)), violation("anyOf", known));
        for admitted in ["STAFF", "A_VALUE_OF_LATER"] {
            assert_eq!(rules(&open(), &json!(admitted)), []);
        }
    }

    #[test]
    fn a_value_of_a_later_release_is_found_by_the_known_ones() {
        let known = "the value must be one of \"CUSTOMER\", \"STAFF\"";
        assert_eq!(rules(&closed(open()), &json!("TOKEN_4242")), violation("anyOf", known));
        assert_eq!(rules(&closed(open()), &json!("STAFF")), []);
        let other = json!({ "anyOf": [{ "type": "string", "pattern": "^a" }, { "type": "null" }] });
        assert_eq!(closed(other.clone()), other, "not an enumeration");
    }

    #[test]
    fn alternatives_that_are_no_enumeration_keep_their_masked_rule() {
        let schema = json!({ "properties": { "reason": { "anyOf": [{ "type": "array" }, { "type": "boolean" }] } } });
        let found = rules(&schema, &json!(SECRET));
        assert!(found[0].rule.contains("the value is not valid under any of"), "{found:?}");
    }
}
