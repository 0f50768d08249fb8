//! Whether every schema has only keywords that the comparison knows. Without that, nothing can be said of a difference.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

use crate::compare::shape::{self, Unsupported};

/// A schema that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotComparable {
    /// Its file, below the repository's root.
    pub file: PathBuf,
    /// Its type.
    pub event_type: String,
    /// Why.
    pub why: Unsupported,
}

impl fmt::Display for NotComparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, event_type, why } = self;
        write!(f, "{}: {event_type}: {why}", file.display())
    }
}

impl NotComparable {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        match &self.why {
            Unsupported::Keyword { keyword, .. } | Unsupported::Form { keyword, .. } => format!(
                "write the type without `{keyword}`; or add the keyword to contracts/cli/src/compare/shape.rs, a rule for \
                 it to contracts/cli/src/judge.rs and a case to contracts/cli/tests/compatibility/cases.rs"
            ),
            Unsupported::Reference { target, .. } => format!("let {target} exist, and not refer to itself"),
        }
    }
}

/// Reads every schema, each with its type and file.
///
/// # Errors
/// The first [`NotComparable`].
pub fn all<'a>(schemas: impl Iterator<Item = (&'a str, PathBuf, &'a Value)>) -> Result<(), NotComparable> {
    for (event_type, file, schema) in schemas {
        shape::read(schema).map_err(|why| NotComparable { file, event_type: event_type.to_owned(), why })?;
    }
    Ok(())
}
