//! Tests a declaration against the consumer's code.

use std::fmt::{Debug, Display};

use serde_json::{Value, json};

use super::Declaration;
use super::field::{self, Field};

/// Each statement of a declaration that the consumer's code contradicts; empty if the declaration is true.
///
/// `read` is the code, from an event's text to what the consumer takes from it. `sample` is an event of the type,
/// `schema` its published schema. The code must
/// - read the same from the declared fields as from the whole event,
/// - fail without a field of `reads` or `envelope`, and read the event without one that is declared as optional,
/// - ignore a field that a newer minor version may add anywhere,
/// - accept an unknown value of an open enumeration, and refuse one of a closed enumeration.
pub fn unproven<T: PartialEq + Debug, E: Display>(
    declaration: &Declaration,
    event_type: &str,
    schema: &Value,
    sample: &Value,
    read: impl Fn(&str) -> Result<T, E>,
) -> Vec<String> {
    let Some(consumed) = declaration.consumes.get(event_type) else {
        return vec![format!("{event_type} is not declared")];
    };
    let whole = match read(&sample.to_string()) {
        Ok(whole) => whole,
        Err(error) => return vec![format!("{event_type}: the sample itself cannot be read: {error}")],
    };
    let proof = Proof { event_type, sample, whole, read: |event: &Value| read(&event.to_string()) };
    let fields = declaration.fields(event_type);
    let mut unproven = Vec::new();
    unproven.extend(proof.same("stripped to the declared fields", &field::strip(sample, &fields)));
    unproven.extend(proof.same("with fields of a newer minor version", &field::with_unknown_fields(sample)));
    unproven.extend(declaration.envelope.iter().chain(&consumed.reads).filter_map(|field| proof.needs(field)));
    let if_present = declaration.envelope_if_present.iter().chain(&consumed.reads_if_present);
    unproven.extend(if_present.filter_map(|field| proof.does_without(field)));
    unproven.extend(fields.iter().filter_map(|field| proof.unknown_value(field, schema)));
    unproven
}

struct Proof<'a, T, R> {
    event_type: &'a str,
    sample: &'a Value,
    whole: T,
    read: R,
}

impl<T: PartialEq + Debug, E: Display, R: Fn(&Value) -> Result<T, E>> Proof<'_, T, R> {
    fn same(&self, how: &str, event: &Value) -> Option<String> {
        match (self.read)(event) {
            Ok(made) if made == self.whole => None,
            Ok(made) => Some(format!("{} {how} is read as {made:?}, not as {:?}", self.event_type, self.whole)),
            Err(error) => Some(format!("{} {how} cannot be read: {error}", self.event_type)),
        }
    }

    fn needs(&self, field: &Field) -> Option<String> {
        let Some(event) = field::without(self.sample, field) else {
            return Some(format!("the sample of {} has no {field}, so no test covers it", self.event_type));
        };
        let readable = (self.read)(&event).is_ok();
        readable.then(|| format!("{} can be read without {field}, which is declared as required", self.event_type))
    }

    fn does_without(&self, field: &Field) -> Option<String> {
        let error = (self.read)(&field::without(self.sample, field)?).err()?;
        Some(format!("{} cannot be read without {field}: {error}", self.event_type))
    }

    fn unknown_value(&self, field: &Field, schema: &Value) -> Option<String> {
        let described = field::resolved(schema, field::describe(schema, field)?);
        let open = is_open(described)?;
        let event = field::with(self.sample, field, &json!("A_VALUE_OF_TOMORROW"))?;
        match ((self.read)(&event), open) {
            (Ok(_), true) | (Err(_), false) => None,
            (Ok(made), false) => Some(format!(
                "{}: {field} is a closed enumeration, but an unknown value is read as {made:?}",
                self.event_type
            )),
            (Err(error), true) => Some(format!(
                "{}: {field} is an open enumeration, but an unknown value is refused: {error}",
                self.event_type
            )),
        }
    }
}

/// Whether an enumeration is open; `None` if the schema does not list its values.
fn is_open(schema: &Value) -> Option<bool> {
    let has = |key: &str| schema.get(key).is_some_and(Value::is_array);
    has("anyOf").then_some(true).or_else(|| (has("enum") || has("oneOf")).then_some(false))
}
