//! What AWS answers for a stage that is as it should be, and for one that is not. The shapes are those of the API reference;
//! members that no check reads are left out where they are long.

use serde_json::{Value, json};

use crate::aws_cli::Call;

const ACCOUNT: &str = "123456789012";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The answer of a stage as it should be.
pub(super) fn good(check: &str, call: &Call) -> Value {
    match (check, call.operation) {
        ("gateway-secret", _) => json!({
            "ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:oms/prod/gateway-key-AbCdEf",
            "Name": "oms/prod/gateway-key",
            "VersionIdsToStages": { "c9b9ae57-0cb8-4a1c-9d5f-0a2c0b6b5f11": ["AWSCURRENT"] },
        }),
        ("foreign-voice", _) => json!({
            "FailedEntryCount": 1,
            "Entries": [{ "ErrorCode": "AccessDeniedException", "ErrorMessage": "not authorized" }],
        }),
        (_, "describe-event-bus") => bus(),
        ("archive", _) => json!({
            "ArchiveArn": "arn:aws:events:eu-central-1:123456789012:archive/oms-prod",
            "ArchiveName": "oms-prod",
            "EventPattern": "{\"source\":[{\"prefix\":\"oms.\"}]}",
            "State": "ENABLED",
            "RetentionDays": 30,
        }),
        ("replay-start", _) => json!({ "ReplayArn": "arn", "State": "STARTING", "ReplayStartTime": 1_796_000_000 }),
        ("replay-end", _) => json!({ "Replays": [{ "ReplayName": "oms-prod-verify-1", "State": "COMPLETED" }] }),
        ("rule-patterns", _) => json!({ "Result": text(&call.input["Event"]).contains(ACCOUNT) }),
        ("rule-targets", _) => json!({ "Targets": [{
            "Id": "queue",
            "Arn": "arn:aws:sqs:eu-central-1:123456789012:oms-prod-payments",
            "DeadLetterConfig": { "Arn": "arn:aws:sqs:eu-central-1:123456789012:oms-prod-undeliverable-dlq" },
        }] }),
        ("own-voice", _) => decision("allowed"),
        ("other-voice" | "undeclared-type" | "reports-only", _) => decision("implicitDeny"),
        (_, "describe-table") => table(&text(&call.input["TableName"])),
        (_, "describe-user-pool") => {
            json!({ "UserPool": { "Id": "eu-central-1_AbC123", "DeletionProtection": "ACTIVE" } })
        }
        (_, "describe-continuous-backups") => recovery(call.input["TableName"] != "oms-prod-contacts"),
        ("undeliverable", _) => json!({ "Attributes": { "Policy": "{\"Statement\":[{\"Principal\":{\"Service\":\
            \"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\"}]}" } }),
        ("functions", _) => json!({
            "FunctionName": "oms-prod-payments-relay",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Architectures": ["arm64"],
            "TracingConfig": { "Mode": "Active" },
        }),
        (_, "list-event-source-mappings") => mapping("Enabled"),
        ("concurrency", _) => limits(1000),
        ("log-retention", _) => json!({ "logGroups": [
            { "logGroupName": "/aws/lambda/oms-prod-payments-relay", "retentionInDays": 30 },
        ] }),
        ("alarms", _) => {
            json!({ "CompositeAlarms": [], "MetricAlarms": alarms().iter().map(|name| alarm(name, "OK")).collect::<Vec<_>>() })
        }
        ("alarm-mail", _) => subscriptions("arn:aws:sns:eu-central-1:123456789012:oms-prod-alarms:6f0e"),
        ("alarm-delivery" | "mail-delivery", _) => json!({ "MessageId": "94a3" }),
        ("mail-account", _) => mail_account(true),
        ("mail-sender", _) => sender(true, "SUCCESS"),
        ("mail-reports", _) => reports(&["BOUNCE", "COMPLAINT"]),
        ("mail-reports-rule", _) => {
            json!({ "Name": "oms-prod-notifications-bounces", "State": "ENABLED", "EventBusName": "default" })
        }
        ("authorizers", _) => authorizers("4example"),
        ("routes", _) => routes("JWT"),
        ("access-logs", _) => json!({ "Items": [{
            "StageName": "$default",
            "AccessLogSettings": { "DestinationArn": "arn:aws:logs:eu-central-1:123456789012:log-group:x", "Format": "{}" },
        }] }),
        ("staff-groups", _) => json!({ "Groups": [{ "GroupName": "operator" }, { "GroupName": "support" }] }),
        _ => json!({}),
    }
}

/// The stage's rules on the account's default bus.
pub(super) fn rules_of_default() -> Value {
    let pattern = json!({ "account": ["123456789012"], "source": ["aws.ses"], "detail-type": ["Email Bounced"],
        "detail": { "mail": { "tags": { "ses:configuration-set": ["oms-prod-mail"] } } } });
    let bounces = json!({ "Name": "oms-prod-notifications-bounces", "EventPattern": pattern.to_string() });
    let schedule = json!({ "Name": "oms-prod-orders-sweep", "ScheduleExpression": "rate(1 minute)" });
    json!({ "Rules": [bounces, schedule] })
}

/// The answer of a stage with this check's fault, and words that name it.
pub(super) fn bad(check: &str) -> (Value, &'static str) {
    match check {
        "gateway-secret" => (json!({ "Name": "oms/prod/gateway-key", "VersionIdsToStages": {} }), "has no value"),
        "bus-policy" => (deaf_bus(), "OnlyOrdersSpeaksForOrders would refuse a replay"),
        "foreign-voice" => {
            (json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "11710aed" }] }), "the bus took an event")
        }
        "bus-log" => (json!({ "Name": "oms-prod", "LogConfig": { "Level": "OFF" } }), "the bus logs nothing"),
        "archive" => {
            (json!({ "State": "ENABLED", "EventPattern": "{\"source\":[\"oms.orders\"]}" }), "the archive keeps only")
        }
        "replay-start" => (json!({ "State": "FAILED", "StateReason": "denied" }), "the replay is \"FAILED\""),
        "replay-end" => (json!({ "Replays": [{ "State": "FAILED" }, { "State": "COMPLETED" }] }), "a replay FAILED"),
        "rule-patterns" => (json!({ "Result": true }), "of another account"),
        "rule-targets" => (json!({ "Targets": [{ "Id": "queue", "Arn": "arn" }] }), "have no dead-letter queue"),
        "own-voice" => (decision("explicitDeny"), "oms-prod-payments-RelayRole-1A2B: explicitDeny"),
        "other-voice" | "undeclared-type" => (decision("allowed"), "oms-prod-payments-RelayRole-1A2B: allowed"),
        "reports-only" => (decision("allowed"), "oms-prod-payments-DeadLettersRole-1A2B: allowed"),
        "deletion-protection" => {
            (json!({ "Table": { "DeletionProtectionEnabled": false } }), "oms-prod-payments can be deleted")
        }
        "encryption" => (json!({ "Table": { "TableName": "oms-prod-payments" } }), "has no key of KMS"),
        "point-in-time-recovery" => (recovery(true), "oms-prod-contacts has a history that it must not have"),
        "streams" => {
            (json!({ "Table": { "TableName": "oms-prod-payments" } }), "oms-prod-payments has the stream none")
        }
        "undeliverable" => (json!({ "Attributes": {} }), "EventBridge may not send to"),
        "functions" => (
            json!({ "State": "Active", "LastUpdateStatus": "Successful", "TracingConfig": { "Mode": "PassThrough" } }),
            "is not traced",
        ),
        "event-sources" => (mapping("Disabled"), "is \"Disabled\""),
        "concurrency" => {
            (merged(&limits(10), &mapping("Enabled")), "10 at once for the account, 10 of them for the queues; ask")
        }
        "log-retention" => (
            json!({ "logGroups": [{ "logGroupName": "/aws/lambda/oms-prod-x" }] }),
            "never expires: /aws/lambda/oms-prod-x",
        ),
        "alarms" => (json!({ "MetricAlarms": [alarm("oms-prod-orders-dlq", "ALARM")] }), "rings: oms-prod-orders-dlq"),
        "alarm-mail" => (subscriptions("PendingConfirmation"), "no confirmed subscription (1 wait"),
        "alarm-delivery" => (json!({}), "SNS named no message"),
        "mail-account" => (mail_account(false), "in SES's sandbox"),
        "mail-sender" => (sender(false, "PENDING"), "is not verified (\"PENDING\")"),
        "mail-reports" => (reports(&["BOUNCE"]), "SES does not report COMPLAINT"),
        "mail-reports-rule" => {
            (json!({ "Name": "oms-prod-notifications-bounces", "State": "DISABLED" }), "is \"DISABLED\"")
        }
        "mail-delivery" => (json!({}), "SES took no mail"),
        "authorizers" => (authorizers("of-another-pool"), "payments takes tokens of another pool"),
        "routes" => (routes("NONE"), "payments \"ANY /v1/{proxy+}\": NONE"),
        "access-logs" => (json!({ "Items": [{ "StageName": "$default" }] }), "has no access log"),
        "staff-groups" => (json!({ "Groups": [{ "GroupName": "support" }] }), "no group operator"),
        other => panic!("there is no bad answer for {other}"),
    }
}

fn statement(sid: &str, is_service: &str) -> Value {
    json!({ "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "events:PutEvents",
        "Condition": { "Bool": { "aws:PrincipalIsAWSService": is_service } } })
}

const SIDS: [&str; 7] = [
    "OnlyThisAccountSpeaks",
    "OnlyOrdersSpeaksForOrders",
    "OnlyInventorySpeaksForInventory",
    "OnlyPaymentsSpeaksForPayments",
    "OnlyNotificationsSpeaksForNotifications",
    "OnlyConsumersSpeakForPlatform",
    "OnlyReportsInThePlatformsName",
];

fn bus() -> Value {
    let statements: Vec<Value> = SIDS.iter().map(|sid| statement(sid, "false")).collect();
    json!({
        "Name": "oms-prod",
        "Arn": "arn:aws:events:eu-central-1:123456789012:event-bus/oms-prod",
        "Policy": json!({ "Version": "2012-10-17", "Statement": statements }).to_string(),
        "LogConfig": { "IncludeDetail": "NONE", "Level": "ERROR" },
    })
}

fn deaf_bus() -> Value {
    let statements: Vec<Value> = SIDS
        .iter()
        .map(|sid| if *sid == SIDS[1] { json!({ "Sid": sid, "Effect": "Deny" }) } else { statement(sid, "false") })
        .collect();
    json!({ "Policy": json!({ "Statement": statements }).to_string() })
}

fn decision(decision: &str) -> Value {
    json!({ "EvaluationResults": [{
        "EvalActionName": "events:PutEvents",
        "EvalResourceName": "arn:aws:events:eu-central-1:123456789012:event-bus/oms-prod",
        "EvalDecision": decision,
        "MatchedStatements": [],
        "MissingContextValues": [],
    }], "IsTruncated": false })
}

fn table(name: &str) -> Value {
    let stream =
        (name != "oms-prod-contacts").then(|| json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" }));
    json!({ "Table": {
        "TableName": name,
        "TableStatus": "ACTIVE",
        "DeletionProtectionEnabled": true,
        "SSEDescription": { "Status": "ENABLED", "SSEType": "KMS" },
        "StreamSpecification": stream,
    } })
}

fn recovery(is_on: bool) -> Value {
    let status = if is_on { "ENABLED" } else { "DISABLED" };
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": status },
    } })
}

fn mapping(state: &str) -> Value {
    json!({ "EventSourceMappings": [{
        "UUID": "a1b2c3d4-5678-90ab-cdef-11111example",
        "EventSourceArn": "arn:aws:sqs:eu-central-1:123456789012:oms-prod-payments",
        "State": state,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": { "MaximumConcurrency": 10 },
    }] })
}

fn limits(at_once: u64) -> Value {
    json!({ "AccountLimit": { "ConcurrentExecutions": at_once, "UnreservedConcurrentExecutions": at_once } })
}

fn merged(one: &Value, other: &Value) -> Value {
    let members = [one, other].into_iter().filter_map(Value::as_object).flatten();
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Those of the parts that the facts have.
fn alarms() -> Vec<String> {
    let facts = super::facts();
    let parts = facts.parts.values().filter_map(|part| part.template["Resources"].as_object());
    let all = parts.flat_map(|resources| resources.values()).filter(|it| it["Type"] == "AWS::CloudWatch::Alarm");
    all.map(|it| text(&it["Properties"]["AlarmName"]["Fn::Sub"]).replace("${Stage}", "prod")).collect()
}

fn alarm(name: &str, state: &str) -> Value {
    json!({ "AlarmName": name, "ActionsEnabled": true, "AlarmActions": ["arn"], "StateValue": state })
}

fn subscriptions(arn: &str) -> Value {
    json!({ "Subscriptions": [{ "SubscriptionArn": arn, "Owner": ACCOUNT, "Protocol": "email", "Endpoint": "ops@shop.test" }] })
}

fn mail_account(may_send: bool) -> Value {
    json!({ "ProductionAccessEnabled": may_send, "SendingEnabled": true, "EnforcementStatus": "HEALTHY" })
}

fn sender(is_verified: bool, status: &str) -> Value {
    json!({ "IdentityType": "EMAIL_ADDRESS", "VerifiedForSendingStatus": is_verified, "VerificationStatus": status })
}

fn reports(kinds: &[&str]) -> Value {
    let bus = "arn:aws:events:eu-central-1:123456789012:event-bus/default";
    json!({ "EventDestinations": [{
        "Name": "default-bus",
        "Enabled": true,
        "MatchingEventTypes": kinds,
        "EventBridgeDestination": { "EventBusArn": bus },
    }] })
}

fn authorizers(client: &str) -> Value {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123";
    json!({ "Items": [{
        "AuthorizerId": "x1y2z3",
        "AuthorizerType": "JWT",
        "JwtConfiguration": { "Issuer": issuer, "Audience": [client] },
    }] })
}

fn routes(authorization: &str) -> Value {
    json!({ "Items": [{ "RouteKey": "ANY /v1/{proxy+}", "AuthorizationType": authorization, "AuthorizerId": "x1y2z3" }] })
}
