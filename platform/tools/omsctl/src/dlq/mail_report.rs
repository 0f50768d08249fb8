//! What SES reports of a mail, if the bus could not deliver it: the dead letter is the whole event, with the customer's
//! address, and notifications takes only what its rules keep of it (docs/decisions/0050).

use serde_json::{Map, Value};

use super::DeadLetter;
use super::route::{Destination, Step, name};
use crate::system::Queue;

const BOUNCED: &str = "Email Bounced";
const COMPLAINED: &str = "Email Complaint Received";
/// The end of the name of the queue that gets the reports.
const FEEDBACK: &str = "-notifications-feedback";
/// What the `InputTransformer` of each rule keeps: a name, and where the event has its value.
const OF_BOTH: [(&str, &str); 4] =
    [("source", "/source"), ("account", "/account"), ("type", "/detail-type"), ("tags", "/detail/mail/tags")];
const OF_BOUNCES: [(&str, &str); 2] =
    [("bounceType", "/detail/bounce/bounceType"), ("bounceSubType", "/detail/bounce/bounceSubType")];

/// Whether a dead letter of the bus is such an event. Nobody but AWS may publish one, and ours have an id.
pub(super) fn is_one(message: &DeadLetter) -> bool {
    message.event_id.is_none() && matches!(message.event_type.as_deref(), Some(BOUNCED | COMPLAINED))
}

/// Where it goes.
pub(super) fn step<'a>(targets: &[&'a Queue]) -> Step<'a> {
    match targets.iter().find(|queue| name(queue).ends_with(FEEDBACK)) {
        Some(queue) => Step::Move(Destination::MailReport(queue)),
        None => Step::Refuse("it is a report of SES: keep it until notifications is deployed".to_owned()),
    }
}

/// What the rule would have sent to notifications; `None` if the event lacks something of it.
pub(super) fn without_address(event: &str) -> Option<String> {
    let event: Value = serde_json::from_str(event).ok()?;
    let of_type = if event["detail-type"] == BOUNCED { &OF_BOUNCES[..] } else { &[] };
    let kept = OF_BOTH.iter().chain(of_type);
    let kept = kept.map(|(name, path)| Some(((*name).to_owned(), event.pointer(path)?.clone())));
    Some(Value::Object(kept.collect::<Option<Map<_, _>>>()?).to_string())
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::repository::Repository;
    use crate::template::json as template;

    /// An event of SES, as AWS documents it: the address is in several places.
    pub fn event(kind: &str) -> Value {
        let address = "customer@a.example";
        json!({
            "version": "0",
            "id": "12a18625-3d3b-46a0-b4bd-ca8b0a1e1b7c",
            "detail-type": kind,
            "source": "aws.ses",
            "account": "123456789012",
            "time": "2026-11-22T10:15:42Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": {
                "bounce": { "bounceType": "Permanent", "bounceSubType": "General",
                    "bouncedRecipients": [{ "emailAddress": address }] },
                "complaint": { "complainedRecipients": [{ "emailAddress": address }] },
                "mail": { "destination": [address], "commonHeaders": { "to": [address] },
                    "tags": { "ses:configuration-set": ["oms-prod-mail"], "order": ["ord_1"] } },
            },
        })
    }

    /// What EventBridge sends to a target with this `InputTransformer`.
    fn transformed(transformer: &Value, event: &Value) -> Value {
        let mut text = transformer["InputTemplate"].as_str().unwrap().to_owned();
        for (name, path) in transformer["InputPathsMap"].as_object().unwrap() {
            let steps = path.as_str().unwrap().trim_start_matches("$.").split('.');
            let found = steps.fold(event, |value, step| &value[step]);
            text = text.replace(&format!("<{name}>"), &found.to_string());
        }
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_report_has_what_its_rule_keeps_and_no_address() {
        let file = Repository::find().unwrap().path("services/notifications/template.yaml");
        let template = template::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        for (rule, kind) in [("BounceRule", BOUNCED), ("ComplaintRule", COMPLAINED)] {
            let event = event(kind);
            let target = &template["Resources"][rule]["Properties"]["Targets"][0];
            let report = without_address(&event.to_string()).unwrap();
            assert!(!report.contains('@'), "{report}");
            let report: Value = serde_json::from_str(&report).unwrap();
            assert_eq!(report, transformed(&target["InputTransformer"], &event), "{rule}");
        }
    }

    #[test]
    fn an_event_that_lacks_what_the_rule_keeps_is_no_report() {
        let mut event = event(BOUNCED);
        event["detail"]["bounce"] = json!(null);
        assert_eq!(without_address(&event.to_string()), None);
    }
}
