//! Everything that is known of the event types: what the Rust types say, who declares them, what was released.

use std::collections::BTreeMap;
use std::path::Path;

use contracts::catalogue::{self, Entry};
use contracts::declaration::{Consumed, Declaration};
use serde_json::Value;

use crate::tree::{self, Release, Tree, TreeError, Version};

/// The published language, its speakers and its history.
#[derive(Debug, Clone)]
pub struct Language {
    /// Every event type, in the order of an order's life.
    pub entries: Vec<Entry>,
    /// What the services declare, by their names.
    pub declarations: Vec<Declaration>,
    /// Every release, oldest first.
    pub releases: Vec<Release>,
    /// The schemas of the last release, by type.
    pub published: BTreeMap<String, Value>,
}

impl Language {
    /// The language of the Rust types, with what lies below a repository's root.
    ///
    /// # Errors
    /// [`TreeError`], which names the file.
    pub fn read(root: &Path) -> Result<Self, TreeError> {
        let tree = Tree::read(root)?;
        let mut published = BTreeMap::new();
        for (event_type, released) in tree.released().into_iter().flat_map(|release| &release.types) {
            published.insert(event_type.clone(), tree::json(root, &tree::released_schema(event_type, released.minor))?);
        }
        let declarations = tree.declarations.into_values().map(|declared| declared.declaration).collect();
        Ok(Self { entries: catalogue::all(), declarations, releases: tree.releases, published })
    }

    /// The version of what the Rust types say: that of the last release, marked if they say more or less by now.
    #[must_use]
    pub fn version(&self) -> String {
        let current = self.entries.iter().map(|entry| (entry.event_type, &entry.schema));
        let released = self.published.iter().map(|(event_type, schema)| (event_type.as_str(), schema));
        let last = self.releases.last().map_or_else(|| "0.0.0".to_owned(), |release| release.version.to_string());
        if current.collect::<BTreeMap<_, _>>() == released.collect() { last } else { format!("{last}+unreleased") }
    }

    /// The release that had a type first.
    #[must_use]
    pub fn since(&self, event_type: &str) -> Option<Version> {
        Some(self.releases.iter().find(|release| release.types.contains_key(event_type))?.version)
    }

    /// The services that say a type.
    #[must_use]
    pub fn producers(&self, event_type: &str) -> Vec<&str> {
        let saying = self.declarations.iter().filter(|declaration| declaration.produces.contains(event_type));
        saying.map(|declaration| declaration.service.as_str()).collect()
    }

    /// The services that hear a type, and what they read of it apart from the envelope.
    #[must_use]
    pub fn consumers(&self, event_type: &str) -> Vec<(&str, &Consumed)> {
        let declarations = self.declarations.iter();
        declarations.filter_map(|it| Some((it.service.as_str(), it.consumes.get(event_type)?))).collect()
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

/// What a type's schema says of it as a whole.
pub(super) fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

/// The first sentence of a text.
pub(super) fn summary(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// A type's announced end: what replaces it, and the first day on which its producer may stop.
pub(super) fn announced_end(schema: &Value) -> Option<(&str, &str)> {
    let said = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
    Some((said("x-superseded-by")?, said("x-sunset")?))
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
