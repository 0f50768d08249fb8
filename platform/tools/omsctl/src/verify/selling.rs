//! Whether the stage sells, and can.

use serde_json::{Value, json};

use super::{Check, Facts, Verdict, each};
use crate::aws_cli::Call;
use crate::package::SANDBOX;

pub(super) static CHECKS: [Check; 2] = [
    Check {
        name: "production",
        shows: "a stage that takes real money; one on this machine never does",
        writes: false,
        calls: |_| vec![],
        judge: |facts, _| production(facts),
    },
    Check {
        name: "gateway-secret",
        shows: "the gateway's key in Secrets Manager; the sandbox takes any",
        writes: false,
        calls: |facts| {
            secret(facts)
                .map(|name| Call::new("secretsmanager", "describe-secret", json!({ "SecretId": name })))
                .collect()
        },
        judge: |facts, answers| match secret(facts).next() {
            None => Verdict::Right("payments asks the sandbox gateway".to_owned()),
            Some(_) => each(answers, "secret with a current value", has_value),
        },
    },
];

fn production(facts: &Facts) -> Verdict {
    if facts.parameter("platform", "Production") == Some("false") {
        return Verdict::Right("Production=false: the stage sells nothing".to_owned());
    }
    let mut faults = Vec::new();
    if facts.parameter("payments", "GatewayUrl").is_none_or(str::is_empty) {
        faults.push("payments has no GatewayUrl".to_owned());
    }
    if facts.parts.contains_key(SANDBOX) {
        faults.push(format!("the sandbox gateway is deployed: delete the stack oms-{}-{SANDBOX}", facts.stage));
    }
    if facts.parameter("platform", "AlarmEmail").is_none_or(str::is_empty) {
        faults.push("AlarmEmail is empty".to_owned());
    }
    if facts.parameter("notifications", "SenderAddress").is_none_or(|sender| sender.ends_with(".example")) {
        faults.push("SenderAddress is an example".to_owned());
    }
    Verdict::of(&faults, format!("charges go to {}", facts.parameter("payments", "GatewayUrl").unwrap_or_default()))
}

fn secret(facts: &Facts) -> impl Iterator<Item = String> {
    let url = facts.parameter("payments", "GatewayUrl").filter(|url| !url.is_empty());
    let own = facts.parameter("payments", "GatewaySecretName").filter(|name| !name.is_empty());
    url.map(|_| own.map_or_else(|| format!("oms/{}/gateway-key", facts.stage), str::to_owned)).into_iter()
}

fn has_value(call: &Call, secret: &Value) -> Option<String> {
    let versions = secret["VersionIdsToStages"].as_object().into_iter().flat_map(|versions| versions.values());
    let is_current = versions.filter_map(Value::as_array).flatten().any(|stage| stage == "AWSCURRENT");
    let name = &call.input["SecretId"];
    match (secret.get("DeletedDate").is_some(), is_current) {
        (true, _) => Some(format!("{name} is being deleted")),
        (false, false) => Some(format!("{name} has no value")),
        (false, true) => None,
    }
}
