//! One broken rule of a schema.

use std::fmt;

use serde::Serialize;

/// Where an event breaks its schema, and which rule. It never repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the event, also of a field that is missing; empty for the event itself.
    pub pointer: String,
    /// The schema's keyword, for example `required` or `pattern`.
    pub keyword: String,
    /// The rule in words, for example `the field is missing`.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "at {at}: {} ({})", self.rule, self.keyword)
    }
}
