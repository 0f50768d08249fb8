//! Mail as SES sends it. The emulator takes every mail and sends none.

use serde_json::{Value, json};

use super::{Check, Facts, each, list};
use crate::aws_cli::Call;

/// SES answers for it that the mail arrived, and counts it neither as a bounce nor for the account's reputation.
const SIMULATOR: &str = "success@simulator.amazonses.com";

pub(super) static CHECKS: [Check; 5] = [
    Check {
        name: "mail-account",
        shows: "the account has left SES's sandbox, and SES has not stopped it",
        writes: false,
        calls: |_| vec![Call::new("sesv2", "get-account", json!({}))],
        judge: |_, answers| each(answers, "account that may send to anybody", |_, account| account_fault(account)),
    },
    Check {
        name: "mail-sender",
        shows: "SES has verified the sender",
        writes: false,
        calls: |facts| {
            identity(facts).map(|it| Call::new("sesv2", "get-email-identity", json!({ "EmailIdentity": it }))).collect()
        },
        judge: |_, answers| each(answers, "verified identity", sender_fault),
    },
    Check {
        name: "mail-reports",
        shows: "SES reports bounces and complaints to the account's default bus",
        writes: false,
        calls: |facts| reports(facts).collect(),
        judge: |_, answers| {
            each(answers, "configuration set that reports to the default bus", |_, it| reports_fault(it))
        },
    },
    Check {
        name: "mail-reports-rule",
        shows: "a rule on the default bus brings the reports to notifications",
        writes: false,
        calls: |facts| reports_rules(facts).collect(),
        judge: |_, answers| each(answers, "rule that is on", |_, it| rule_fault(it)),
    },
    Check {
        name: "mail-delivery",
        shows: "SES takes a mail from the sender: it sends one to SES's own mailbox simulator",
        writes: true,
        calls: |facts| sender(facts).map(|from| Call::new("sesv2", "send-email", mail(from))).collect(),
        judge: |_, answers| {
            each(answers, "mail taken", |_, answer| {
                answer["MessageId"].is_null().then(|| "SES took no mail".to_owned())
            })
        },
    },
];

fn sender(facts: &Facts) -> std::option::IntoIter<&str> {
    facts.parameter("notifications", "SenderAddress").into_iter()
}

/// A domain that covers the sender, or the sender itself.
fn identity(facts: &Facts) -> impl Iterator<Item = &str> {
    let own = facts.parameter("notifications", "SenderIdentity").filter(|identity| !identity.is_empty());
    own.or_else(|| sender(facts).next()).into_iter()
}

fn account_fault(account: &Value) -> Option<String> {
    let is = |name: &str| account[name] == true;
    match (is("ProductionAccessEnabled"), is("SendingEnabled"), account["EnforcementStatus"].as_str()) {
        (false, _, _) => Some("the account is in SES's sandbox: ask for production access".to_owned()),
        (true, false, _) => Some("sending is off".to_owned()),
        (true, true, Some("HEALTHY") | None) => None,
        (true, true, Some(status)) => Some(format!("SES has the account under {status}")),
    }
}

fn sender_fault(call: &Call, identity: &Value) -> Option<String> {
    let is_verified = identity["VerifiedForSendingStatus"] == true;
    (!is_verified)
        .then(|| format!("{} is not verified ({})", call.input["EmailIdentity"], identity["VerificationStatus"]))
}

fn reports(facts: &Facts) -> impl Iterator<Item = Call> {
    facts.all("AWS::SES::ConfigurationSet").map(|(_, _, set)| {
        let input = json!({ "ConfigurationSetName": set.physical });
        Call::new("sesv2", "get-configuration-set-event-destinations", input)
    })
}

fn reports_fault(answer: &Value) -> Option<String> {
    let reports = |kind: &str| {
        list(answer, "EventDestinations").any(|it| {
            let bus = it["EventBridgeDestination"]["EventBusArn"].as_str();
            let is_default = bus.is_some_and(|arn| arn.ends_with(":event-bus/default"));
            is_default && it["Enabled"] == true && list(it, "MatchingEventTypes").any(|it| it == kind)
        })
    };
    let absent: Vec<&str> = ["BOUNCE", "COMPLAINT"].into_iter().filter(|kind| !reports(kind)).collect();
    (!absent.is_empty()).then(|| format!("SES does not report {}", absent.join(", ")))
}

/// The rules of notifications that are not on our bus. A schedule has no pattern.
fn reports_rules(facts: &Facts) -> impl Iterator<Item = Call> {
    let on_default = facts.all("AWS::Events::Rule").filter(|(_, part, rule)| {
        let declared = part.declared(&rule.id);
        declared["EventBusName"].is_null() && declared["EventPattern"]["source"] == json!(["aws.ses"])
    });
    on_default.map(|(_, _, rule)| Call::new("events", "describe-rule", json!({ "Name": rule.physical })))
}

fn rule_fault(rule: &Value) -> Option<String> {
    (rule["State"] != "ENABLED").then(|| format!("the rule {} is {}", rule["Name"], rule["State"]))
}

fn mail(from: &str) -> Value {
    let text = |text: &str| json!({ "Data": text });
    json!({
        "FromEmailAddress": from,
        "Destination": { "ToAddresses": [SIMULATOR] },
        "Content": { "Simple": {
            "Subject": text("Test of just verify-on-aws"),
            "Body": { "Text": text("Nobody reads this.") },
        } },
    })
}
