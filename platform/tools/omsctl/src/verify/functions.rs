//! The functions as Lambda runs them.

use serde_json::{Value, json};

use super::{Answered, Check, Facts, Verdict, each, list};
use crate::aws_cli::Call;

pub(super) static CHECKS: [Check; 4] = [
    Check {
        name: "functions",
        shows: "functions are active, on the architecture that the zip was built for, and traced by X-Ray",
        writes: false,
        calls: |facts| names(facts).map(|name| of("get-function-configuration", &name)).collect(),
        judge: |_, answers| each(answers, "function active and traced", function_fault),
    },
    Check {
        name: "event-sources",
        shows: "queues and streams are connected, and report failed items one by one (batching windows, stream ends)",
        writes: false,
        calls: mappings,
        judge: |_, answers| each(answers, "function whose sources are as the template says", source_fault),
    },
    Check {
        name: "concurrency",
        shows: "the account's quota of concurrent executions (a new account has 10)",
        writes: false,
        calls: |facts| {
            [Call::new("lambda", "get-account-settings", json!({}))].into_iter().chain(mappings(facts)).collect()
        },
        judge: |_, answers| concurrency(answers),
    },
    Check {
        name: "log-retention",
        shows: "each function's log group expires; Lambda makes one that does not when the template's is missing",
        writes: false,
        calls: |facts| {
            let prefix = format!("/aws/lambda/oms-{}-", facts.stage);
            vec![Call::new("logs", "describe-log-groups", json!({ "logGroupNamePrefix": prefix }))]
        },
        judge: |_, answers| each(answers, "list of log groups that expire", retention_fault),
    },
];

fn names(facts: &Facts) -> impl Iterator<Item = String> {
    facts.all("AWS::Lambda::Function").map(|(_, _, function)| function.physical.clone())
}

fn of(operation: &'static str, function: &str) -> Call {
    Call::new("lambda", operation, json!({ "FunctionName": function }))
}

fn mappings(facts: &Facts) -> Vec<Call> {
    let is_fed =
        |name: &String| ["-events", "-dead-letters", "-feedback", "-relay"].iter().any(|role| name.ends_with(role));
    names(facts).filter(is_fed).map(|name| of("list-event-source-mappings", &name)).collect()
}

fn function_fault(call: &Call, function: &Value) -> Option<String> {
    let name = &call.input["FunctionName"];
    if function["State"] != "Active" || function["LastUpdateStatus"] != "Successful" {
        return Some(format!("{name} is {}: {}", function["State"], function["LastUpdateStatusReason"]));
    }
    (function["TracingConfig"]["Mode"] != "Active").then(|| format!("{name} is not traced"))
}

fn source_fault(call: &Call, answer: &Value) -> Option<String> {
    let name = &call.input["FunctionName"];
    if list(answer, "EventSourceMappings").next().is_none() {
        return Some(format!("nothing feeds {name}"));
    }
    list(answer, "EventSourceMappings").find_map(|mapping| {
        let reports_items = list(mapping, "FunctionResponseTypes").any(|it| it == "ReportBatchItemFailures");
        let is_stream = mapping["EventSourceArn"].as_str().is_some_and(|arn| arn.contains(":dynamodb:"));
        let loses = is_stream && mapping["DestinationConfig"]["OnFailure"]["Destination"].is_null();
        match (mapping["State"] == "Enabled", reports_items, loses) {
            (false, _, _) => Some(format!("the source of {name} is {}", mapping["State"])),
            (true, false, _) => Some(format!("{name} fails a whole batch at once")),
            (true, true, true) => Some(format!("{name} loses what it cannot publish")),
            (true, true, false) => None,
        }
    })
}

/// What the queues may use at once has to fit beside the APIs, the relays and the sweeps.
fn concurrency(answers: &[Answered]) -> Verdict {
    let mut queues = 0;
    let mut limit = None;
    for Answered { call, answer } in answers {
        match answer {
            Ok(answer) if call.operation == "get-account-settings" => {
                limit = answer["AccountLimit"]["UnreservedConcurrentExecutions"].as_u64();
            }
            Ok(answer) => {
                let of = |mapping: &Value| mapping["ScalingConfig"]["MaximumConcurrency"].as_u64();
                queues += list(answer, "EventSourceMappings").filter_map(of).sum::<u64>();
            }
            Err(error) => return Verdict::Unknown(format!("{call}: {error}")),
        }
    }
    let Some(limit) = limit else { return Verdict::Unknown("AWS named no limit".to_owned()) };
    let seen = format!("{limit} at once for the account, {queues} of them for the queues");
    if limit >= 2 * queues { Verdict::Right(seen) } else { Verdict::Wrong(format!("{seen}; ask for a higher quota")) }
}

fn retention_fault(_: &Call, answer: &Value) -> Option<String> {
    let kept = list(answer, "logGroups").filter(|group| group["retentionInDays"].is_null());
    let names: Vec<&str> = kept.filter_map(|group| group["logGroupName"].as_str()).collect();
    (!names.is_empty()).then(|| format!("never expires: {}", names.join(", ")))
}
