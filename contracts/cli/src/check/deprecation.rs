//! Announced ends of types: `deprecated`, `x-superseded-by`, `x-sunset` at a schema's root.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::rule::{Problem, Rule};
use crate::judge::Readers;
use crate::tree::Tree;
use crate::tree::types::schema_path;

/// A deprecated type whose consumers still have time, or have all moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What to consume instead.
    pub successor: String,
    /// The first day on which its producer may stop.
    pub sunset: Date,
    /// Whether that day has come.
    pub due: bool,
    /// The services that still consume it.
    pub consumers: Vec<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_type, successor, sunset, due, consumers } = self;
        match (due, consumers.as_slice()) {
            (true, _) => write!(f, "{event_type} ended on {sunset} and has no consumers: you can retire it"),
            (false, []) => write!(f, "{event_type} ends on {sunset} and has no consumers; use {successor}"),
            (false, left) => {
                let left = left.join(", ");
                write!(f, "{event_type} ends on {sunset}; move to {successor}: {left}")
            }
        }
    }
}

/// The announced ends that are incomplete or overdue, and a warning for each other one.
#[must_use]
pub fn check(tree: &Tree, today: Date) -> (Vec<Problem>, Vec<Warning>) {
    let readers = Readers::new(&tree.declarations);
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for (event_type, schema) in &tree.schemas {
        match end(event_type, schema, tree) {
            Ok(None) => {}
            Ok(Some((successor, sunset))) => {
                let (consumers, due) = (readers.of_type(event_type), sunset <= today);
                if due && !consumers.is_empty() {
                    let rule = Rule::SunsetPassed { sunset: sunset.to_string(), successor, consumers };
                    problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule));
                } else {
                    warnings.push(Warning { event_type: event_type.clone(), successor, sunset, due, consumers });
                }
            }
            Err(rule) => problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule)),
        }
    }
    (problems, warnings)
}

/// The successor of a type and its sunset, if the type is deprecated.
fn end(event_type: &str, schema: &Value, tree: &Tree) -> Result<Option<(String, Date)>, Rule> {
    let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
    let deprecated = schema.get("deprecated").and_then(Value::as_bool) == Some(true);
    let (successor, sunset) = match (deprecated, text("x-superseded-by"), text("x-sunset")) {
        (false, None, None) => return Ok(None),
        (true, Some(successor), Some(sunset)) => (successor, sunset),
        (false, _, _) => return Err(Rule::IncompleteDeprecation("`deprecated`")),
        (true, None, _) => return Err(Rule::IncompleteDeprecation("`x-superseded-by`")),
        (true, Some(_), None) => return Err(Rule::IncompleteDeprecation("`x-sunset`")),
    };
    if successor == event_type || !tree.schemas.contains_key(successor) {
        return Err(Rule::UnknownSuccessor(successor.to_owned()));
    }
    Ok(Some((successor.to_owned(), sunset.parse().map_err(|_| Rule::InvalidSunset)?)))
}

/// The sunset of a released type, if it is deprecated.
pub(super) fn announced(schema: &Value) -> Option<Date> {
    schema.get("x-sunset")?.as_str()?.parse().ok()
}
