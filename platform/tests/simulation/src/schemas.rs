//! Validates an event's text against its published schema. Each thread validates every shape of a text once; texts that
//! differ only in digits have the same shape.

use std::cell::RefCell;
use std::collections::HashMap;

use jsonschema::Validator;

thread_local! {
    static VALIDATORS: HashMap<&'static str, Validator> = validators();
    static SHAPES: RefCell<HashMap<u64, Option<String>>> = RefCell::default();
}

/// Validates the text of an event against the schema of its type.
///
/// # Errors
/// The first violation of the schema.
pub fn check(event_type: &str, text: &str) -> Result<(), String> {
    let shape = shape(text);
    SHAPES.with_borrow_mut(|shapes| {
        let wrong = shapes.entry(shape).or_insert_with(|| validate(event_type, text).err());
        wrong.as_ref().map_or(Ok(()), |wrong| Err(wrong.clone()))
    })
}

fn validate(event_type: &str, text: &str) -> Result<(), String> {
    let event = serde_json::from_str(text).map_err(|error| error.to_string())?;
    VALIDATORS.with(|validators| {
        let validator = validators.get(event_type).ok_or("no schema is published for it")?;
        validator.validate(&event).map_err(|error| format!("{} at {}", error, error.instance_path()))
    })
}

/// The letters a to f count as digits, since ids are hexadecimal.
fn shape(text: &str) -> u64 {
    let telling = text.bytes().filter(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    telling.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn validators() -> HashMap<&'static str, Validator> {
    let validator = |entry: contracts::catalogue::Entry| {
        let options = jsonschema::options().should_validate_formats(true);
        // A type whose schema cannot be read has no validator, and its events are violations.
        options.build(&entry.schema).ok().map(|validator| (entry.event_type, validator))
    };
    contracts::catalogue::all().into_iter().filter_map(validator).collect()
}
