//! The differences between two schemas of one type, field by field. Consumers play no part here: see `judge`.
//!
//! - [`shape`]: a schema reduced to the keywords that are compared
//! - [`change`]: one difference
//! - [`events`]: the differences between samples, and between golden events

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub mod change;
pub mod events;
pub mod shape;

pub use change::{Change, What};
use change::{Limit, Listing, Reworded, Within};
use shape::{Property, Shape, Unsupported, Values};

/// Every difference, from the released schema to the one of the working tree.
///
/// # Errors
/// [`Unsupported`] when a schema has a keyword that no rule compares.
pub fn compare(old: &Value, new: &Value) -> Result<Vec<Change>, Unsupported> {
    let (old_shape, new_shape) = (shape::read(old)?, shape::read(new)?);
    let mut changes = Changes::default();
    changes.deprecation("", &old_shape, &new_shape);
    changes.shape("", &old_shape, &new_shape);
    if changes.found.is_empty() && without_examples(old) != without_examples(new) {
        changes.add("", What::Annotations(vec!["layout".to_owned()]));
    }
    Ok(changes.found)
}

/// A type's own examples are its samples, which are compared for themselves.
fn without_examples(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(root) = schema.as_object_mut() {
        root.remove("examples");
    }
    schema
}

#[derive(Default)]
struct Changes {
    found: Vec<Change>,
    /// The definitions around the shapes that are being compared, each with its place.
    definitions: Vec<(String, String)>,
}

impl Changes {
    fn add(&mut self, at: &str, what: What) {
        let within = self.definitions.last().map(|(definition, place)| Within {
            definition: definition.clone(),
            field: at.strip_prefix(place.as_str()).unwrap_or(at).to_owned(),
        });
        self.found.push(Change { at: at.to_owned(), within, what });
    }

    fn shape(&mut self, at: &str, old: &Shape, new: &Shape) {
        let Some(definition) = new.definition else { return self.parts(at, old, new) };
        self.definitions.push((definition.to_owned(), at.to_owned()));
        self.parts(at, old, new);
        self.definitions.pop();
    }

    fn parts(&mut self, at: &str, old: &Shape, new: &Shape) {
        if old.types != new.types {
            self.add(at, What::Type { from: names(&old.types), to: names(&new.types) });
            return;
        }
        self.values(at, old.values.as_ref(), new.values.as_ref());
        self.limits(at, &old.limits, &new.limits);
        self.properties(at, &old.properties, &new.properties);
        match (&old.items, &new.items) {
            (Some(old), Some(new)) => self.shape(&format!("{at}/*"), old, new),
            (None, None) => {}
            (None, Some(_)) => self.add(at, What::Limited(Limit::new("items", None, Some("a rule".to_owned())))),
            (Some(_), None) => self.add(at, What::Limited(Limit::new("items", Some("a rule".to_owned()), None))),
        }
        self.annotations(at, old, new);
    }

    fn values(&mut self, at: &str, old: Option<&Values>, new: Option<&Values>) {
        let (from, to) = (listing(old), listing(new));
        if from != to {
            return self.add(at, What::Listing { from, to });
        }
        let (Some(old), Some(new)) = (old, new) else { return };
        let missing = |from: &Values, of: &Values| -> Vec<String> {
            from.listed.keys().filter(|value| !of.listed.contains_key(*value)).cloned().collect()
        };
        let (lost, gained) = (missing(old, new), missing(new, old));
        if old.constant && new.constant && lost != gained {
            return self.add(at, What::Constant { from: lost.join(", "), to: gained.join(", ") });
        }
        let open = to == Listing::Open;
        if open && !lost.is_empty() && !gained.is_empty() {
            return self.add(at, What::ValueRenamed { lost, gained });
        }
        if !lost.is_empty() {
            self.add(at, if open { What::Unlisted(lost) } else { What::Narrowed(lost) });
        }
        if !gained.is_empty() {
            self.add(at, if open { What::Listed(gained) } else { What::Widened(gained) });
        }
        if let (Some(old), Some(new)) = (&old.later, &new.later) {
            self.shape(at, old, new);
        }
    }

    fn limits(&mut self, at: &str, old: &BTreeMap<&str, &Value>, new: &BTreeMap<&str, &Value>) {
        let keywords: BTreeSet<&&str> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            let (was, is) = (old.get(*keyword), new.get(*keyword));
            if was != is {
                let text = |value: Option<&&Value>| value.map(ToString::to_string);
                self.add(at, What::Limited(Limit::new(keyword, text(was), text(is))));
            }
        }
    }

    fn properties(&mut self, at: &str, old: &BTreeMap<&str, Property>, new: &BTreeMap<&str, Property>) {
        let mut added: BTreeMap<&str, &Property> =
            new.iter().filter(|(name, _)| !old.contains_key(*name)).map(|(name, it)| (*name, it)).collect();
        for (name, was) in old {
            let field = format!("{at}/{name}");
            let Some(is) = new.get(name) else {
                let renamed =
                    added.iter().find(|(_, it)| it.required == was.required && equivalent(&was.shape, &it.shape));
                let renamed = renamed.map(|(name, _)| *name);
                if let Some(to) = renamed {
                    added.remove(to);
                }
                self.add(&field, renamed.map_or(What::Removed, |to| What::Renamed(to.to_owned())));
                continue;
            };
            match (was.required, is.required) {
                (true, false) => self.add(&field, What::BecameOptional),
                (false, true) => self.add(&field, What::BecameRequired),
                (true, true) | (false, false) => {}
            }
            self.shape(&field, &was.shape, &is.shape);
        }
        for (name, it) in added {
            self.add(&format!("{at}/{name}"), What::Added { required: it.required });
        }
    }

    fn annotations(&mut self, at: &str, old: &Shape, new: &Shape) {
        let elsewhere = |keyword: &str| {
            keyword == "description" || at.is_empty() && (keyword == "examples" || DEPRECATION.contains(&keyword))
        };
        let all: BTreeSet<&&str> = old.annotations.keys().chain(new.annotations.keys()).collect();
        let differs = |keyword: &&&str| old.annotations.get(**keyword) != new.annotations.get(**keyword);
        let keywords: Vec<String> =
            all.into_iter().filter(|it| !elsewhere(it)).filter(differs).map(ToString::to_string).collect();
        if keywords.iter().any(|keyword| keyword == "deprecated") {
            self.add(at, What::FieldDeprecated);
        } else if !keywords.is_empty() {
            self.add(at, What::Annotations(keywords));
        }
        let reworded = reworded(old, new);
        if !reworded.is_empty() {
            self.add(at, What::Words(reworded));
        }
    }

    /// The deprecation of the whole type.
    fn deprecation(&mut self, at: &str, old: &Shape, new: &Shape) {
        let value = |shape: &Shape, keyword: &str| shape.annotations.get(keyword).map(|value| text(value));
        if DEPRECATION.iter().all(|keyword| value(old, keyword) == value(new, keyword)) {
            return;
        }
        let (was, is) = (value(old, "x-sunset"), value(new, "x-sunset"));
        match (was, is) {
            (Some(was), Some(is)) if is < was => self.add(at, What::EndNearer { from: was, to: is }),
            (_, Some(sunset)) => self.add(at, What::EndAnnounced(sunset)),
            (_, None) => self.add(at, What::EndWithdrawn),
        }
    }
}

/// The keywords at a schema's root that deprecate its type.
pub const DEPRECATION: [&str; 4] = ["deprecated", "x-superseded-by", "x-retirement-reason", "x-sunset"];

fn listing(values: Option<&Values>) -> Listing {
    match values {
        None => Listing::Any,
        Some(Values { later: Some(_), .. }) => Listing::Open,
        Some(Values { later: None, .. }) => Listing::Closed,
    }
}

/// The descriptions that differ: of a field, and of the values that both list.
fn reworded(old: &Shape, new: &Shape) -> Vec<Reworded> {
    let words = |value: Option<&&Value>| value.map(|it| text(it)).unwrap_or_default();
    let of_field = [(None, words(old.annotations.get("description")), words(new.annotations.get("description")))];
    let (was, is) = (described_values(old), described_values(new));
    let of_values = was.into_iter().filter_map(|(value, from)| {
        let to = is.get(&value)?;
        Some((Some(value), words(from.as_ref()), words(to.as_ref())))
    });
    let all = of_field.into_iter().chain(of_values).filter(|(_, from, to)| from != to);
    all.map(|(value, from, to)| Reworded { value, from, to }).collect()
}

fn described_values<'a>(shape: &Shape<'a>) -> BTreeMap<String, Option<&'a Value>> {
    shape.values.as_ref().map(|values| values.listed.clone()).unwrap_or_default()
}

/// Whether both admit the same values; their annotations may differ.
fn equivalent(old: &Shape, new: &Shape) -> bool {
    let mut changes = Changes::default();
    changes.shape("", old, new);
    let only_informs = |what: &What| matches!(what, What::Annotations(_) | What::FieldDeprecated | What::Words(_));
    changes.found.iter().all(|change| only_informs(&change.what))
}

fn names(types: &BTreeSet<&str>) -> String {
    if types.is_empty() { "anything".to_owned() } else { types.iter().copied().collect::<Vec<_>>().join(" or ") }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
