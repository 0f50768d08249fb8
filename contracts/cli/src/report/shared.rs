//! Differences of what several types share, such as an id or an attribute of the envelope: each is said once.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::Difference;

/// One difference, in every type and field that has it.
#[derive(Debug)]
pub struct Entry<'a>(Vec<&'a Difference>);

/// The differences of more than one type, and the others, in the order in which they were found.
pub fn entries(differences: &[Difference]) -> (Vec<Entry<'_>>, Vec<&Difference>) {
    let mut groups: BTreeMap<Key<'_>, Vec<&Difference>> = BTreeMap::new();
    let may_be_shared =
        |it: &&Difference| it.within.is_some() || !it.field.is_empty() && !it.field.starts_with("/data");
    for difference in differences.iter().filter(may_be_shared) {
        groups.entry(key(difference)).or_default().push(difference);
    }
    let mut shared: Vec<Entry<'_>> = groups.into_values().map(Entry).collect();
    shared.retain(|entry| entry.types().len() > 1);
    let own = differences.iter().filter(|it| !shared.iter().any(|entry| entry.0.contains(it))).collect();
    (shared, own)
}

type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Equal for the same difference of the same shared part. An attribute of the envelope is in no definition.
fn key(difference: &Difference) -> Key<'_> {
    let (definition, field) = match &difference.within {
        Some(within) => (within.definition.as_str(), within.field.as_str()),
        None => ("", difference.field.as_str()),
    };
    (definition, field, &difference.what, &difference.why)
}

impl<'a> Entry<'a> {
    /// One of the differences; the others say the same, of other fields.
    pub fn any(&self) -> &'a Difference {
        self.0[0]
    }

    /// What the types share: the definition, or the envelope.
    pub fn name(&self) -> &'a str {
        self.any().within.as_ref().map_or("the envelope", |within| &within.definition)
    }

    /// The field of what they share.
    pub fn field(&self) -> &'a str {
        let difference = self.any();
        difference.within.as_ref().map_or(&difference.field, |within| &within.field)
    }

    /// The types, each once.
    pub fn types(&self) -> BTreeSet<&'a str> {
        self.0.iter().map(|difference| difference.event_type.as_str()).collect()
    }

    /// The fields, each with its types: `/data/orderId of OrderCreated.v1, OrderCompleted.v1`.
    pub fn fields(&self) -> String {
        let mut fields: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for difference in &self.0 {
            fields.entry(&difference.field).or_default().insert(&difference.event_type);
        }
        let of = |(field, types): (&str, BTreeSet<&str>)| format!("{field} of {}", Vec::from_iter(types).join(", "));
        fields.into_iter().map(of).collect::<Vec<_>>().join("; ")
    }

    /// The services that it breaks, each once.
    pub fn victims(&self) -> Vec<String> {
        each_once(self.0.iter().flat_map(|difference| &difference.victims))
    }

    /// The services to ask, each once.
    pub fn readers(&self) -> Vec<String> {
        each_once(self.0.iter().flat_map(|difference| &difference.readers))
    }
}

fn each_once<'a>(services: impl Iterator<Item = &'a String>) -> Vec<String> {
    services.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}
