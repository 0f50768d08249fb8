//! An event of SES, as AWS documents it, becomes a message without an address by the template's rules, and that a report.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::verdict::{Classify, Verdict, chain};
use notifications::application::apply_feedback::Report;
use notifications::domain::feedback::Feedback;
use notifications::domain::ids::{AddressMark, ClaimId, OrderId};
use notifications::domain::message::Template;
use notifications::inbound::feedback::{HANDLED, report};
use serde_json::{Value, json};
use testkit::ses;

const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";
const SERVICE: &str = env!("CARGO_MANIFEST_DIR");
const ACCOUNT: &str = "123456789012";

fn tags() -> Value {
    let (attempt, address) = (ClaimId::new(7).to_string(), AddressMark::of("recipient@example.com").to_string());
    json!({ "order": [ORDER], "template": ["ORDER_CANCELLED"], "attempt": [attempt], "address": [address] })
}

/// What the rule for this type puts into the queue of an event.
fn handed_on(event: &Value) -> String {
    let rule = if event["detail-type"] == "Email Bounced" { "BounceRule" } else { "ComplaintRule" };
    let template = testkit::template::Template::read(SERVICE);
    let target = serde_json::to_value(&template.resource(rule)["Targets"][0]["InputTransformer"]).unwrap();
    ses::transformed(&target, event)
}

#[test]
fn a_bounce_and_a_complaint_are_reports_and_a_passing_bounce_is_none() {
    let reported = |feedback| {
        let (order, template) = (OrderId::new(ORDER).unwrap(), Template::OrderCancelled);
        let (attempt, address) = (ClaimId::new(7), AddressMark::of("recipient@example.com"));
        Some(Report { order, template, attempt, address, feedback })
    };
    for (event, expected) in [
        (ses::bounce("Permanent", &tags()), reported(Feedback::Bounced)),
        (ses::bounce("Transient", &tags()), None),
        (ses::bounce("Undetermined", &tags()), None),
        (ses::complaint(&tags()), reported(Feedback::Complained)),
        // A mail about no order, such as one that asks for a confirmation.
        (ses::bounce("Permanent", &json!({})), None),
        (ses::complaint(&json!({})), None),
    ] {
        let message = handed_on(&event);
        assert!(!message.contains('@') && event.to_string().contains('@'), "an address gets into the queue: {message}");
        assert_eq!(report(&message, ACCOUNT).unwrap(), expected, "{message}");
    }
}

#[test]
fn the_rules_bring_what_is_handled_of_our_mail_alone() {
    let template = testkit::template::Template::read(SERVICE);
    let brought = ["BounceRule", "ComplaintRule"].map(|rule| {
        let pattern = &template.resource(rule)["EventPattern"];
        assert!(template.resource(rule).get("EventBusName").is_none(), "SES publishes to the default bus alone");
        assert_eq!(pattern["source"][0], "aws.ses");
        assert!(pattern["detail"]["mail"]["tags"]["ses:configuration-set"].is_sequence());
        pattern["detail-type"][0].as_str().unwrap().to_owned()
    });
    assert_eq!(brought.each_ref().map(String::as_str), HANDLED);
}

#[test]
fn what_is_not_from_ses_or_not_about_our_mail_is_parked_and_its_cause_has_no_address() {
    let good: Value = serde_json::from_str(&handed_on(&ses::bounce("Permanent", &tags()))).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut odd = good.clone();
        *odd.pointer_mut(pointer).unwrap() = value;
        odd.to_string()
    };
    let canary = "canary@example.org";
    for (body, class) in [
        (String::new(), "malformed"),
        (format!("{{\"source\": {{\"{canary}\": 1}}}}"), "malformed"),
        (with("/tags/order", json!(canary)), "malformed"),
        (with("/tags/attempt", json!([canary, canary])), "malformed"),
        (with("/source", json!(canary)), "mislabelled"),
        (with("/account", json!(canary)), "mislabelled"),
        (with("/type", json!(canary)), "outside_domain"),
        (with("/tags/order/0", json!(canary)), "outside_domain"),
        (with("/tags/template/0", json!(canary)), "outside_domain"),
        (with("/tags/attempt/0", json!(canary)), "outside_domain"),
        (with("/tags/address", Value::Null), "outside_domain"),
    ] {
        let error = report(&body, ACCOUNT).unwrap_err();
        assert_eq!((error.class(), error.verdict()), (class, Verdict::Park), "{body}");
        assert!(!chain(&error).contains("canary"), "{}", chain(&error));
    }
}
