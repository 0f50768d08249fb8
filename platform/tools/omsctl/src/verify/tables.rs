//! The tables and the dead letters: what the emulator takes from a template and does not do.

use serde_json::{Value, json};

use super::{Check, Facts, each};
use crate::aws_cli::Call;

pub(super) static CHECKS: [Check; 5] = [
    Check {
        name: "deletion-protection",
        shows: "tables and the user pool are not deleted by mistake; off on an emulator, so that `just down` works",
        writes: false,
        calls: |facts| describe_declared(facts, "DeletionProtectionEnabled").chain(describe_pool(facts)).collect(),
        judge: |_, answers| each(answers, "protected from deletion", protection_fault),
    },
    Check {
        name: "encryption",
        shows: "tables are encrypted with a KMS key",
        writes: false,
        calls: |facts| describe_declared(facts, "SSESpecification").collect(),
        judge: |_, answers| each(answers, "table encrypted with KMS", encryption_fault),
    },
    Check {
        name: "point-in-time-recovery",
        shows: "each table that promises it can be brought back; addresses have no history",
        writes: false,
        calls: |facts| tables(facts).map(|(_, name)| backups(name)).collect(),
        judge: |facts, answers| {
            each(answers, "table with the history that its template declares", |call, it| {
                history_fault(facts, call, it)
            })
        },
    },
    Check {
        name: "streams",
        shows: "each table's stream as its template declares it; addresses have none",
        writes: false,
        calls: |facts| tables(facts).map(|(_, name)| describe(name)).collect(),
        judge: |facts, answers| {
            each(answers, "table with the stream that its template declares", |_, it| stream_fault(facts, it))
        },
    },
    Check {
        name: "undeliverable",
        shows: "EventBridge may put what no target took into the undeliverable queue (no queue policy is enforced for it locally)",
        writes: false,
        calls: |facts| queue(facts, "Undeliverable").collect(),
        judge: |_, answers| each(answers, "queue that EventBridge may send to", sender_fault),
    },
];

/// Every table that outlives its stack: its declared properties and its name. The sandbox's is not one of them.
fn tables(facts: &Facts) -> impl Iterator<Item = (&Value, &str)> {
    let all = facts.all("AWS::DynamoDB::Table");
    let kept = all.filter(|(_, part, table)| part.template["Resources"][&table.id]["DeletionPolicy"].is_string());
    kept.map(|(_, part, table)| (part.declared(&table.id), table.physical.as_str()))
}

fn describe(table: &str) -> Call {
    Call::new("dynamodb", "describe-table", json!({ "TableName": table }))
}

fn backups(table: &str) -> Call {
    Call::new("dynamodb", "describe-continuous-backups", json!({ "TableName": table }))
}

fn describe_declared<'a>(facts: &'a Facts, property: &'a str) -> impl Iterator<Item = Call> + 'a {
    tables(facts).filter(move |(declared, _)| !declared[property].is_null()).map(|(_, name)| describe(name))
}

fn describe_pool(facts: &Facts) -> impl Iterator<Item = Call> {
    let pool = Some(facts.known("identity/pool-id")).filter(|id| !id.is_empty());
    pool.map(|id| Call::new("cognito-idp", "describe-user-pool", json!({ "UserPoolId": id }))).into_iter()
}

fn queue<'a>(facts: &'a Facts, id: &'a str) -> impl Iterator<Item = Call> + 'a {
    let queues = facts.all("AWS::SQS::Queue").filter(move |(_, _, queue)| queue.id == id);
    queues.map(|(_, _, queue)| {
        Call::new("sqs", "get-queue-attributes", json!({ "QueueUrl": queue.physical, "AttributeNames": ["Policy"] }))
    })
}

fn protection_fault(call: &Call, answer: &Value) -> Option<String> {
    let is_protected =
        answer["Table"]["DeletionProtectionEnabled"] == true || answer["UserPool"]["DeletionProtection"] == "ACTIVE";
    let name = call.input["TableName"].as_str().unwrap_or("the user pool");
    (!is_protected).then(|| format!("{name} can be deleted"))
}

fn encryption_fault(call: &Call, answer: &Value) -> Option<String> {
    let encryption = &answer["Table"]["SSEDescription"];
    let is_encrypted = encryption["Status"] == "ENABLED" && encryption["SSEType"] == "KMS";
    (!is_encrypted).then(|| format!("{} has no key of KMS", call.input["TableName"]))
}

fn history_fault(facts: &Facts, call: &Call, answer: &Value) -> Option<String> {
    let name = call.input["TableName"].as_str()?;
    let (declared, _) = tables(facts).find(|(_, table)| *table == name)?;
    let wanted = declared["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true;
    let recovery = &answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    match (wanted, recovery["PointInTimeRecoveryStatus"] == "ENABLED") {
        (true, false) => Some(format!("{name} cannot be brought back")),
        (false, true) => Some(format!("{name} has a history that it must not have")),
        (true, true) | (false, false) => None,
    }
}

fn stream_fault(facts: &Facts, answer: &Value) -> Option<String> {
    let name = answer["Table"]["TableName"].as_str()?;
    let (declared, _) = tables(facts).find(|(_, table)| *table == name)?;
    let view = |specification: &Value| specification["StreamViewType"].as_str().map(str::to_owned);
    let (wanted, has) = (view(&declared["StreamSpecification"]), view(&answer["Table"]["StreamSpecification"]));
    (wanted != has).then(|| format!("{name} has the stream {}", has.unwrap_or_else(|| "none".to_owned())))
}

fn sender_fault(call: &Call, answer: &Value) -> Option<String> {
    let policy = answer["Attributes"]["Policy"].as_str().unwrap_or_default();
    let may_send = policy.contains("events.amazonaws.com") && policy.contains("sqs:SendMessage");
    (!may_send).then(|| format!("EventBridge may not send to {}", call.input["QueueUrl"]))
}
