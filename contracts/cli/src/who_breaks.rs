//! Which services break: by the working tree's differences, by the removal of a type or field.

use std::collections::BTreeMap;

use contracts::declaration::{did_you_mean, field, similar};
use jiff::civil::Date;
use serde::Serialize;

use crate::check;
use crate::compare::shape::{self, Unsupported};
use crate::judge::{Readers, touches};
use crate::tree::{Repository, Tree, TreeError};

/// An error of `contracts who-breaks`.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An unknown type.
    #[error("contracts/schemas has no type {event_type}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownType {
        /// The type.
        event_type: String,
        /// A type with a similar name.
        suggestion: Option<String>,
    },
    /// A type whose schema cannot be read.
    #[error("contracts/schemas/{event_type}.json: {event_type}: {why}")]
    Unsupported {
        /// The type.
        event_type: String,
        /// Why.
        why: Unsupported,
    },
    /// An unknown field.
    #[error("contracts/schemas/{event_type}.json: {event_type} has no field {field}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownField {
        /// The type.
        event_type: String,
        /// The field.
        field: String,
        /// A field with a similar name.
        suggestion: Option<String>,
    },
}

impl QueryError {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::Tree(error) => error.next(),
            Self::UnknownType { .. } => "`ls contracts/schemas` lists the types".to_owned(),
            Self::Unsupported { .. } => "run `just check-contracts`, which lists every broken schema".to_owned(),
            Self::UnknownField { event_type, .. } => {
                format!("docs/message-schemas.md lists the fields of {event_type}")
            }
        }
    }
}

/// A service that breaks, or that reads the field in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The service.
    pub service: String,
    /// Each difference that breaks it, or each field that it reads.
    pub by: Vec<String>,
}

/// The services that the working tree's differences would break.
///
/// # Errors
/// [`QueryError::Tree`], which names the file.
pub fn by_differences(repository: &Repository, today: Date) -> Result<Vec<Affected>, QueryError> {
    let mut affected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for difference in check::check(repository, today)?.breaking() {
        for victim in &difference.victims {
            let by = format!("{} {}: {}", difference.event_type, difference.field, difference.what);
            affected.entry(victim.clone()).or_default().push(by.replace(" :", ":"));
        }
    }
    Ok(affected.into_iter().map(|(service, by)| Affected { service, by }).collect())
}

/// The services that consume a type, or that read a field of it, a part of the field, or a field that contains it.
///
/// # Errors
/// [`QueryError`], with a suggestion for a mistyped name.
pub fn by_removal(repository: &Repository, event_type: &str, field: Option<&str>) -> Result<Vec<Affected>, QueryError> {
    let tree = Tree::read(repository)?;
    let Some(schema) = tree.schemas.get(event_type) else {
        let suggestion = similar(event_type, tree.schemas.keys().map(String::as_str));
        return Err(QueryError::UnknownType { event_type: event_type.to_owned(), suggestion });
    };
    shape::read(schema).map_err(|why| QueryError::Unsupported { event_type: event_type.to_owned(), why })?;
    let known = field::of_schema(schema);
    if let Some(field) = field.filter(|field| !known.iter().any(|it| it.as_str() == *field)) {
        let suggestion = similar(field, known.iter().map(field::Field::as_str));
        return Err(QueryError::UnknownField {
            event_type: event_type.to_owned(),
            field: field.to_owned(),
            suggestion,
        });
    }
    let field = field.unwrap_or_default();
    let services = Readers::new(&tree.declarations).of_field(event_type, field);
    let affected = services.into_iter().map(|service| {
        let read = tree.declarations.get(&service).map(|it| it.declaration.fields(event_type)).unwrap_or_default();
        let by = read.into_iter().filter(|read| touches(read, field)).map(ToString::to_string).collect();
        Affected { service, by }
    });
    Ok(affected.collect())
}
