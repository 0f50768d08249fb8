//! Whether a declaration tells the truth about the code.

use std::fmt::{Debug, Display};

use serde_json::{Value, json};

use super::field::{self, Field};
use super::{Consumed, Declaration};

/// What the declaration says of a type and `read`, the consumer's own code from an event's text to what it makes of
/// it, does not bear out; empty if it is true. `sample` is an event of the type, `schema` its published schema.
///
/// - On the declared fields alone it makes the same as of the whole event.
/// - Without one of `reads` or `envelope` it fails; without one that it reads if present, it does not.
/// - What a newer minor version may add, a field anywhere, changes nothing.
/// - A value that an enumeration did not have is understood where the declaration tolerates it, and refused elsewhere.
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
        Err(error) => return vec![format!("{event_type}: the sample itself is not understood: {error}")],
    };
    let proof = Proof { event_type, sample, whole, read: |event: &Value| read(&event.to_string()) };
    let fields = declaration.fields(event_type);
    let mut unproven = Vec::new();
    unproven.extend(proof.same("stripped to the declared fields", &field::strip(sample, &fields)));
    unproven.extend(proof.same("with fields of a newer minor version", &field::with_unknown_fields(sample)));
    unproven.extend(declaration.envelope.iter().chain(&consumed.reads).filter_map(|field| proof.needs(field)));
    let if_present = declaration.envelope_if_present.iter().chain(&consumed.reads_if_present);
    unproven.extend(if_present.filter_map(|field| proof.does_without(field)));
    unproven.extend(fields.iter().filter_map(|field| proof.unknown_value(field, consumed, schema)));
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
            Ok(made) => Some(format!("{} {how} is taken for {made:?}, not for {:?}", self.event_type, self.whole)),
            Err(error) => Some(format!("{} {how} is not understood: {error}", self.event_type)),
        }
    }

    fn needs(&self, field: &Field) -> Option<String> {
        let Some(event) = field::without(self.sample, field) else {
            return Some(format!("the sample of {} has no {field}, so nothing shows that it is read", self.event_type));
        };
        let understood = (self.read)(&event).is_ok();
        understood.then(|| format!("{} is understood without {field}, which is declared as read", self.event_type))
    }

    fn does_without(&self, field: &Field) -> Option<String> {
        let error = (self.read)(&field::without(self.sample, field)?).err()?;
        Some(format!("{} is not understood without {field}: {error}", self.event_type))
    }

    fn unknown_value(&self, field: &Field, consumed: &Consumed, schema: &Value) -> Option<String> {
        let described = field::resolved(schema, field::describe(schema, field)?);
        if !is_enumeration(described) {
            return None;
        }
        let event = field::with(self.sample, field, &json!("A_VALUE_OF_TOMORROW"))?;
        match ((self.read)(&event), consumed.tolerates.contains(field)) {
            (Ok(_), true) | (Err(_), false) => None,
            (Ok(made), false) => Some(format!(
                "{}: an unknown {field} is taken for {made:?}, and the declaration does not tolerate it",
                self.event_type
            )),
            (Err(error), true) => Some(format!("{}: an unknown {field} is not tolerated: {error}", self.event_type)),
        }
    }
}

/// Whether a schema lists the values that it admits, more than one of them.
fn is_enumeration(schema: &Value) -> bool {
    let listed = |key: &str| schema.get(key).and_then(Value::as_array);
    listed("enum").is_some() || listed("oneOf").is_some_and(|all| all.iter().all(|one| one.get("const").is_some()))
}
