//! Whether the golden events pin every type, are events of their types, and have reasons where they differ.

use std::collections::BTreeSet;
use std::path::PathBuf;

use contracts::catalogue::Entry;
use contracts::declaration::{Field, field};
use contracts::validate;
use serde_json::Value;

use super::rule::{Problem, Rule};
use crate::compare::events;
use crate::judge::Difference;
use crate::tree::golden::ACCEPTED;
use crate::tree::{Accepted, Golden, Tree};

/// Every broken rule of the golden events.
#[must_use]
pub fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (event_type, schema) in &tree.schemas {
        match tree.golden.get(event_type) {
            None => {
                let path = PathBuf::from(format!("contracts/golden/{event_type}.1.json"));
                problems.push(Problem::new(path, event_type.clone(), Rule::GoldenMissing));
            }
            Some(golden) => problems.extend(golden.iter().flat_map(|it| of_event(event_type, schema, it))),
        }
    }
    for (event_type, golden) in tree.golden.iter().filter(|(event_type, _)| !tree.schemas.contains_key(*event_type)) {
        let left_over = |it: &Golden| Problem::new(&it.path, event_type.clone(), Rule::GoldenWithoutSchema);
        problems.extend(golden.iter().map(left_over));
    }
    problems
}

fn of_event(event_type: &str, schema: &Value, golden: &Golden) -> Vec<Problem> {
    // an invalid schema is a problem of its own
    let Ok(validator) = validate::validator(schema) else { return Vec::new() };
    let invalid = validate::violations(&validator, &golden.event).into_iter().map(Rule::InvalidGolden);
    let known = field::of_schema(schema);
    let unknown =
        field::of_event(&golden.event).into_iter().filter(|field| !known.contains(field)).map(Rule::GoldenUnnamed);
    invalid.chain(unknown).map(|rule| Problem::new(&golden.path, event_type.to_owned(), rule)).collect()
}

/// Every golden event that the Rust types would write otherwise: the code of its producer would too.
#[must_use]
pub fn outdated(tree: &Tree, entries: &[Entry]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in entries {
        for golden in tree.golden.get(entry.event_type).into_iter().flatten() {
            let rule = rewritten(entry, golden).map_err(Rule::GoldenUnreadable);
            let rule = rule.map_or_else(Some, |fields| (!fields.is_empty()).then_some(Rule::GoldenOutdated(fields)));
            problems.extend(rule.map(|rule| Problem::new(&golden.path, entry.event_type.to_owned(), rule)));
        }
    }
    problems
}

/// The fields of a golden event that the Rust type writes otherwise.
fn rewritten(entry: &Entry, golden: &Golden) -> Result<String, String> {
    let text = (entry.written_again)(&golden.text).map_err(|error| error.to_string())?;
    let event: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let fields = events::fields(&golden.event, &event).into_iter().collect::<Vec<_>>().join(", ");
    let same_bytes = golden.text.trim_end() == text;
    Ok(if fields.is_empty() && !same_bytes { "the order of its fields".to_owned() } else { fields })
}

/// Every reason that is empty, or that no difference needs.
#[must_use]
pub fn reasons(accepted: &[Accepted], differences: &[Difference]) -> Vec<Problem> {
    let used: BTreeSet<(&str, &str)> =
        (differences.iter()).filter(|it| it.accepted).map(|it| (it.event_type.as_str(), it.field.as_str())).collect();
    let rule = |it: &Accepted| {
        let field = it.field.as_ref().map_or("", Field::as_str);
        if it.reason.trim().is_empty() {
            Some(Rule::NoReason(field.to_owned()))
        } else {
            (!used.contains(&(it.event_type.as_str(), field))).then(|| Rule::NothingToAccept(field.to_owned()))
        }
    };
    let problem = |it: &Accepted| Some(Problem::new(ACCEPTED, it.event_type.clone(), rule(it)?));
    accepted.iter().filter_map(problem).collect()
}
