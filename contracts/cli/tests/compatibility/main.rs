//! The table of cases: one change of a released event each, with the verdict, the services that it breaks, and why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use contracts::declaration::Declaration;
use contracts_cli::compare::compare;
use contracts_cli::judge::{Bump, Difference, Readers, Verdict, judge};
use contracts_cli::tree::Declared;
use serde_json::Value;

mod base;
mod cases;

use cases::{Case, TABLE};

fn declarations() -> BTreeMap<String, Declared> {
    let declared = |text: &&str| Declared {
        path: "events.toml".into(),
        declaration: Declaration::parse(text).unwrap(),
        outside: None,
    };
    let named = |declared: Declared| (declared.declaration.service.clone(), declared);
    base::SERVICES.iter().map(declared).map(named).collect()
}

fn differences(mutate: fn(&mut Value)) -> Vec<Difference> {
    let (old, mut new) = (base::schema(), base::schema());
    mutate(&mut new);
    let declarations = declarations();
    let changes = compare(&old, &new).unwrap();
    changes.iter().map(|change| judge(base::TYPE, change, Readers::new(&declarations))).collect()
}

fn as_expected(case: &Case, found: &[Difference]) -> bool {
    let [found] = found else { return false };
    let verdict = if case.verdict.is_some() { Verdict::Compatible } else { Verdict::Breaking };
    found.field == case.field
        && found.verdict == verdict
        && found.release == case.verdict.unwrap_or(Bump::Major)
        && found.victims == case.victims
        && (found.what.contains(case.text) || found.why.contains(case.text))
}

#[test]
fn each_case_of_the_table_gets_its_verdict_its_services_and_its_reason() {
    let wrong: Vec<String> = (TABLE.iter())
        .map(|case| (case, differences(case.mutate)))
        .filter(|(case, found)| !as_expected(case, found))
        .map(|(case, found)| format!("{}: {found:#?}", case.name))
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
    assert!(TABLE.len() >= 35);
}

#[test]
fn the_same_schema_has_no_differences() {
    assert_eq!(differences(|_| {}), []);
}

#[test]
fn who_reads_what_may_mean_something_else_is_to_be_asked() {
    let found = differences(|schema| {
        base::data(schema, "/properties/total/description", "In euros, not in cents.".into());
        base::data(schema, "/properties/origin/description", "Where it began.".into());
        base::data(schema, "/properties/giftWrap", serde_json::json!({ "type": "boolean" }));
    });
    let asked = |field: &str| &found.iter().find(|difference| difference.field == field).unwrap().readers;
    assert_eq!(asked("/data/total"), &["billing", "mailing"]);
    assert!(asked("/data/origin").is_empty() && asked("/data/giftWrap").is_empty());
}

#[test]
fn several_changes_are_reported_one_by_one() {
    let found = differences(|schema| {
        base::data(schema, "/properties/total/type", "string".into());
        base::remove(schema, "currency");
        base::add(schema, "giftWrap", false);
    });
    let fields: Vec<&str> = found.iter().map(|difference| difference.field.as_str()).collect();
    assert_eq!(fields, ["/data/currency", "/data/total", "/data/giftWrap"]);
}

#[test]
fn a_keyword_that_cannot_be_compared_is_refused_by_name_and_place() {
    let refused = [
        ("additionalProperties", "false"),
        ("anyOf", "[]"),
        ("not", "{}"),
        ("if", "{}"),
        ("uniqueItems", "true"),
        ("multipleOf", "10"),
        ("default", "0"),
        ("anyOf", r#"[{ "type": "string", "pattern": "^A" }]"#),
        ("anyOf", r#"[{ "type": "string", "pattern": "^A" }, { "type": "string", "pattern": "^B" }]"#),
        ("anyOf", r#"[{ "const": "A" }, { "const": "B" }]"#),
        ("anyOf", r#"[{ "type": "integer" }, { "type": "null" }]"#),
        ("oneOf", r#"[{ "type": "string" }, { "type": "integer" }]"#),
        ("enum", r#""EUR""#),
        ("$ref", r##""#/$defs/Gone""##),
        ("$ref", r##""#/$defs/Data""##),
    ];
    for (keyword, value) in refused {
        let mut new = base::schema();
        let at = format!("/properties/total/{keyword}");
        if keyword == "$ref" {
            base::data(&mut new, "/properties/total", serde_json::json!({}));
        }
        base::data(&mut new, &at, serde_json::from_str(value).unwrap());
        let error = compare(&base::schema(), &new).unwrap_err().to_string();
        assert!(error.contains(&format!("`{keyword}`")) && error.contains("/data"), "{error}");
    }
}

#[test]
fn a_reference_next_to_anything_but_annotations_is_refused() {
    let mut new = base::schema();
    base::data(&mut new, "/properties/orderId/maxLength", 40.into());
    let error = compare(&base::schema(), &new).unwrap_err().to_string();
    assert_eq!(error, "keyword `maxLength next to $ref` at /data/orderId cannot be compared");
}
