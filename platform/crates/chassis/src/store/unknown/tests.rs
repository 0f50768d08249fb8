use aws_config::SdkConfig;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::{Change, Revision, Table};
use super::*;

/// A value of an older version's item: every key begins with `k`.
fn known() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![text("[a-c]"), text("[a-c] [a-c]"), (0..9_u8).prop_map(number)];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(AttributeValue::L);
        let numbered = vec(map(inner.clone()), 0..4).prop_map(|maps| {
            let numbered = |(n, mut element): (u8, AttributeValue)| {
                element = with(element, NUMBER, number(n));
                element
            };
            AttributeValue::L((0..).zip(maps).map(numbered).collect())
        });
        prop_oneof![map(inner), list, numbered]
    })
}

fn text(pattern: &'static str) -> impl Strategy<Value = AttributeValue> {
    pattern.prop_map(AttributeValue::S)
}

fn number(digit: u8) -> AttributeValue {
    AttributeValue::N(digit.to_string())
}

fn map(inner: impl Strategy<Value = AttributeValue>) -> impl Strategy<Value = AttributeValue> {
    btree_map("k[a-d]", inner, 0..4).prop_map(|entries| AttributeValue::M(entries.into_iter().collect()))
}

fn with(value: AttributeValue, key: &str, more: AttributeValue) -> AttributeValue {
    let AttributeValue::M(mut entries) = value else { return value };
    entries.insert(key.to_owned(), more);
    AttributeValue::M(entries)
}

/// The same value as a newer version writes it: more keys in its maps and more words in its texts, as `dice` have it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest stay as they are; the SDK's type is open")]
fn grown(value: AttributeValue, dice: &mut impl Iterator<Item = u8>) -> AttributeValue {
    let roll = dice.next().unwrap_or_default();
    match value {
        AttributeValue::S(text) if roll.is_multiple_of(2) => AttributeValue::S(format!("{text} more{roll}")),
        AttributeValue::L(elements) => AttributeValue::L(elements.into_iter().map(|it| grown(it, dice)).collect()),
        AttributeValue::M(entries) => {
            let mut sorted: Vec<_> = entries.into_iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let entries = sorted.into_iter().map(|(key, value)| (key, grown(value, dice))).collect();
            (0..roll % 3).fold(AttributeValue::M(entries), |map, n| with(map, &format!("u{n}"), number(n)))
        }
        other => other,
    }
}

/// What a write of an older version changes: it looks at what it knows alone, and does to a grown value what it does to a
/// known one. Every second number becomes another, every text `c` becomes `d`, elements of even numbers go, and maps get a key.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest stay as they are; the SDK's type is open")]
fn changed(value: AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::N(digits) => AttributeValue::N(digits.replace('3', "4")),
        AttributeValue::S(text) if text.starts_with('c') => AttributeValue::S("d".to_owned()),
        AttributeValue::L(elements) => {
            let stays =
                |element: &AttributeValue| number_of(element).is_none_or(|number| number.as_n() != Ok(&"2".into()));
            AttributeValue::L(elements.into_iter().filter(stays).map(changed_inside).collect())
        }
        AttributeValue::M(entries) => {
            let known = |(key, value): (String, AttributeValue)| {
                let value = if key.starts_with('k') { changed(value) } else { value };
                (key, value)
            };
            with(AttributeValue::M(entries.into_iter().map(known).collect()), "kz", number(1))
        }
        other => other,
    }
}

/// A list of texts stays as it is: two elements may be the same text, and nothing tells which of them has changed.
fn changed_inside(element: AttributeValue) -> AttributeValue {
    if element.is_s() { element } else { changed(element) }
}

/// The item whose only attribute is this value.
fn item(value: AttributeValue) -> Attributes {
    Attributes::from([("k".to_owned(), value)])
}

/// What becomes of a write of `written`, and of the next write of the same.
fn kept(all: AttributeValue, known: AttributeValue, written: AttributeValue) -> AttributeValue {
    let (mut first, mut second) = (item(written.clone()), item(written));
    let left = Unknown::between(&item(all), &item(known)).added_to(&mut first);
    left.added_to(&mut second);
    assert_eq!(first, second);
    first.remove("k").unwrap()
}

proptest! {
    #[test]
    fn what_an_older_version_does_not_know_survives_its_write(value in known(), dice in vec(any::<u8>(), 60)) {
        let newer = grown(value.clone(), &mut dice.into_iter());
        prop_assert_eq!(kept(newer.clone(), value.clone(), value.clone()), newer.clone());
        prop_assert_eq!(kept(newer.clone(), value.clone(), changed(value)), changed(newer));
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn l(texts: &[&str]) -> AttributeValue {
    AttributeValue::L(texts.iter().map(|text| s(text)).collect())
}

fn m(entries: &[(&str, AttributeValue)]) -> AttributeValue {
    AttributeValue::M(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

#[test]
fn a_text_keeps_its_further_words_while_it_is_the_same_text_wherever_it_is() {
    for (all, known, written, expected) in [
        (s("HELD 5 soon"), s("HELD 5"), s("HELD 5"), s("HELD 5 soon")),
        (s("HELD 5 soon"), s("HELD 5"), s("SOLD"), s("SOLD")),
        (s("HELD 55"), s("HELD 5"), s("HELD 5"), s("HELD 5")),
        (l(&["a", "b x", "c"]), l(&["a", "b", "c"]), l(&["b", "c", "d"]), l(&["b x", "c", "d"])),
        (l(&["a x", "a y"]), l(&["a", "a"]), l(&["a", "a"]), l(&["a x", "a y"])),
    ] {
        assert_eq!(kept(all, known, written), expected);
    }
}

#[test]
fn what_the_record_writes_wins_and_what_sat_in_something_that_is_gone_goes() {
    let held = m(&[("held", number(1))]);
    let newer = m(&[("held", number(1)), ("late", s("theirs"))]);
    assert_eq!(kept(newer.clone(), held.clone(), m(&[("late", s("ours"))])), m(&[("late", s("ours"))]));
    let all = m(&[("k", newer.clone()), ("flags", AttributeValue::L(vec![newer.clone(), s("x")]))]);
    let known = m(&[("k", held.clone()), ("flags", AttributeValue::L(vec![held, s("x")]))]);
    assert_eq!(kept(all.clone(), known.clone(), m(&[])), m(&[]));
    assert_eq!(kept(all, known, m(&[("flags", l(&[]))])), m(&[("flags", l(&[]))]));
}

/// A record of an older version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Older {
    lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
}

fn put(table: &Table, record: Older, read: &Revision) -> (Attributes, Revision) {
    let change = Change { record, outbox: vec!["{}".to_owned()], due: None };
    let (put, next) = table.put("key-1", &change, read).unwrap();
    (put.item, next)
}

#[test]
fn a_put_keeps_what_its_read_did_not_know_and_none_of_what_this_crate_writes_itself() {
    let table =
        Table::new(&SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build(), "t".into());
    let stored = m(&[
        ("pk", s("key-1")),
        ("version", number(3)),
        ("emitted", number(2)),
        ("outbox", s("{}")),
        ("dueAt", number(9)),
        ("dueShard", s("1")),
        ("waitsUntil", number(9)),
        ("lines", AttributeValue::L(vec![m(&[("sku", s("MUG")), ("gift", AttributeValue::Bool(true))])])),
        ("note", s("by hand")),
        ("shippingAddress", m(&[("city", s("Ulm"))])),
    ]);
    let AttributeValue::M(stored) = stored else { panic!("a map") };
    let read = table.read::<Older>(&stored).unwrap();
    let (first, next) = put(&table, Older { note: None, ..read.value.clone() }, &read.revision);
    let (second, _) = put(&table, Older { note: None, ..read.value }, &next);
    for item in [&first, &second] {
        assert_eq!((item["lines"] == stored["lines"], item.get("note")), (true, None), "{item:?}");
        assert_eq!(item["shippingAddress"], stored["shippingAddress"]);
        assert!(["dueAt", "dueShard", "waitsUntil"].iter().all(|name| !item.contains_key(*name)), "{item:?}");
    }
    assert_eq!((second["version"].as_n(), second["emitted"].as_n()), (Ok(&"5".into()), Ok(&"4".into())));
}
