//! Announced ends of types: `deprecated`, `x-sunset`, and `x-superseded-by` or `x-retirement-reason` at a schema's root.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::integrity::Published;
use super::rule::{Problem, Rule};
use crate::judge::Readers;
use crate::tree::Tree;
use crate::tree::types::schema_path;

/// What the consumers of a deprecated type do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Instead {
    /// They move to this type.
    Consume(String),
    /// Nothing replaces it, for this reason.
    Nothing(String),
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consume(successor) => write!(f, "move to {successor}"),
            Self::Nothing(reason) => write!(f, "nothing replaces it, because {reason}"),
        }
    }
}

/// A deprecated type whose consumers still have time, or have all moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What its consumers do.
    pub instead: Instead,
    /// The first day on which its producer may stop.
    pub sunset: Date,
    /// Whether that day has come.
    pub due: bool,
    /// The services that still consume it.
    pub consumers: Vec<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_type, instead, sunset, due, consumers } = self;
        match (*due, consumers.as_slice()) {
            (true, _) => write!(f, "{event_type} ended on {sunset} and has no consumers: you can retire it"),
            (false, []) => write!(f, "{event_type} ends on {sunset} and has no consumers; {instead}"),
            (false, left) => write!(f, "{event_type} ends on {sunset}; {instead}: {}", left.join(", ")),
        }
    }
}

/// The announced ends that are incomplete or overdue, and a warning for each other one.
#[must_use]
pub fn check(tree: &Tree, published: &BTreeMap<String, Published>, today: Date) -> (Vec<Problem>, Vec<Warning>) {
    let readers = Readers::new(&tree.declarations);
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for (event_type, schema) in &tree.schemas {
        match end(event_type, schema, tree) {
            Ok(None) => {}
            Ok(Some((instead, sunset))) => {
                let (consumers, due) = (readers.of_type(event_type), sunset <= today);
                let promised = published.get(event_type).and_then(|it| announced(&it.schema));
                if due && promised.is_none() {
                    let rule = Rule::SunsetWithoutNotice(sunset.to_string());
                    problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule));
                }
                if due && !consumers.is_empty() {
                    let rule = Rule::SunsetPassed { sunset: sunset.to_string(), instead, consumers };
                    problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule));
                } else {
                    warnings.push(Warning { event_type: event_type.clone(), instead, sunset, due, consumers });
                }
            }
            Err(rule) => problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule)),
        }
    }
    (problems, warnings)
}

/// What the consumers of a type do and its sunset, if the type is deprecated.
fn end(event_type: &str, schema: &Value, tree: &Tree) -> Result<Option<(Instead, Date)>, Rule> {
    let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str).filter(|text| !text.is_empty());
    let deprecated = schema.get("deprecated").and_then(Value::as_bool) == Some(true);
    let instead = match (text("x-superseded-by"), text("x-retirement-reason")) {
        (Some(_), Some(_)) => return Err(Rule::TwoEnds),
        (Some(successor), None) => Some(Instead::Consume(successor.to_owned())),
        (None, Some(reason)) => Some(Instead::Nothing(reason.to_owned())),
        (None, None) => None,
    };
    let (instead, sunset) = match (deprecated, instead, text("x-sunset")) {
        (false, None, None) => return Ok(None),
        (true, Some(instead), Some(sunset)) => (instead, sunset),
        (false, _, _) => return Err(Rule::IncompleteDeprecation("`deprecated`")),
        (true, None, _) => return Err(Rule::IncompleteDeprecation("`x-superseded-by` or `x-retirement-reason`")),
        (true, Some(_), None) => return Err(Rule::IncompleteDeprecation("`x-sunset`")),
    };
    match &instead {
        Instead::Consume(successor) if successor == event_type || !tree.schemas.contains_key(successor) => {
            Err(Rule::UnknownSuccessor(successor.clone()))
        }
        Instead::Consume(_) | Instead::Nothing(_) => {
            let date: Date = sunset.parse().map_err(|_| Rule::InvalidSunset)?;
            // a date is compared as a text too, so it has one spelling
            if date.to_string() == sunset { Ok(Some((instead, date))) } else { Err(Rule::InvalidSunset) }
        }
    }
}

/// The sunset of a released type, if it is deprecated.
pub(super) fn announced(schema: &Value) -> Option<Date> {
    schema.get("x-sunset")?.as_str()?.parse().ok()
}
