//! What SES publishes of a mail on the default bus, in the form that AWS documents ("Event data that Amazon SES publishes to
//! Amazon EventBridge"), and what a rule's target makes of it.

use serde_json::{Value, json};

/// A mail to a recipient that bounced: `Permanent`, `Transient` or `Undetermined`.
#[must_use]
pub fn bounce(kind: &str, tags: &Value) -> Value {
    let recipient = json!({ "emailAddress": "recipient@example.com", "action": "failed", "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown" });
    let bounce = json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [recipient],
        "timestamp": "2026-11-22T10:15:41.669Z", "feedbackId": "0100-example", "reportingMTA": "dsn; mta.example.com" });
    event("Email Bounced", tags, json!({ "eventType": "Bounce", "bounce": bounce }))
}

/// A mail whose recipient calls it spam.
#[must_use]
pub fn complaint(tags: &Value) -> Value {
    let complaint = json!({ "complainedRecipients": [{ "emailAddress": "recipient@example.com" }],
        "timestamp": "2026-11-22T10:15:41.669Z", "feedbackId": "0100-example", "complaintFeedbackType": "abuse" });
    event("Email Complaint Received", tags, json!({ "eventType": "Complaint", "complaint": complaint }))
}

fn event(detail_type: &str, tags: &Value, mut detail: Value) -> Value {
    let mut all = json!({ "ses:configuration-set": ["oms-prod-mail"], "ses:source-ip": ["192.0.2.0"],
        "ses:from-domain": ["example.com"], "ses:caller-identity": ["oms-prod-notifications-events"] });
    for (name, value) in tags.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    detail["mail"] = json!({ "timestamp": "2026-11-22T10:15:40.012Z", "source": "orders@example.com",
        "sourceArn": "arn:aws:ses:us-east-1:123456789012:identity/example.com", "sendingAccountId": "123456789012",
        "messageId": "0100-example", "destination": ["recipient@example.com"], "headersTruncated": false,
        "headers": [{ "name": "To", "value": "recipient@example.com" }],
        "commonHeaders": { "from": ["orders@example.com"], "to": ["recipient@example.com"] }, "tags": all });
    json!({ "version": "0", "id": "12a18625-3d3b-46a0-b4bd-ca8b0a1e1b7c", "detail-type": detail_type, "source": "aws.ses",
        "account": "123456789012", "time": "2026-11-22T10:15:42Z", "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:123456789012:configuration-set/oms-prod-mail"], "detail": detail })
}

/// What EventBridge sends to a target with this `InputTransformer`.
///
/// # Panics
/// A path that the event does not have: EventBridge would leave the variable out, and the message would not be JSON.
#[must_use]
pub fn transformed(transformer: &Value, event: &Value) -> String {
    let mut text = transformer["InputTemplate"].as_str().expect("a template").to_owned();
    for (name, path) in transformer["InputPathsMap"].as_object().expect("paths") {
        let path = path.as_str().and_then(|path| path.strip_prefix("$.")).expect("a path");
        let found = path.split('.').fold(event, |value, step| &value[step]);
        assert!(!found.is_null(), "the event has no {path}");
        text = text.replace(&format!("<{name}>"), &found.to_string());
    }
    text
}
