//! A service keeps its word: it handles what `events.toml` declares that it consumes, reads no more of it than declared, and
//! publishes what is declared, each event by its schema.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use chassis::consumer::Delivery;
use chassis::verdict::{Classify, Verdict};
use contracts::catalogue::{self, Entry};
use contracts::declaration::{Declaration, unproven};
use contracts::platform::EventProcessingFailed;
use contracts::{EventData, validate};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bus::{ACCOUNT, delivered_as};
use crate::golden;

/// What a service declares, and what its consumer handles.
#[derive(Debug, Clone)]
pub struct Contract<'a> {
    declaration: Declaration,
    handled: &'a [&'a str],
}

impl<'a> Contract<'a> {
    /// The declaration in a service's folder, which is `env!("CARGO_MANIFEST_DIR")`, beside its `HANDLED`.
    #[must_use]
    pub fn of(service: &str, handled: &'a [&'a str]) -> Self {
        Self { declaration: declaration(service), handled }
    }

    /// The declaration names published types alone, and consumes exactly what is handled.
    pub fn names_what_is_handled(&self) {
        let schemas = catalogue::all().into_iter().map(|entry| (entry.event_type.to_owned(), entry.schema)).collect();
        assert_eq!(self.declaration.wrong(&schemas), []);
        assert!(
            self.declaration.consumes.keys().map(String::as_str).eq(self
                .handled
                .iter()
                .copied()
                .collect::<BTreeSet<_>>())
        );
    }

    /// `read` takes of every event what is declared and nothing else, also from a producer that is a minor version ahead: it
    /// ignores new fields, and values that an enumeration did not have are read where it is open, and refused where it is closed.
    /// A strict build asks for the whole event: there the test is to be ignored.
    pub fn reads_what_it_declares<T: PartialEq + Debug, E: Debug>(&self, read: impl Fn(&Delivery) -> Result<T, E>) {
        let read = |entry: &Entry, event: &str| {
            let (source, event_type) = (entry.source, entry.event_type);
            let body = format!(
                r#"{{"source":"{source}","detail-type":"{event_type}","account":"{ACCOUNT}","detail":{event}}}"#
            );
            let delivery = Delivery::of(&body, ACCOUNT, 1, Timestamp::UNIX_EPOCH);
            let delivery = delivery.map_err(|error| format!("{error:?}"))?;
            let fact = read(&delivery).map_err(|error| format!("{error:?}"))?;
            let Delivery { event_id, event_type, source, subject, cause, .. } = delivery;
            Ok::<_, String>((event_id, event_type, source, subject, cause, fact))
        };
        for entry in self.handled.iter().map(|event_type| entry(event_type)) {
            for sample in samples(&entry) {
                let unproven =
                    unproven(&self.declaration, entry.event_type, &entry.schema, &sample, |event| read(&entry, event));
                assert!(unproven.is_empty(), "{}", unproven.join("\n"));
            }
        }
    }

    /// What the consumer handles it believes only under its own source and type: under every other of the catalogue, each of
    /// which some role may publish, the event is parked before the handler sees it.
    pub fn believes_what_the_bus_vouches_for(&self) {
        let all = catalogue::all();
        for inner in all.iter().filter(|entry| self.handled.contains(&entry.event_type)) {
            for outer in &all {
                let body = delivered_as(&json!(outer.source), &json!(outer.event_type), &inner.samples[0]);
                let read = Delivery::of(&body, ACCOUNT, 1, Timestamp::UNIX_EPOCH);
                let is_believed = (outer.source, outer.event_type) == (inner.source, inner.event_type);
                assert_eq!(
                    read.err().map(|refused| refused.class()),
                    (!is_believed).then_some("mislabelled"),
                    "{body}"
                );
            }
            let body = delivered_as(&json!(inner.source), &json!(inner.event_type), &inner.samples[0]);
            let read = Delivery::of(&body, "111122223333", 1, Timestamp::UNIX_EPOCH);
            parks(read, "mislabelled", "the bus vouches for the account `000000000000`, not for `111122223333`");
        }
    }

    /// `about` finds in every sample of a handled type, also of earlier minor versions, the entity that it is about.
    pub fn understands_every_sample<E: Debug>(&self, about: impl Fn(&str, &str) -> Result<String, E>) {
        for entry in self.handled.iter().map(|event_type| entry(event_type)) {
            for sample in samples(&entry) {
                let subject = about(entry.event_type, &sample.to_string()).unwrap_or_else(|error| panic!("{error:?}"));
                assert_eq!(json!(subject), sample["subject"], "{}", entry.event_type);
            }
        }
    }

    /// The events, as they are published, keep their schemas and are of all declared types; returned as JSON.
    #[expect(clippy::must_use_candidate, reason = "it may be called for the check alone")]
    pub fn publishes(&self, events: &[String]) -> Vec<Value> {
        // Every consumer reports what it parks.
        let mut produced = BTreeSet::from([EventProcessingFailed::TYPE.to_owned()]);
        let events = events.iter().map(|text| {
            let event: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            produced.insert(validate::event(&event).unwrap_or_else(|error| panic!("{error:?}: {text}")).to_owned());
            event
        });
        let events = events.collect();
        assert_eq!(produced, self.declaration.produces);
        events
    }

    /// The events, as they are published, are the golden events of all declared types, byte for byte. A new one comes last: its
    /// place is its number.
    pub fn pins(&self, events: &[String]) {
        self.publishes(events);
        golden::pin(&self.declaration.service, events);
    }
}

/// The `events.toml` in a service's folder.
#[must_use]
pub fn declaration(service: &str) -> Declaration {
    let path = Path::new(service).join("events.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Declaration::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The catalogue's entry of a type.
#[must_use]
pub fn entry(event_type: &str) -> Entry {
    let found = catalogue::all().into_iter().find(|entry| entry.event_type == event_type);
    found.unwrap_or_else(|| panic!("{event_type} is not in the catalogue"))
}

/// The first sample of a type.
#[must_use]
pub fn sample(event_type: &str) -> Value {
    entry(event_type).samples.remove(0)
}

/// Every sample of a type, those of its earlier minor versions too.
#[must_use]
pub fn samples(entry: &Entry) -> Vec<Value> {
    let released = catalogue::released_samples(entry.event_type).unwrap_or_else(|error| panic!("{error}"));
    entry.samples.iter().cloned().chain(released.into_values()).collect()
}

/// The event is parked, with this class and this message.
pub fn parks<T: Debug, E: Classify>(read: Result<T, E>, class: &str, message: &str) {
    let refused = refused(read);
    assert_eq!((refused.verdict(), refused.class(), refused.to_string().as_str()), (Verdict::Park, class, message));
}

/// With the feature `strict` an event that only its schema forbids is parked, and without it is read: a sample of
/// `event_type` with the value at a JSON pointer replaced, and the rule that then is broken.
pub fn is_strict<T: Debug, E: Classify>(
    strict: bool,
    event_type: &str,
    forbidden: &[(&str, &str, &str)],
    read: impl Fn(&str) -> Result<T, E>,
) {
    for (pointer, value, rule) in forbidden {
        let mut event = sample(event_type);
        *event.pointer_mut(pointer).unwrap_or_else(|| panic!("the sample has no {pointer}")) = json!(value);
        let read = read(&event.to_string());
        if !strict {
            assert!(read.is_ok(), "{pointer}");
            continue;
        }
        let refused = refused(read);
        assert_eq!((refused.verdict(), refused.class()), (Verdict::Park, "contract"));
        let cause = refused.source().map(ToString::to_string).unwrap_or_default();
        assert!(cause.contains(&format!("at {pointer}: ")) && cause.ends_with(rule), "{cause}");
    }
}

fn refused<T: Debug, E>(read: Result<T, E>) -> E {
    match read {
        Ok(read) => panic!("it was read: {read:?}"),
        Err(refused) => refused,
    }
}
