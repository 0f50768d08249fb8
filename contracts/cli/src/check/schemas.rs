//! Checks the schemas of the working tree and their samples.

use std::path::PathBuf;

use contracts::envelope::SCHEMA_BASE;
use contracts::validate;
use serde_json::Value;

use super::rule::{Problem, Rule};
use crate::tree::Tree;
use crate::tree::types::schema_path;

/// Every broken rule of the schemas and samples of the working tree.
#[must_use]
pub fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (event_type, schema) in &tree.schemas {
        problems.extend(of_samples(tree, event_type, schema));
        problems.extend(
            rules(event_type, schema)
                .into_iter()
                .map(|rule| Problem::new(schema_path(event_type), event_type.clone(), rule)),
        );
    }
    for (event_type, samples) in tree.samples.iter().filter(|(it, _)| !tree.schemas.contains_key(*it)) {
        let without_schema = |path: &PathBuf| Problem::new(path, event_type.clone(), Rule::SampleWithoutSchema);
        problems.extend(samples.iter().map(|sample| without_schema(&sample.path)));
    }
    problems
}

fn rules(event_type: &str, schema: &Value) -> Vec<Rule> {
    if !is_type(event_type) {
        return vec![Rule::NotAType];
    }
    let id = format!("{SCHEMA_BASE}{event_type}.json");
    let pins = [
        ("$id", "/$id", id.as_str()),
        ("title", "/title", event_type),
        ("the constant of `type`", "/properties/type/const", event_type),
        ("the constant of `dataschema`", "/properties/dataschema/const", id.as_str()),
    ];
    let mut rules: Vec<Rule> = (pins.into_iter())
        .filter(|(_, pointer, wanted)| schema.pointer(pointer).and_then(Value::as_str) != Some(wanted))
        .map(|(keyword, _, wanted)| Rule::Identity { keyword, wanted: wanted.to_owned() })
        .collect();
    if source(schema).is_none() {
        rules.push(Rule::Identity {
            keyword: "the constant of `source`",
            wanted: "the source that publishes it".to_owned(),
        });
    }
    rules
}

/// The source that publishes a type.
pub(super) fn source(schema: &Value) -> Option<&str> {
    schema.pointer("/properties/source/const").and_then(Value::as_str)
}

fn of_samples(tree: &Tree, event_type: &str, schema: &Value) -> Vec<Problem> {
    let of_schema = |rule| vec![Problem::new(schema_path(event_type), event_type.to_owned(), rule)];
    let Some(samples) = tree.samples.get(event_type) else {
        return of_schema(Rule::SampleMissing(event_type.to_owned()));
    };
    let validator = match validate::validator(schema) {
        Ok(validator) => validator,
        Err(error) => return of_schema(Rule::InvalidSchema(error)),
    };
    let mut problems = Vec::new();
    for sample in samples {
        let violations = validate::violations(&validator, &sample.event).into_iter();
        problems
            .extend(violations.map(|it| Problem::new(&sample.path, event_type.to_owned(), Rule::InvalidSample(it))));
    }
    problems
}

fn is_type(text: &str) -> bool {
    let Some((name, major)) = text.split_once(".v") else { return false };
    let begins = name.starts_with(|c: char| c.is_ascii_uppercase());
    begins && name.chars().all(|c| c.is_ascii_alphanumeric()) && major.parse::<u32>().is_ok_and(|major| major > 0)
}
