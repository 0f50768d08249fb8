//! The bus: its policy, archive, log and rules. The emulator has neither the policy nor the archive.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::facts::Rule;
use super::{Answered, Check, Facts, Verdict, each, list};
use crate::aws_cli::Call;

pub(super) static CHECKS: [Check; 8] = [
    Check {
        name: "bus-policy",
        shows: "the bus policy (AWS::Events::EventBusPolicy is unknown to the emulator)",
        writes: false,
        calls: describe_bus,
        judge: |facts, answers| {
            each(answers, "bus with every statement of the template", |_, bus| policy_fault(facts, bus))
        },
    },
    Check {
        name: "foreign-voice",
        shows: "the bus refuses an event under the name of a service from anybody else",
        writes: true,
        calls: |facts| vec![impostor(facts)],
        judge: |_, answers| refused(answers),
    },
    Check {
        name: "bus-log",
        shows: "failed deliveries in a log (the emulator has no log of a bus)",
        writes: false,
        calls: describe_bus,
        judge: |_, answers| each(answers, "bus that logs its errors", log_fault),
    },
    Check {
        name: "archive",
        shows: "the archive (AWS::Events::Archive is unknown to the emulator)",
        writes: false,
        calls: |facts| vec![Call::new("events", "describe-archive", json!({ "ArchiveName": bus(facts) }))],
        judge: |_, answers| each(answers, "archive of every event", archive_fault),
    },
    Check {
        name: "replay-start",
        shows: "an archive replay starts: ten minutes of events, to the rule of notifications alone, which ignores what it knows",
        writes: true,
        calls: |facts| vec![replay(facts)],
        judge: |_, answers| each(answers, "replay started; `replay-end` shows its end", replay_fault),
    },
    Check {
        name: "replay-end",
        shows: "the bus policy lets a replay through (docs/decisions/0042)",
        writes: false,
        calls: |facts| vec![Call::new("events", "list-replays", json!({ "NamePrefix": replay_prefix(facts) }))],
        judge: |_, answers| replays(answers),
    },
    Check {
        name: "rule-patterns",
        shows: "each rule's pattern by EventBridge's own matcher: its events match, those of another account do not",
        writes: false,
        calls: try_patterns,
        judge: |facts, answers| each(answers, "pattern tried", |call, answer| pattern_fault(facts, call, answer)),
    },
    Check {
        name: "rule-targets",
        shows: "each target's dead-letter queue (on the emulator it receives nothing)",
        writes: false,
        calls: list_targets,
        judge: |_, answers| each(answers, "rule whose targets have a dead-letter queue", target_fault),
    },
];

fn bus(facts: &Facts) -> String {
    format!("oms-{}", facts.stage)
}

fn describe_bus(facts: &Facts) -> Vec<Call> {
    vec![Call::new("events", "describe-event-bus", json!({ "Name": bus(facts) }))]
}

/// Each statement of the template must be there. One that denies must let EventBridge's own replay through.
fn policy_fault(facts: &Facts, bus: &Value) -> Option<String> {
    let policy: Value = serde_json::from_str(bus["Policy"].as_str().unwrap_or("{}")).unwrap_or_default();
    let find = |sid: &str| list(&policy, "Statement").find(|statement| statement["Sid"] == sid);
    let all = facts.parts.get("platform")?.wanted();
    let statements = all.filter(|it| it["Type"] == "AWS::Events::EventBusPolicy");
    let wanted: Vec<&str> = statements.filter_map(|it| it["Properties"]["StatementId"].as_str()).collect();
    let absent: Vec<&str> = wanted.iter().copied().filter(|sid| find(sid).is_none()).collect();
    let deaf = wanted.iter().copied().filter(|sid| {
        let statement = find(sid);
        statement
            .is_some_and(|it| it["Effect"] == "Deny" && it["Condition"]["Bool"]["aws:PrincipalIsAWSService"] != "false")
    });
    let deaf: Vec<&str> = deaf.collect();
    match (absent.is_empty(), deaf.is_empty()) {
        (true, true) => None,
        (false, _) => Some(format!("the bus policy lacks {}", absent.join(", "))),
        (true, false) => Some(format!("{} would refuse a replay", deaf.join(", "))),
    }
}

/// No consumer reads the type, so that it does no harm where the policy lets it pass.
fn impostor(facts: &Facts) -> Call {
    let entry = json!({
        "EventBusName": bus(facts),
        "Source": "oms.orders",
        "DetailType": "VerifyOnAws.v1",
        "Detail": "{}",
    });
    Call::new("events", "put-events", json!({ "Entries": [entry] }))
}

fn refused(answers: &[Answered]) -> Verdict {
    match answers.first().map(|it| &it.answer) {
        Some(Err(error)) if error.is_denied() => Verdict::Right("PutEvents as oms.orders was denied".to_owned()),
        Some(Ok(answer)) if answer["FailedEntryCount"] == 1 => {
            let code = answer["Entries"][0]["ErrorCode"].as_str().unwrap_or_default();
            Verdict::Right(format!("PutEvents as oms.orders failed: {code}"))
        }
        Some(Ok(_)) => Verdict::Wrong("the bus took an event as oms.orders from this caller".to_owned()),
        Some(Err(error)) => Verdict::Unknown(error.to_string()),
        None => Verdict::Unknown("nothing was asked".to_owned()),
    }
}

fn log_fault(_: &Call, bus: &Value) -> Option<String> {
    let level = bus["LogConfig"]["Level"].as_str().unwrap_or("OFF");
    (level == "OFF").then(|| "the bus logs nothing".to_owned())
}

fn archive_fault(_: &Call, archive: &Value) -> Option<String> {
    let pattern: Value = serde_json::from_str(archive["EventPattern"].as_str().unwrap_or("{}")).unwrap_or_default();
    if archive["State"] != "ENABLED" {
        return Some(format!("the archive is {}", archive["State"]));
    }
    (pattern["source"] != json!([{ "prefix": "oms." }])).then(|| format!("the archive keeps only {pattern}"))
}

fn replay_prefix(facts: &Facts) -> String {
    format!("oms-{}-verify-", facts.stage)
}

/// An event can take ten minutes into the archive.
fn replay(facts: &Facts) -> Call {
    let Facts { partition, region, account, .. } = facts;
    let of = |kind: &str| format!("arn:{partition}:events:{region}:{account}:{kind}/{}", bus(facts));
    let ago = |minutes| (facts.now - SignedDuration::from_mins(minutes)).to_string();
    let input = json!({
        "ReplayName": format!("{}{}", replay_prefix(facts), facts.now.as_second()),
        "EventSourceArn": of("archive"),
        "EventStartTime": ago(30),
        "EventEndTime": ago(20),
        "Destination": { "Arn": facts.known("bus/arn"), "FilterArns": [format!("{}/{}-notifications", of("rule"), bus(facts))] },
    });
    Call::new("events", "start-replay", input)
}

fn replay_fault(_: &Call, replay: &Value) -> Option<String> {
    let is_under_way = matches!(replay["State"].as_str(), Some("STARTING" | "RUNNING" | "COMPLETED"));
    (!is_under_way).then(|| format!("the replay is {}: {}", replay["State"], replay["StateReason"]))
}

fn replays(answers: &[Answered]) -> Verdict {
    match answers.first().map(|it| &it.answer) {
        Some(Ok(answer)) => {
            let states: Vec<&str> = list(answer, "Replays").filter_map(|replay| replay["State"].as_str()).collect();
            match states.first() {
                None => Verdict::Skipped("no replay was started; add --write".to_owned()),
                Some(_) if states.contains(&"FAILED") => Verdict::Wrong("a replay FAILED".to_owned()),
                Some(_) if states.contains(&"COMPLETED") => Verdict::Right("a replay is COMPLETED".to_owned()),
                Some(state) => Verdict::Unknown(format!("the replay is {state}; look again")),
            }
        }
        Some(Err(error)) => Verdict::Unknown(error.to_string()),
        None => Verdict::Unknown("nothing was asked".to_owned()),
    }
}

/// An event of each rule, once from this account and once from another.
fn try_patterns(facts: &Facts) -> Vec<Call> {
    let tried = |Rule { pattern, .. }: &Rule| {
        let samples = samples(pattern);
        let accounts = [facts.account.clone(), "000000000000".to_owned()];
        let calls = samples.into_iter().flat_map(move |(source, kind)| {
            accounts.clone().map(|account| event(facts, (&source, &kind), &account, pattern))
        });
        calls
            .map(|event| {
                let input = json!({ "EventPattern": pattern.to_string(), "Event": event.to_string() });
                Call::new("events", "test-event-pattern", input)
            })
            .collect::<Vec<_>>()
    };
    facts.rules.iter().flat_map(tried).collect()
}

fn samples(pattern: &Value) -> Vec<(String, String)> {
    let texts = |name: &str| list(pattern, name).filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let (sources, kinds) = (texts("source"), texts("detail-type"));
    let first = |texts: &[String]| texts.first().cloned();
    first(&sources).zip(first(&kinds)).into_iter().collect()
}

fn event(facts: &Facts, (source, kind): (&str, &str), account: &str, pattern: &Value) -> Value {
    let mut detail = json!({ "specversion": "1.0", "source": source, "type": kind });
    // SES names our configuration set in a list, and a list matches by any of its members: so the pattern matches itself.
    if let Some(mail) = pattern["detail"].get("mail") {
        detail["mail"] = mail.clone();
    }
    json!({
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": "2026-01-01T00:00:00Z",
        "region": facts.region,
        "resources": [],
        "detail": detail,
    })
}

fn pattern_fault(facts: &Facts, call: &Call, answer: &Value) -> Option<String> {
    let event: Value = serde_json::from_str(call.input["Event"].as_str().unwrap_or("{}")).unwrap_or_default();
    let is_ours = event["account"] == facts.account.as_str();
    let (matches, kind) = (answer["Result"] == true, &event["detail-type"]);
    match (is_ours, matches) {
        (true, false) => Some(format!("a rule misses its own {kind}")),
        (false, true) => Some(format!("a rule takes {kind} of another account")),
        (true, true) | (false, false) => None,
    }
}

fn list_targets(facts: &Facts) -> Vec<Call> {
    let list = |Rule { bus, name, .. }: &Rule| {
        Call::new("events", "list-targets-by-rule", json!({ "Rule": name, "EventBusName": bus }))
    };
    facts.rules.iter().map(list).collect()
}

fn target_fault(call: &Call, answer: &Value) -> Option<String> {
    let bare = list(answer, "Targets").filter(|target| target["DeadLetterConfig"]["Arn"].is_null()).count();
    let (all, rule) = (list(answer, "Targets").count(), &call.input["Rule"]);
    match (all, bare) {
        (0, _) => Some(format!("{rule} has no target")),
        (_, 0) => None,
        (_, bare) => Some(format!("{bare} targets of {rule} have no dead-letter queue")),
    }
}
