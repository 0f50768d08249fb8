//! The checks against recorded answers of AWS, in the shapes of its API reference.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::facts::{Part, Resource, Rule};
use super::*;
use crate::aws_cli::recorded::{Recorded, denied, missing};
use crate::deploy;
use crate::template::json as template;
use crate::wrong::WrongArgument;

mod answers;

use answers::{bad, good, rules_of_default};

/// A resource: its name in the template, its type, and its name in AWS.
type Named = (&'static str, &'static str, &'static str);

/// A stage with one thing of each kind, and the templates of this repository.
fn facts() -> Facts {
    let repository = Repository::find().unwrap();
    let resources: [(&str, &[Named]); 4] = [
        ("platform", &[]),
        (
            "dead-letters",
            &[(
                "Undeliverable",
                "AWS::SQS::Queue",
                "https://sqs.eu-central-1.amazonaws.com/123456789012/oms-prod-undeliverable-dlq",
            )],
        ),
        (
            "payments",
            &[
                ("RelayRole", "AWS::IAM::Role", "oms-prod-payments-RelayRole-1A2B"),
                ("DeadLettersRole", "AWS::IAM::Role", "oms-prod-payments-DeadLettersRole-1A2B"),
                ("Table", "AWS::DynamoDB::Table", "oms-prod-payments"),
                ("RelayFunction", "AWS::Lambda::Function", "oms-prod-payments-relay"),
                ("Api", "AWS::ApiGatewayV2::Api", "a1b2c3"),
            ],
        ),
        (
            "notifications",
            &[
                ("Contacts", "AWS::DynamoDB::Table", "oms-prod-contacts"),
                ("Reports", "AWS::SES::ConfigurationSet", "oms-prod-mail"),
                ("BounceRule", "AWS::Events::Rule", "oms-prod-notifications-bounces"),
                ("Rule", "AWS::Events::Rule", "oms-prod|oms-prod-notifications"),
            ],
        ),
    ];
    let parameters = [
        ("platform", "AlarmEmail", "ops@shop.test"),
        ("platform", "Production", "true"),
        ("payments", "GatewayUrl", "https://api.stripe.com"),
        ("notifications", "SenderAddress", "orders@shop.test"),
    ];
    let templates = deploy::templates(&repository).unwrap();
    let part = |(name, resources): (&str, &[Named])| {
        let file = &templates.iter().find(|(part, _)| part == name).unwrap().1;
        let owned = |(id, kind, physical): &(&str, &str, &str)| Resource {
            id: (*id).to_owned(),
            kind: (*kind).to_owned(),
            physical: (*physical).to_owned(),
        };
        let own = parameters.iter().filter(|(part, _, _)| *part == name);
        let part = Part {
            parameters: own.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            resources: resources.iter().map(owned).collect(),
            template: template::parse(&fs::read_to_string(repository.path(file)).unwrap()).unwrap(),
        };
        (name.to_owned(), part)
    };
    let known = [
        ("bus/arn", "arn:aws:events:eu-central-1:123456789012:event-bus/oms-prod"),
        ("identity/pool-id", "eu-central-1_AbC123"),
        ("identity/issuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123"),
        ("identity/client-id", "4example"),
        ("alarms/topic-arn", "arn:aws:sns:eu-central-1:123456789012:oms-prod-alarms"),
    ];
    let pattern = json!({ "account": ["123456789012"], "source": ["oms.orders"], "detail-type": ["OrderCreated.v1"] });
    Facts {
        stage: "prod".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        now: "2026-11-29T12:00:00Z".parse().unwrap(),
        partition: "aws".to_owned(),
        parameters: known.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        parts: resources.into_iter().map(part).collect(),
        rules: vec![Rule { bus: "oms-prod".to_owned(), name: "oms-prod-payments".to_owned(), pattern }],
    }
}

/// What a check finds if each of its requests is answered so.
fn found(check: &Check, facts: &Facts, answer: impl Fn(&Call) -> Result<Value, AwsError>) -> Verdict {
    let answered = |call: Call| Answered { answer: answer(&call), call };
    (check.judge)(facts, &(check.calls)(facts).into_iter().map(answered).collect::<Vec<_>>())
}

fn check(name: &str) -> &'static Check {
    checks().find(|check| check.name == name).unwrap()
}

#[test]
fn a_stage_as_it_should_be_passes_every_check() {
    let facts = facts();
    for check in checks() {
        let verdict = found(check, &facts, |call| Ok(good(check.name, call)));
        assert!(matches!(verdict, Verdict::Right(_)), "{}: {verdict:?}", check.name);
    }
}

#[test]
fn each_check_finds_its_fault_and_names_it() {
    for check in checks().filter(|check| check.name != "production") {
        let (answer, words) = bad(check.name);
        let verdict = found(check, &facts(), |_| Ok(answer.clone()));
        assert!(matches!(&verdict, Verdict::Wrong(seen) if seen.contains(words)), "{}: {verdict:?}", check.name);
    }
}

#[test]
fn a_stage_that_sells_without_what_that_needs_is_wrong() {
    let mut lacking = facts();
    lacking.parts.get_mut("payments").unwrap().parameters.clear();
    lacking
        .parts
        .get_mut("notifications")
        .unwrap()
        .parameters
        .insert("SenderAddress".to_owned(), "orders@oms.example".to_owned());
    lacking.parts.insert("sandbox-gateway".to_owned(), Part::default());
    let Verdict::Wrong(seen) = found(check("production"), &lacking, |_| Ok(json!({}))) else {
        panic!("it is not ready")
    };
    for fault in
        ["payments has no GatewayUrl", "delete the stack oms-prod-sandbox-gateway", "SenderAddress is an example"]
    {
        assert!(seen.contains(fault), "{seen}");
    }
    assert!(
        matches!(found(check("gateway-secret"), &lacking, |_| denied()), Verdict::Right(_)),
        "the sandbox needs no key"
    );
    lacking.parts.get_mut("platform").unwrap().parameters.insert("Production".to_owned(), "false".to_owned());
    assert!(matches!(found(check("production"), &lacking, |_| Ok(json!({}))), Verdict::Right(_)));
}

#[test]
fn what_may_not_be_asked_is_unknown_and_what_is_gone_is_wrong() {
    let facts = facts();
    // These two know an answer in every refusal.
    for check in checks().filter(|check| !["production", "foreign-voice"].contains(&check.name)) {
        let verdict = found(check, &facts, |_| denied());
        assert!(matches!(verdict, Verdict::Unknown(_)), "{}: {verdict:?}", check.name);
    }
    let none = found(check("replay-end"), &facts, |_| Ok(json!({ "Replays": [] })));
    assert!(matches!(none, Verdict::Skipped(_)), "{none:?}");
    let gone = found(check("archive"), &facts, |_| missing("ResourceNotFoundException"));
    assert!(matches!(gone, Verdict::Wrong(_)), "{gone:?}");
}

#[test]
fn what_a_parameter_leaves_out_is_not_missed() {
    let mut facts = facts();
    let payments = facts.parts.get_mut("payments").unwrap();
    let page = json!({ "Type": "AWS::ApiGatewayV2::Route", "Condition": "OwnPage", "Properties": { "RouteKey": "GET /page" } });
    payments.template["Resources"]["PageRoute"] = page;
    let verdict = |facts: &Facts| found(check("routes"), facts, |call| Ok(good("routes", call)));
    assert!(matches!(verdict(&facts), Verdict::Right(_)), "{:?}", verdict(&facts));
    let [id, kind] = ["PageRoute", "AWS::ApiGatewayV2::Route"].map(str::to_owned);
    let route = Resource { id, kind, physical: "r1".to_owned() };
    facts.parts.get_mut("payments").unwrap().resources.push(route);
    let missed = verdict(&facts);
    assert!(matches!(&missed, Verdict::Wrong(seen) if seen.contains("GET /page\": no such route")), "{missed:?}");
}

#[test]
fn a_relay_is_tried_with_its_own_voice_and_with_another() {
    let facts = facts();
    let context = |name: &str| (check(name).calls)(&facts)[0].input["ContextEntries"].clone();
    let values = |name: &str| [0, 1].map(|at| context(name)[at]["ContextKeyValues"][0].as_str().unwrap().to_owned());
    assert_eq!(values("own-voice"), ["oms.payments", "PaymentAttemptFailed.v1"]);
    assert_eq!(values("other-voice"), ["oms.orders", "PaymentAttemptFailed.v1"]);
    assert_eq!(values("undeclared-type"), ["oms.payments", "VerifyOnAws.v1"]);
    assert_eq!(values("reports-only"), ["oms.platform", "PaymentSucceeded.v1"]);
    let call = &(check("own-voice").calls)(&facts)[0];
    assert_eq!(call.input["PolicySourceArn"], "arn:aws:iam::123456789012:role/oms-prod-payments-RelayRole-1A2B");
}

#[test]
fn a_replay_is_of_ten_minutes_that_the_archive_has_to_one_rule() {
    let call = &(check("replay-start").calls)(&facts())[0];
    assert_eq!(call.input["EventStartTime"], "2026-11-29T11:30:00Z");
    assert_eq!(call.input["EventEndTime"], "2026-11-29T11:40:00Z");
    let rule = "arn:aws:events:eu-central-1:123456789012:rule/oms-prod/oms-prod-notifications";
    assert_eq!(call.input["Destination"]["FilterArns"], json!([rule]));
}

#[tokio::test]
async fn the_rules_on_the_default_bus_are_looked_at_as_well() {
    let repository = Repository::find().unwrap();
    let facts = Facts::gather(&account(), &repository, "prod", &json!({}), facts().now).await.unwrap();
    let asked = |name: &str| (check(name).calls)(&facts).into_iter().map(|call| call.input).collect::<Vec<_>>();
    assert_eq!(
        asked("rule-targets"),
        [
            json!({ "Rule": "oms-prod-payments", "EventBusName": "oms-prod" }),
            json!({ "Rule": "oms-prod-notifications-bounces", "EventBusName": "default" }),
        ]
    );
    let events = asked("rule-patterns").into_iter().map(|it| it["Event"].as_str().unwrap().to_owned());
    let bounces: Vec<String> = events.filter(|event| event.contains("Email Bounced")).collect();
    let tagged = bounces.iter().filter(|event| event.contains(r#"{"ses:configuration-set":["oms-prod-mail"]}"#));
    assert_eq!(tagged.count(), 2, "one of this account, one of another: {bounces:?}");
}

#[test]
fn a_name_that_begins_with_read_is_all_that_runs_without_write() {
    let reads = ["describe-", "get-", "list-", "simulate-", "test-"];
    let facts = facts();
    for check in checks() {
        let writes =
            (check.calls)(&facts).iter().any(|call| !reads.iter().any(|verb| call.operation.starts_with(verb)));
        assert_eq!(writes, check.writes, "{}", check.name);
    }
}

/// An account that has the stage of these facts.
fn account() -> Recorded {
    let parameters = facts().parameters;
    let parameters =
        parameters.iter().map(|(name, value)| json!({ "Name": format!("/oms/prod/{name}"), "Value": value }));
    let parameters: Vec<Value> = parameters.collect();
    let stack = json!({ "Stacks": [{ "StackStatus": "CREATE_COMPLETE", "Parameters": [] }] });
    let resources = json!({ "StackResourceSummaries": [] });
    let rule =
        json!({ "Name": "oms-prod-payments", "EventPattern": "{\"source\":[\"oms.orders\"]}", "State": "ENABLED" });
    Recorded::default()
        .when("get-caller-identity", json!({}), Ok(json!({ "Account": "123456789012", "Arn": "arn", "UserId": "u" })))
        .when("get-parameters-by-path", json!({ "Path": "/oms/prod/" }), Ok(json!({ "Parameters": parameters })))
        .when("get-parameters-by-path", json!({}), Ok(json!({ "Parameters": [] })))
        .when("list-rules", json!({ "EventBusName": "oms-prod" }), Ok(json!({ "Rules": [rule] })))
        .when("list-rules", json!({ "EventBusName": "default" }), Ok(rules_of_default()))
        .when("describe-stacks", json!({ "StackName": "oms-prod-platform" }), Ok(stack))
        .when("describe-stacks", json!({}), missing("ValidationError"))
        .when("list-stack-resources", json!({}), Ok(resources))
        .anything_else(denied())
}

#[tokio::test]
async fn every_check_ends_in_the_table_and_those_that_write_are_skipped() {
    let repository = Repository::find().unwrap();
    let findings = run(&account(), &repository, "prod", false, facts().now).await.unwrap();
    assert_eq!(findings.len(), checks().count());
    for (finding, check) in findings.iter().zip(checks()) {
        assert_eq!(finding.result == Outcome::Skipped, check.writes, "{finding:?}");
    }
    assert!(!is_right(&findings), "nobody may see this account");
    let shown = report(&findings, Paint::none());
    assert!(shown.starts_with("CHECK ") && shown.lines().count() == findings.len() + 1, "{shown}");
    let json = serde_json::to_value(&findings).unwrap();
    assert_eq!(json[0]["check"], "production");
    assert_eq!(json[0]["result"], "wrong");
}

#[tokio::test]
async fn without_credentials_or_stage_it_is_refused_in_one_sentence() {
    let repository = Repository::find().unwrap();
    let run = |aws: Recorded, stage: &'static str| {
        let repository = repository.clone();
        async move { run(&aws, &repository, stage, false, facts().now).await.unwrap_err() }
    };
    let absent = AwsError::NoCredentials("Unable to locate credentials".to_owned());
    let refused = run(Recorded::default().anything_else(Err(absent)), "prod").await;
    assert!(refused.downcast_ref::<AwsError>().unwrap().is_of_the_caller());
    assert_eq!(
        format!("{refused:#}"),
        "cannot verify stage prod on AWS: there are no credentials and no region of an AWS account (Unable to locate \
         credentials); set AWS_PROFILE and AWS_REGION, and try `aws sts get-caller-identity`"
    );
    let refused = run(Recorded::default().anything_else(Err(AwsError::NotInstalled)), "prod").await;
    assert!(format!("{refused:#}").contains("the AWS CLI (`aws`) is missing; docs/deploying.md says"), "{refused:#}");
    let nowhere = run(account(), "staging").await;
    assert!(nowhere.is::<WrongArgument>() && nowhere.to_string().contains("has no stage staging"), "{nowhere}");
}

#[test]
fn the_document_and_the_code_name_the_same_checks() {
    let document = fs::read_to_string(Repository::find().unwrap().path("docs/aws-only.md")).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split_once('`'));
    let documented: Vec<(&str, bool)> = rows.map(|(name, rest)| (name, rest.contains("`--write`"))).collect();
    let written: Vec<(&str, bool)> = checks().map(|check| (check.name, check.writes)).collect();
    assert_eq!(documented, written, "docs/aws-only.md has one row for each check, in the same order");
    let names: BTreeSet<&str> = written.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), written.len(), "no two checks have one name");
}
