//! Whether an event's text validates against its published schema. Every shape that a text can have is looked at once
//! by each thread: texts that differ in nothing but digits have the same shape.

use std::cell::RefCell;
use std::collections::HashMap;

use jsonschema::Validator;

thread_local! {
    static VALIDATORS: HashMap<&'static str, Validator> = validators();
    static SHAPES: RefCell<HashMap<u64, Option<String>>> = RefCell::default();
}

/// Whether the text of an event is what its type's schema says.
///
/// # Errors
/// What is wrong with it.
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

/// Digits are also letters here: ids are hexadecimal.
fn shape(text: &str) -> u64 {
    let telling = text.bytes().filter(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    telling.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn validators() -> HashMap<&'static str, Validator> {
    let validator = |entry: contracts::catalogue::Entry| {
        let options = jsonschema::options().should_validate_formats(true);
        // A schema that cannot be read leaves its type without a validator, and that is a violation.
        options.build(&entry.schema).ok().map(|validator| (entry.event_type, validator))
    };
    contracts::catalogue::all().into_iter().filter_map(validator).collect()
}
