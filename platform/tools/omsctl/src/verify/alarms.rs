//! Alarms, and the last metre to a person. The emulator evaluates none of them.

use serde_json::{Value, json};

use super::facts::Part;
use super::{Check, Facts, each, list};
use crate::aws_cli::Call;
use crate::template::json::name_in;

pub(super) static CHECKS: [Check; 3] = [
    Check {
        name: "alarms",
        shows: "every alarm of the templates exists, is on, was evaluated, and does not ring",
        writes: false,
        calls: |facts| {
            let prefix = format!("oms-{}-", facts.stage);
            vec![Call::new("cloudwatch", "describe-alarms", json!({ "AlarmNamePrefix": prefix }))]
        },
        judge: |facts, answers| each(answers, "list of alarms, complete and quiet", |_, it| alarms_fault(facts, it)),
    },
    Check {
        name: "alarm-mail",
        shows: "somebody confirmed that they get the alarms",
        writes: false,
        calls: |facts| {
            let topic = json!({ "TopicArn": facts.known("alarms/topic-arn") });
            vec![Call::new("sns", "list-subscriptions-by-topic", topic)]
        },
        judge: |_, answers| each(answers, "topic with a confirmed subscription", subscription_fault),
    },
    Check {
        name: "alarm-delivery",
        shows: "an alarm reaches a person: it sends one message to the alarm topic",
        writes: true,
        calls: |facts| vec![Call::new("sns", "publish", message(facts))],
        judge: |_, answers| {
            each(answers, "message sent; it must be in the mailbox of AlarmEmail", |_, answer| sent(answer))
        },
    },
];

fn alarms_fault(facts: &Facts, answer: &Value) -> Option<String> {
    let known: Vec<&Value> = list(answer, "MetricAlarms").chain(list(answer, "CompositeAlarms")).collect();
    let named = |alarm: &Value| alarm["AlarmName"].as_str().unwrap_or_default().to_owned();
    let of = |bad: &dyn Fn(&Value) -> bool| known.iter().filter(|it| bad(it)).map(|it| named(it)).collect::<Vec<_>>();
    let absent: Vec<String> = facts
        .parts
        .values()
        .flat_map(Part::wanted)
        .filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm")
        .filter_map(|alarm| name_in(&facts.stage, &alarm["Properties"]["AlarmName"]))
        .filter(|name| !known.iter().any(|alarm| named(alarm) == *name))
        .collect();
    let kinds = [
        ("missing", absent),
        ("off", of(&|alarm| alarm["ActionsEnabled"] == false)),
        ("tells nobody", of(&|alarm| list(alarm, "AlarmActions").next().is_none())),
        ("rings", of(&|alarm| alarm["StateValue"] == "ALARM")),
        ("without data", of(&|alarm| alarm["StateValue"] == "INSUFFICIENT_DATA")),
    ];
    let faults: Vec<String> = kinds
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}: {}", names.join(", ")))
        .collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

fn subscription_fault(_: &Call, answer: &Value) -> Option<String> {
    // One that waits has `PendingConfirmation` in place of an ARN.
    let is_confirmed = |it: &Value| it["SubscriptionArn"].as_str().is_some_and(|arn| arn.starts_with("arn:"));
    let waiting = list(answer, "Subscriptions").filter(|it| !is_confirmed(it)).count();
    let is_heard = list(answer, "Subscriptions").any(is_confirmed);
    (!is_heard).then(|| format!("no confirmed subscription ({waiting} wait for the link in the mail)"))
}

fn message(facts: &Facts) -> Value {
    json!({
        "TopicArn": facts.known("alarms/topic-arn"),
        "Subject": format!("Test of the alarms of stage {}", facts.stage),
        "Message": "Sent by `just verify-on-aws`. No alarm rings; that you read this is the test.",
    })
}

fn sent(answer: &Value) -> Option<String> {
    answer["MessageId"].is_null().then(|| "SNS named no message".to_owned())
}
