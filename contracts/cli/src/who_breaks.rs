//! Who is hurt: by the working tree's differences, by the end of a type, by the removal of a field.

use std::collections::BTreeMap;
use std::path::Path;

use contracts::declaration::field;
use jiff::civil::Date;
use serde::Serialize;

use crate::check;
use crate::compare::shape::{self, Unsupported};
use crate::judge::{Readers, touches};
use crate::tree::{Tree, TreeError};

/// Why the question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no such type.
    #[error("contracts/schemas has no type {event_type}{}", hint(.like.as_deref()))]
    UnknownType {
        /// The type.
        event_type: String,
        /// A type with a similar name.
        like: Option<String>,
    },
    /// The type's schema cannot be followed.
    #[error("contracts/schemas/{event_type}.json: {event_type}: {why}")]
    Unsupported {
        /// The type.
        event_type: String,
        /// Why.
        why: Unsupported,
    },
    /// The type has no such field.
    #[error("contracts/schemas/{event_type}.json: {event_type} has no field {field}{}", hint(.like.as_deref()))]
    UnknownField {
        /// The type.
        event_type: String,
        /// The field.
        field: String,
        /// A field with a similar name.
        like: Option<String>,
    },
}

fn hint(like: Option<&str>) -> String {
    like.map(|like| format!(" (is {like} meant?)")).unwrap_or_default()
}

/// A service and what hurts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hurt {
    /// The service.
    pub service: String,
    /// Each reason: a difference, or what it reads.
    pub by: Vec<String>,
}

/// The services that the working tree's differences would hurt.
///
/// # Errors
/// [`Unanswered::Tree`], which names the file.
pub fn by_differences(root: &Path, today: Date) -> Result<Vec<Hurt>, Unanswered> {
    let mut hurt: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for difference in check::check(root, today)?.breaking() {
        for victim in &difference.victims {
            let by = format!("{} {}: {}", difference.event_type, difference.field, difference.what);
            hurt.entry(victim.clone()).or_default().push(by.replace(" :", ":"));
        }
    }
    Ok(hurt.into_iter().map(|(service, by)| Hurt { service, by }).collect())
}

/// The services that consume a type, or those that read a field of it, something inside or around it.
///
/// # Errors
/// [`Unanswered`], with what may have been meant.
pub fn by_removal(root: &Path, event_type: &str, field: Option<&str>) -> Result<Vec<Hurt>, Unanswered> {
    let tree = Tree::read(root)?;
    let Some(schema) = tree.schemas.get(event_type) else {
        let like = alike(event_type, tree.schemas.keys().map(String::as_str));
        return Err(Unanswered::UnknownType { event_type: event_type.to_owned(), like });
    };
    shape::read(schema).map_err(|why| Unanswered::Unsupported { event_type: event_type.to_owned(), why })?;
    let known = field::of_schema(schema);
    if let Some(field) = field.filter(|field| !known.iter().any(|it| it.as_str() == *field)) {
        let like = alike(field, known.iter().map(field::Field::as_str));
        return Err(Unanswered::UnknownField { event_type: event_type.to_owned(), field: field.to_owned(), like });
    }
    let field = field.unwrap_or_default();
    let services = Readers::new(&tree.declarations).of_field(event_type, field);
    let hurt = services.into_iter().map(|service| {
        let read = tree.declarations.get(&service).map(|it| it.declaration.fields(event_type)).unwrap_or_default();
        let by = read.into_iter().filter(|read| touches(read, field)).map(ToString::to_string).collect();
        Hurt { service, by }
    });
    Ok(hurt.collect())
}

/// The candidate that differs least, if it differs little.
pub(crate) fn alike<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(wanted, candidate), candidate));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.8).then(|| best.to_owned())
}
