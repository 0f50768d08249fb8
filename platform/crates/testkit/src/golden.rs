//! Golden events: what a service publishes, byte for byte, in `contracts/golden`. Consumers rely on more than a schema says: on
//! the value of an amount, on the subject, on an id that is the same in every repetition.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use contracts::catalogue;
use serde_json::Value;

/// Set to rewrite the golden events, as `just pin-events` does.
const UPDATE: &str = "UPDATE_GOLDEN";

/// The published texts are the golden events of their types, in this order; with [`UPDATE`], they become so.
pub(crate) fn pin(service: &str, published: &[String]) {
    let folder = catalogue::golden_folder();
    let wanted = numbered(published);
    let left_over = left_over(&folder, &wanted);
    if update() {
        fs::create_dir_all(&folder).expect("contracts/golden can be made");
        for name in left_over {
            fs::remove_file(folder.join(name)).expect("a golden event can be removed");
        }
        for (name, text) in wanted {
            fs::write(folder.join(name), text).expect("a golden event can be written");
        }
        return;
    }
    let differs = |(name, text): (&PathBuf, &String)| {
        let pinned = fs::read_to_string(folder.join(name)).unwrap_or_default();
        let differs = pinned != *text;
        differs.then(|| format!("contracts/golden/{}\n  pinned:    {pinned}\n  published: {text}", name.display()))
    };
    let mut wrong: Vec<String> = wanted.iter().filter_map(differs).collect();
    wrong.extend(left_over.iter().map(|name| format!("contracts/golden/{}: no test publishes it", name.display())));
    assert!(
        wrong.is_empty(),
        "{}\nConsumers receive other bytes than before. If that is meant, run `just pin-events {service}`, then `just check-contracts`, \
         which says what it breaks.",
        wrong.join("\n")
    );
}

#[expect(clippy::disallowed_methods, reason = "whoever starts a test says whether it rewrites what it expects")]
fn update() -> bool {
    std::env::var(UPDATE).is_ok_and(|value| !value.is_empty() && value != "0")
}

/// Each text with the name of its file.
fn numbered(published: &[String]) -> BTreeMap<PathBuf, String> {
    let mut of_type: BTreeMap<String, usize> = BTreeMap::new();
    let named = |text: &String| {
        let event: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let event_type = event["type"].as_str().expect("an event has a type").to_owned();
        let number = of_type.entry(event_type.clone()).or_default();
        *number += 1;
        (PathBuf::from(format!("{event_type}.{number}.json")), format!("{text}\n"))
    };
    published.iter().map(named).collect()
}

/// The golden events of the same types that nothing publishes any more.
fn left_over(folder: &Path, wanted: &BTreeMap<PathBuf, String>) -> Vec<PathBuf> {
    let of_type = |name: &Path| name.with_extension("").with_extension("");
    let types: Vec<PathBuf> = wanted.keys().map(|name| of_type(name)).collect();
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| PathBuf::from(entry.file_name()));
    names.filter(|name| types.contains(&of_type(name)) && !wanted.contains_key(name)).collect()
}
