//! What differs between two events, field by field: the samples, or the golden events, of a type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Change, What};
use crate::tree::Golden;

/// One value that differs. `None` where an event lacks the field.
struct Valued {
    at: String,
    from: Option<Value>,
    to: Option<Value>,
}

/// The differences of the samples of a type that its schema's changes do not explain.
#[must_use]
pub fn of_samples(old: &[Value], new: &[Value], schema: &[Change]) -> Vec<Change> {
    let fields = by_field(old.iter().zip(new), schema).into_iter();
    let what = |fields: &[_]| What::Sample(example("sample", fields));
    let changed = fields.map(|(at, fields)| Change { at, within: None, what: what(&fields) });
    let counts = (old.len(), new.len());
    changed.chain(numbers(counts, What::SampleAdded, What::SampleRemoved)).collect()
}

/// The differences of the golden events of a type that its schema's changes do not explain.
#[must_use]
pub fn of_golden(old: &[Golden], new: &[Golden], schema: &[Change]) -> Vec<Change> {
    let events = old.iter().map(|it| &it.event).zip(new.iter().map(|it| &it.event));
    let what = |fields: &[(usize, Valued)]| {
        // the released schema allowed the field, or its change would explain it
        let filled = fields.iter().all(|(_, it)| it.from.is_none() && !it.at.ends_with("/*"));
        let example = example("golden event", fields);
        if filled { What::Filled(example) } else { What::Golden(example) }
    };
    let fields = by_field(events, schema).into_iter();
    let changed = fields.map(|(at, fields)| Change { at, within: None, what: what(&fields) });
    let rewritten = old.iter().zip(new).any(|(old, new)| old.event == new.event && old.text != new.text);
    let layout = rewritten.then(|| Change::of_type(What::GoldenLayout));
    let counts = (old.len(), new.len());
    changed.chain(layout).chain(numbers(counts, What::GoldenAdded, What::GoldenRemoved)).collect()
}

/// The fields whose values differ, items of lists as `*`.
#[must_use]
pub fn fields(old: &Value, new: &Value) -> BTreeSet<String> {
    let mut found = Vec::new();
    values("", Some(old), Some(new), &mut found);
    found.into_iter().map(|valued| valued.at).collect()
}

/// The numbers that only one side has.
fn numbers((old, new): (usize, usize), added: fn(usize) -> What, removed: fn(usize) -> What) -> Vec<Change> {
    let added = (old + 1..=new).map(added);
    added.chain((new + 1..=old).map(removed)).map(Change::of_type).collect()
}

/// What differs in pairs of events, from number 1, by field, unless a change of the schema explains it.
fn by_field<'a>(
    pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    schema: &[Change],
) -> BTreeMap<String, Vec<(usize, Valued)>> {
    let mut fields: BTreeMap<String, Vec<(usize, Valued)>> = BTreeMap::new();
    for (number, (old, new)) in (1..).zip(pairs) {
        let mut found = Vec::new();
        values("", Some(old), Some(new), &mut found);
        for valued in found.into_iter().filter(|valued| !schema.iter().any(|change| explains(change, &valued.at))) {
            fields.entry(valued.at.clone()).or_default().push((number, valued));
        }
    }
    fields
}

/// Whether a change of the schema is about a field, or one that contains it. Words, and values that an enumeration lists,
/// explain no other value.
fn explains(change: &Change, at: &str) -> bool {
    let contains = |field: &str| at.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let of_form = matches!(
        change.what,
        What::Added { .. }
            | What::Removed
            | What::Renamed(_)
            | What::BecameOptional
            | What::BecameRequired
            | What::Type { .. }
            | What::Constant { .. }
            | What::Listing { .. }
            | What::Limited(_)
    );
    let renamed = |to: &str| change.at.rsplit_once('/').is_some_and(|(parent, _)| contains(&format!("{parent}/{to}")));
    let to = if let What::Renamed(to) = &change.what { renamed(to) } else { false };
    of_form && !change.at.is_empty() && (contains(&change.at) || to)
}

/// Every value that differs, items of lists as `*`.
fn values(at: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Valued>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                values(&format!("{at}/{name}"), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for index in 0..old.len().max(new.len()) {
                values(&format!("{at}/*"), old.get(index), new.get(index), found);
            }
        }
        (from, to) => found.push(Valued { at: at.to_owned(), from: from.cloned(), to: to.cloned() }),
    }
}

/// The first of the values that differ, and how many more there are.
fn example(noun: &str, fields: &[(usize, Valued)]) -> String {
    let Some((number, Valued { from, to, .. })) = fields.first() else { return String::new() };
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    let more = if fields.len() > 1 { format!(", and {} more", fields.len() - 1) } else { String::new() };
    format!("{noun} {number}: {} became {}{more}", text(from), text(to))
}
