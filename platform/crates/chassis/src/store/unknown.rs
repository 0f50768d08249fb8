//! What an item has that the running version does not know. A newer version wrote it, and an older one keeps it.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Attributes, DUE_AT, DUE_SHARD, KEY, OUTBOX, WAITS_UNTIL};

/// What identifies an element of a list from which elements in the middle may go.
const NUMBER: &str = "number";
/// The attributes that this crate writes itself.
const OWN: [&str; 7] = [KEY, OUTBOX, DUE_SHARD, DUE_AT, WAITS_UNTIL, "version", "emitted"];

/// What an item has beside what its record writes, at every depth. The next write adds it back, but for what sat inside of
/// something that is gone. The default is nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unknown(Option<Arc<Part>>);

// The values of an item are texts, numbers as texts, and collections of them: each equals itself.
impl Eq for Unknown {}

/// What is unknown of one value.
#[derive(Debug, PartialEq)]
enum Part {
    /// Of a map: whole keys, and what is unknown inside of others.
    Map { more: Attributes, inside: Vec<(String, Part)> },
    /// Of a list: what is unknown inside of elements.
    List(Vec<(Place, Part)>),
    /// Of a text: a space and further words behind what is known.
    Words { known: String, more: String },
}

/// Which element of a list.
#[derive(Debug, PartialEq)]
enum Place {
    Number(AttributeValue),
    At(usize),
}

impl Unknown {
    /// What `item` has beside `known`, which is what its record writes.
    pub(super) fn between(item: &Attributes, known: &Attributes) -> Self {
        Self(Part::of_map(item, known, &OWN).map(Arc::new))
    }

    /// Adds it to what a record writes, which itself stays as it is; returns what of it the item has then.
    pub(super) fn added_to(&self, item: &mut Attributes) -> Self {
        let Some(part) = self.0.as_deref() else { return Self::default() };
        let known = item.clone();
        part.add_to_map(item);
        Self::between(item, &known)
    }
}

impl Part {
    fn of_map(all: &Attributes, known: &Attributes, own: &[&str]) -> Option<Self> {
        let (mut more, mut inside) = (Attributes::new(), Vec::new());
        for (name, value) in all {
            match known.get(name) {
                Some(known) => inside.extend(Self::of(value, known).map(|part| (name.clone(), part))),
                None if own.contains(&name.as_str()) => {}
                None => drop(more.insert(name.clone(), value.clone())),
            }
        }
        (!more.is_empty() || !inside.is_empty()).then_some(Self::Map { more, inside })
    }

    fn of(all: &AttributeValue, known: &AttributeValue) -> Option<Self> {
        match (all, known) {
            (AttributeValue::M(all), AttributeValue::M(known)) => Self::of_map(all, known, &[]),
            (AttributeValue::L(all), AttributeValue::L(known)) => {
                let part = |(at, (all, known))| Some((Place::of(all, at), Self::of(all, known)?));
                let inside: Vec<_> = all.iter().zip(known).enumerate().filter_map(part).collect();
                (!inside.is_empty()).then_some(Self::List(inside))
            }
            (AttributeValue::S(all), AttributeValue::S(known)) => {
                let more = all.strip_prefix(known.as_str()).filter(|more| more.starts_with(' '))?;
                Some(Self::Words { known: known.clone(), more: more.to_owned() })
            }
            (_, _) => None,
        }
    }

    fn add_to_map(&self, map: &mut Attributes) {
        let Self::Map { more, inside } = self else { return };
        for (name, value) in more {
            map.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for (name, part) in inside {
            map.get_mut(name).into_iter().for_each(|value| part.add_to(value));
        }
    }

    /// Adds it to a value, unless that has become something else.
    fn add_to(&self, value: &mut AttributeValue) {
        match (self, value) {
            (Self::Map { .. }, AttributeValue::M(map)) => self.add_to_map(map),
            (Self::List(inside), AttributeValue::L(list)) => {
                for (place, part) in inside {
                    part.element(place, list).into_iter().for_each(|element| part.add_to(element));
                }
            }
            (Self::Words { known, more }, AttributeValue::S(text)) if text == known => text.push_str(more),
            (_, _) => {}
        }
    }

    /// The element that it was found in. A text is the element of that text, wherever it is now.
    fn element<'a>(&self, place: &Place, list: &'a mut [AttributeValue]) -> Option<&'a mut AttributeValue> {
        match (self, place) {
            (Self::Words { known, .. }, Place::At(at)) => {
                let is_it = |element: &AttributeValue| element.as_s() == Ok(known);
                let is_there = list.get(*at).is_some_and(is_it);
                let at = if is_there { Some(*at) } else { list.iter().position(is_it) };
                list.get_mut(at?)
            }
            (_, Place::At(at)) => list.get_mut(*at),
            (_, Place::Number(number)) => list.iter_mut().find(|element| number_of(element) == Some(number)),
        }
    }
}

impl Place {
    fn of(element: &AttributeValue, at: usize) -> Self {
        number_of(element).map_or(Self::At(at), |number| Self::Number(number.clone()))
    }
}

fn number_of(element: &AttributeValue) -> Option<&AttributeValue> {
    element.as_m().ok()?.get(NUMBER)
}

#[cfg(test)]
mod tests;
