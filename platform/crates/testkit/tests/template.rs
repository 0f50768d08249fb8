//! The checks of a service's template find what they are for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

use std::fs;
use std::panic::{UnwindSafe, catch_unwind};
use std::str::FromStr;

use contracts::declaration::Declaration;
use testkit::template::Template;
use testkit::unique;

const SOUND: &str = include_str!("sound.yaml");

/// The sound template with one text replaced.
fn edited(old: &str, new: &str) -> Template {
    assert_eq!(SOUND.matches(old).count(), 1, "{old}");
    let folder = std::env::temp_dir().join(unique("testkit"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("template.yaml"), SOUND.replace(old, new)).unwrap();
    let template = Template::read(folder.to_str().unwrap());
    fs::remove_dir_all(folder).unwrap();
    template
}

fn finds(old: &str, new: &str, check: impl FnOnce(&Template) + UnwindSafe) -> bool {
    let template = edited(old, new);
    catch_unwind(move || check(&template)).is_err()
}

struct Role;

impl FromStr for Role {
    type Err = String;

    fn from_str(handler: &str) -> Result<Self, String> {
        ["events", "relay", "sweep"].contains(&handler).then_some(Self).ok_or_else(|| handler.to_owned())
    }
}

fn sweeps(template: &Template) {
    template.sweeps("Table");
}

fn routes(template: &Template) {
    template.routes(&["OrderCreated.v1", "PaymentFailed.v1"]);
}

fn lets_out(template: &Template) {
    let produces = r#"produces = ["InventoryReserved.v1", "InventoryRejected.v1", "EventProcessingFailed.v1"]"#;
    let text = format!("service = \"inventory\"\nsource = \"oms.inventory\"\n{produces}\n");
    template.lets_out(&Declaration::parse(&text).unwrap());
}

fn plays(template: &Template) {
    template.plays::<Role>(&["events", "relay", "sweep"]);
}

#[test]
fn a_sound_template_passes() {
    for check in [sweeps, routes, lets_out, plays, |template: &Template| template.reports("EventsFunction")] {
        assert!(!finds("rate(1 minute)", "rate(1 minute)", check));
    }
}

#[test]
fn a_rule_that_brings_too_little_or_too_much_is_found() {
    assert!(finds("OrderCreated.v1, PaymentFailed.v1", "OrderCreated.v1", routes));
    assert!(finds("OrderCreated.v1, PaymentFailed.v1", "OrderCreated.v1, PaymentFailed.v1, PaymentVoided.v1", routes));
    assert!(finds("[oms.orders, oms.payments]", "[oms.orders]", routes));
}

#[test]
fn a_policy_that_lets_out_too_little_or_too_much_is_found() {
    assert!(finds("InventoryReserved.v1, InventoryRejected.v1", "InventoryReserved.v1", lets_out));
    assert!(finds("'events:source': oms.inventory", "'events:source': oms.orders", lets_out));
    assert!(finds("'Null': { 'events:detail-type': 'false' }", "'Null': { 'events:detail-type': 'true' }", lets_out));
}

#[test]
fn a_policy_of_one_statement_is_read_like_one_of_many() {
    for (source, is_found) in [("oms.inventory", false), ("oms.orders", true)] {
        let on_aws =
            format!("{{ StringEquals: {{ 'events:source': {source}, 'events:detail-type': InventoryRejected.v1 }} }}");
        let one = format!("{{ Action: events:PutEvents, Condition: !If [OnAws, {on_aws}, !Ref AWS::NoValue] }}");
        let role =
            format!("  OneRole: {{ Properties: {{ Policies: [{{ PolicyDocument: {{ Statement: {one} }} }}] }} }}\n");
        let relay = "  RelayFunction:\n";
        assert_eq!(finds(relay, &format!("{role}{relay}"), lets_out), is_found, "{source}");
    }
}

#[test]
fn a_role_that_the_binary_does_not_know_is_found() {
    assert!(finds("Handler: relay", "Handler: api", plays));
}

#[test]
fn a_sweep_that_comes_late_or_looks_elsewhere_is_found() {
    for (old, new) in [
        ("rate(1 minute)", "rate(5 minutes)"),
        ("MaximumRetryAttempts: 0", "MaximumRetryAttempts: 2"),
        ("dead-letters/undeliverable", "dead-letters/inventory"),
        ("IndexName: due", "IndexName: late"),
        ("ProjectionType: KEYS_ONLY", "ProjectionType: ALL"),
        ("{ AttributeName: dueAt, AttributeType: N }", "{ AttributeName: dueAt, AttributeType: S }"),
        ("${Table.Arn}/index/due", "${Table.Arn}/index/late"),
        (", dynamodb:PutItem", ""),
        (", dynamodb:UpdateItem", ""),
        ("Resource: !GetAtt Table.Arn", "Resource: !GetAtt OtherTable.Arn"),
    ] {
        assert!(finds(old, new, sweeps), "{old} → {new}");
    }
}

#[test]
fn a_consumer_without_a_bus_is_found() {
    assert!(finds("BUS: ", "NOBUS: ", |template| template.reports("EventsFunction")));
}
