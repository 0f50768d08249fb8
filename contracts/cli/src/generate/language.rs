//! The event types with their declarations and releases.

use std::collections::BTreeMap;
use std::path::Path;

use contracts::catalogue::Entry;
use contracts::declaration::{Consumed, Declaration};
use serde_json::Value;

use crate::tree::consumers::Outside;
use crate::tree::{self, Declared, Release, Tree, TreeError, Types, Version};

/// The published language, its producers and consumers, and its releases.
#[derive(Debug, Clone)]
pub struct Language {
    /// Every event type, in the order of an order's life.
    pub entries: Vec<Entry>,
    /// The declarations of services, and of consumers outside this repository, by service.
    pub declarations: BTreeMap<String, Declared>,
    /// Every release, oldest first.
    pub releases: Vec<Release>,
    /// The schemas of the last release, by type.
    pub published: BTreeMap<String, Value>,
}

impl Language {
    /// These event types, with the declarations and releases below a repository's root.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn of(root: &Path, entries: Vec<Entry>) -> Result<Self, TreeError> {
        let tree = Tree::with(root, Types::of(&entries))?;
        let mut published = BTreeMap::new();
        for (event_type, released) in tree.released().into_iter().flat_map(|release| &release.types) {
            published.insert(event_type.clone(), tree::json(root, &tree::released_schema(event_type, released.minor))?);
        }
        Ok(Self { entries, declarations: tree.declarations, releases: tree.releases, published })
    }

    /// The version of the last release, marked `+unreleased` if the Rust types differ from it.
    #[must_use]
    pub fn version(&self) -> String {
        let current = self.entries.iter().map(|entry| (entry.event_type, &entry.schema));
        let released = self.published.iter().map(|(event_type, schema)| (event_type.as_str(), schema));
        let last = self.releases.last().map_or_else(|| "0.0.0".to_owned(), |release| release.version.to_string());
        if current.collect::<BTreeMap<_, _>>() == released.collect() { last } else { format!("{last}+unreleased") }
    }

    /// The first release with a type.
    #[must_use]
    pub fn since(&self, event_type: &str) -> Option<Version> {
        Some(self.releases.iter().find(|release| release.types.contains_key(event_type))?.version)
    }

    /// Every declaration, sorted by service.
    pub fn declared(&self) -> impl Iterator<Item = &Declaration> {
        self.declarations.values().map(|declared| &declared.declaration)
    }

    /// The consumers outside this repository, with their names.
    pub fn outside(&self) -> impl Iterator<Item = (&str, &Outside)> {
        self.declarations.iter().filter_map(|(name, declared)| Some((name.as_str(), declared.outside.as_ref()?)))
    }

    /// The services that publish a type.
    #[must_use]
    pub fn producers(&self, event_type: &str) -> Vec<&str> {
        let producers = self.declared().filter(|declaration| declaration.produces.contains(event_type));
        producers.map(|declaration| declaration.service.as_str()).collect()
    }

    /// The services that consume a type, those outside this repository included, and what they read of its data.
    #[must_use]
    pub fn consumers(&self, event_type: &str) -> Vec<(&str, &Consumed)> {
        self.declared().filter_map(|it| Some((it.service.as_str(), it.consumes.get(event_type)?))).collect()
    }

    /// Every source, in the order of its first event in an order's life.
    #[must_use]
    pub fn sources(&self) -> Vec<&'static str> {
        let mut sources = Vec::new();
        for entry in &self.entries {
            if !sources.contains(&entry.source) {
                sources.push(entry.source);
            }
        }
        sources
    }
}

/// The description of a schema.
pub(super) fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

/// The first sentence of a text.
pub(super) fn summary(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// What consumers of a deprecated type do, and until when.
pub(super) fn announced_end(schema: &Value) -> Option<String> {
    let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
    let instead = match (text("x-superseded-by"), text("x-retirement-reason")) {
        (Some(successor), _) => format!("use {successor}"),
        (None, reason) => format!("nothing replaces it, because {}", reason?),
    };
    Some(format!("**Deprecated**: {instead}. Its producer may stop from {} on.", text("x-sunset")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_the_first_sentence() {
        assert_eq!(summary("It ended. Nothing is held any more."), "It ended");
        assert_eq!(summary("It ended, as v1.0 says."), "It ended, as v1.0 says");
    }
}
