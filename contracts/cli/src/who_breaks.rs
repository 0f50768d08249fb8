//! Which services break: by the working tree's differences, by the removal of a type or field.

use std::collections::BTreeMap;

use contracts::declaration::{did_you_mean, field, similar};
use jiff::civil::Date;
use serde::Serialize;

use crate::check::{self, CheckError};
use crate::judge::{Readers, touches};
use crate::report;
use crate::tree::Repository;

/// An error of `contracts who-breaks`.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The tree cannot be checked.
    #[error(transparent)]
    Unchecked(#[from] CheckError),
    /// An unknown type.
    #[error("contracts/schemas has no type {event_type}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownType {
        /// The type.
        event_type: String,
        /// A type with a similar name.
        suggestion: Option<String>,
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
            Self::Unchecked(error) => error.next(),
            Self::UnknownType { .. } => "`ls contracts/schemas` lists the types".to_owned(),
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
    /// Whom to talk to, for a consumer outside this repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Each difference that breaks it, or each field that it reads.
    pub by: Vec<String>,
}

/// What the working tree's differences would break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Whether the check passes.
    pub passes: bool,
    /// The services that break.
    pub services: Vec<Affected>,
    /// The breaking differences of what no declaration reads.
    pub undeclared: Vec<String>,
    /// The other errors of the check: where there are any, the differences may not be all.
    pub errors: Vec<String>,
}

/// What the working tree's differences would break, by the report of the check.
///
/// # Errors
/// [`CheckError`], which names the file.
pub fn by_differences(repository: &Repository, today: Date) -> Result<Broken, CheckError> {
    let report = check::check(repository, today)?;
    let mut affected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut undeclared = Vec::new();
    for difference in report.breaking() {
        let by = format!("{} {}: {}", difference.event_type, difference.field, difference.what).replace(" :", ":");
        for victim in &difference.victims {
            affected.entry(victim.clone()).or_default().push(by.clone());
        }
        if difference.victims.is_empty() {
            undeclared.push(by);
        }
    }
    let of = |(service, by)| Affected { contact: report.contacts.get(&service).cloned(), service, by };
    let services = affected.into_iter().map(of).collect();
    Ok(Broken { passes: report.passes(), services, undeclared, errors: report::errors(&report) })
}

/// The services that consume a type, or that read a field of it, a part of the field, or a field that contains it.
///
/// # Errors
/// [`QueryError`], with a suggestion for a mistyped name.
pub fn by_removal(repository: &Repository, event_type: &str, field: Option<&str>) -> Result<Vec<Affected>, QueryError> {
    let tree = check::read(repository)?;
    let Some(schema) = tree.schemas.get(event_type) else {
        let suggestion = similar(event_type, tree.schemas.keys().map(String::as_str));
        return Err(QueryError::UnknownType { event_type: event_type.to_owned(), suggestion });
    };
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
    let contacts = tree.contacts();
    let services = Readers::new(&tree.declarations).of_field(event_type, field);
    let affected = services.into_iter().map(|service| {
        let read = tree.declarations.get(&service).map(|it| it.declaration.fields(event_type)).unwrap_or_default();
        let by = read.into_iter().filter(|read| touches(read, field)).map(ToString::to_string).collect();
        Affected { contact: contacts.get(&service).cloned(), service, by }
    });
    Ok(affected.collect())
}
