//! Whether the declarations fit the schemas and each other.

use std::collections::BTreeMap;

use contracts::platform;

use super::rule::{Problem, Rule};
use super::schemas;
use crate::tree::Tree;
use crate::tree::types::schema_path;

/// Every broken rule of the declarations.
#[must_use]
pub fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut sources = BTreeMap::new();
    for declared in tree.declarations.values() {
        let (service, source) = (&declared.declaration.service, &declared.declaration.source);
        let publishes = declared.outside.is_none();
        if let Some(other) = publishes.then(|| sources.insert(source, service)).flatten() {
            let rule = Rule::SourceTaken(source.clone(), other.clone());
            problems.push(Problem::new(&declared.path, None, rule));
        }
        let errors = declared.declaration.wrong(&tree.schemas).into_iter();
        problems.extend(errors.map(|error| Problem::new(&declared.path, None, Rule::Declaration(error))));
    }
    problems.extend(unproduced(tree));
    problems
}

/// Types that no service publishes.
fn unproduced(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (event_type, schema) in &tree.schemas {
        let Some(source) = schemas::source(schema) else { continue };
        let mut declarations = tree.declarations.values().map(|declared| &declared.declaration);
        let (produced, rule) = if source == platform::SOURCE {
            let listed = declarations.any(|it| !it.consumes.is_empty() && it.produces.contains(event_type));
            (listed, Rule::UnproducedByConsumers)
        } else {
            let listed = declarations.any(|it| it.source == source && it.produces.contains(event_type));
            (listed, Rule::Unproduced(source.to_owned()))
        };
        if !produced {
            problems.push(Problem::new(schema_path(event_type), event_type.clone(), rule));
        }
    }
    problems
}
