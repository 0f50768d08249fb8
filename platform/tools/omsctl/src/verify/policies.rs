//! What roles may publish, by IAM's own simulator. The emulator knows no `events:source` and no `events:detail-type`.

use serde_json::{Value, json};

use super::facts::{Part, Resource};
use super::{Check, Facts, each, list};
use crate::aws_cli::Call;

/// A type that no service declares.
const UNDECLARED: &str = "VerifyOnAws.v1";

pub(super) static CHECKS: [Check; 4] = [
    Check {
        name: "own-voice",
        shows: "a relay may publish what its service declares (IAM condition events:source)",
        writes: false,
        calls: |facts| relays(facts).map(|it| it.says(facts, &it.source(), it.declared())).collect(),
        judge: |_, answers| each(answers, "relay may publish its own", allowed),
    },
    Check {
        name: "other-voice",
        shows: "a relay may not publish in the name of another service",
        writes: false,
        calls: |facts| relays(facts).map(|it| it.says(facts, it.other(), it.declared())).collect(),
        judge: |_, answers| each(answers, "relay may not speak for another", refused),
    },
    Check {
        name: "undeclared-type",
        shows: "a relay may not publish a type that its service does not declare",
        writes: false,
        calls: |facts| relays(facts).map(|it| it.says(facts, &it.source(), UNDECLARED)).collect(),
        judge: |_, answers| each(answers, "relay may not publish an undeclared type", refused),
    },
    Check {
        name: "reports-only",
        shows: "a consumer may publish reports of what it parked and nothing else: no payment in the platform's name",
        writes: false,
        calls: |facts| consumers(facts).map(|it| it.says(facts, "oms.platform", "PaymentSucceeded.v1")).collect(),
        judge: |_, answers| each(answers, "consumer may not invent a fact", refused),
    },
];

/// A role of a service.
struct Speaker<'a> {
    service: &'a str,
    part: &'a Part,
    role: &'a Resource,
}

fn relays(facts: &Facts) -> impl Iterator<Item = Speaker<'_>> {
    speakers(facts).filter(|it| it.role.id == "RelayRole")
}

fn consumers(facts: &Facts) -> impl Iterator<Item = Speaker<'_>> {
    speakers(facts).filter(|it| matches!(it.role.id.as_str(), "EventsRole" | "DeadLettersRole" | "FeedbackRole"))
}

fn speakers(facts: &Facts) -> impl Iterator<Item = Speaker<'_>> {
    facts.all("AWS::IAM::Role").map(|(service, part, role)| Speaker { service, part, role })
}

impl Speaker<'_> {
    fn source(&self) -> String {
        format!("oms.{}", self.service)
    }

    fn other(&self) -> &'static str {
        if self.service == "payments" { "oms.orders" } else { "oms.payments" }
    }

    /// A type that the role's own policy names.
    fn declared(&self) -> &str {
        first(self.part.declared(&self.role.id), "events:detail-type").unwrap_or(UNDECLARED)
    }

    /// Whether the role may publish an event of this source and type. A request can carry several: both are lists.
    fn says(&self, facts: &Facts, source: &str, kind: &str) -> Call {
        let Facts { partition, account, .. } = facts;
        let entry = |name: &str, value: &str| json!({ "ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "stringList" });
        let input = json!({
            "PolicySourceArn": format!("arn:{partition}:iam::{account}:role/{}", self.role.physical),
            "ActionNames": ["events:PutEvents"],
            "ResourceArns": [facts.known("bus/arn")],
            "ContextEntries": [entry("events:source", source), entry("events:detail-type", kind)],
        });
        Call::new("iam", "simulate-principal-policy", input)
    }
}

/// The first text below a key, wherever it is.
fn first<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    match value {
        Value::Object(members) => {
            let own = members.get(key).and_then(|found| found.as_str().or_else(|| found[0].as_str()));
            own.or_else(|| members.values().find_map(|member| first(member, key)))
        }
        Value::Array(items) => items.iter().find_map(|item| first(item, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn decision(answer: &Value) -> &str {
    list(answer, "EvaluationResults").find_map(|result| result["EvalDecision"].as_str()).unwrap_or("no decision")
}

fn allowed(call: &Call, answer: &Value) -> Option<String> {
    (decision(answer) != "allowed").then(|| format!("{}: {}", role(call), decision(answer)))
}

fn refused(call: &Call, answer: &Value) -> Option<String> {
    (!decision(answer).ends_with("Deny")).then(|| format!("{}: {}", role(call), decision(answer)))
}

fn role(call: &Call) -> &str {
    call.input["PolicySourceArn"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default()
}
