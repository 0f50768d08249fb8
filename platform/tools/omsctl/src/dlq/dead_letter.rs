//! A dead letter: what its body and its attributes tell about the event and about the failure.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::terminal::age;

/// The most characters of a field that are shown: a poison message can be of any length.
const LONGEST: usize = 1_000;

/// What a message contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// An event as the bus delivers it.
    Event,
    /// A pointer to stream records that a relay could not publish; it has no content.
    StreamRecords,
    /// Anything else.
    Unknown,
}

/// A message of a dead-letter queue. A field is `None` if the message does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields have the names of the attributes that they come from")]
pub struct DeadLetter {
    pub message_id: String,
    pub kind: Kind,
    pub event_type: Option<String>,
    pub event_id: Option<String>,
    pub subject: Option<String>,
    pub order_id: Option<String>,
    pub correlation_id: Option<String>,
    pub error_class: Option<String>,
    pub error_message: Option<String>,
    pub consumer: Option<String>,
    pub receives: Option<u32>,
    pub original_message_id: Option<String>,
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// An event as the bus delivers it.
#[derive(Debug, Deserialize)]
pub(super) struct BusEvent<'a> {
    pub source: String,
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    #[serde(borrow)]
    pub detail: &'a RawValue,
}

impl<'a> BusEvent<'a> {
    pub(super) fn read(body: &'a str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

impl DeadLetter {
    /// Reads every field that the message has. It never fails: operators need to see poison messages most of all.
    #[must_use]
    pub fn read(message: &Message) -> Self {
        let body = serde_json::from_str::<Value>(message.body().unwrap_or_default()).unwrap_or_default();
        let mut dead_letter = if BusEvent::read(message.body().unwrap_or_default()).is_some() {
            Self::event(&body)
        } else if body["DDBStreamBatchInfo"].is_object() {
            Self::stream_records(&body)
        } else {
            Self::unknown()
        };
        dead_letter.message_id = message.message_id().unwrap_or_default().into();
        let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
        dead_letter.sent_at =
            sent.and_then(|at| at.parse().ok()).and_then(|at: i64| Timestamp::from_millisecond(at).ok());
        dead_letter.read_cause(message);
        dead_letter
    }

    /// Reads the cause that a consumer attached, otherwise the one that EventBridge attached.
    fn read_cause(&mut self, message: &Message) {
        let either = |names: [&str; 2]| names.iter().find_map(|name| attribute(message, name));
        let or = |own: Option<String>, known: &mut Option<String>| *known = own.or(known.take());
        or(either(["ErrorClass", "ERROR_CODE"]), &mut self.error_class);
        or(either(["ErrorMessage", "ERROR_MESSAGE"]), &mut self.error_message);
        or(either(["Consumer", "TARGET_ARN"]), &mut self.consumer);
        let receives = either(["Receives", "RETRY_ATTEMPTS"]).and_then(|count| count.parse().ok());
        self.receives = receives.or(self.receives);
        self.original_message_id = attribute(message, "OriginalMessageId");
    }

    fn event(body: &Value) -> Self {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(clean);
        let subject = text("/detail/subject");
        let order = subject.clone().filter(|subject| subject.starts_with("ord_"));
        Self {
            kind: Kind::Event,
            event_type: text("/detail-type"),
            event_id: text("/detail/id"),
            order_id: order.or_else(|| text("/detail/data/orderId")),
            subject,
            correlation_id: text("/detail/correlationid"),
            ..Self::unknown()
        }
    }

    fn stream_records(body: &Value) -> Self {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(clean);
        let batch = |name: &str| text(&format!("/DDBStreamBatchInfo/{name}")).unwrap_or_else(|| "?".to_owned());
        let function = text("/requestContext/functionArn");
        Self {
            kind: Kind::StreamRecords,
            error_class: text("/requestContext/condition"),
            error_message: Some(format!(
                "{} to {} in {} of {}",
                batch("startSequenceNumber"),
                batch("endSequenceNumber"),
                batch("shardId"),
                batch("streamArn"),
            )),
            // arn:aws:lambda:REGION:ACCOUNT:function:NAME, or the same with a version
            consumer: function.map(|arn| arn.split(':').nth(6).unwrap_or(&arn).to_owned()),
            receives: body.pointer("/requestContext/approximateInvokeCount").and_then(count),
            ..Self::unknown()
        }
    }

    fn unknown() -> Self {
        Self {
            message_id: String::new(),
            kind: Kind::Unknown,
            event_type: None,
            event_id: None,
            subject: None,
            order_id: None,
            correlation_id: None,
            error_class: None,
            error_message: None,
            consumer: None,
            receives: None,
            original_message_id: None,
            sent_at: None,
            body: None,
        }
    }

    /// One line: the message's id, its event type and its subject.
    #[must_use]
    pub fn headline(&self) -> String {
        let what = match self.kind {
            Kind::Event => self.event_type.as_deref().unwrap_or("event"),
            Kind::StreamRecords => "stream records",
            Kind::Unknown => "not an event",
        };
        format!("{}  {what} {}", self.message_id, self.subject.as_deref().unwrap_or_default()).trim_end().to_owned()
    }

    /// The message for people, in several lines.
    #[must_use]
    pub fn text(&self, now: Timestamp) -> String {
        let sent = self.sent_at.map(|at| format!("{at:.0} ({} ago)", age(at, now)));
        let receives = self.receives.map(|count| count.to_string());
        let order = self.order_id.as_ref().filter(|order| Some(*order) != self.subject.as_ref());
        let class =
            self.error_class.as_deref().unwrap_or("none attached: the consumer crashed or timed out; run `just logs`");
        let body = self.body.as_deref().map(harmless);
        let details = [
            ("event", self.event_id.as_deref()),
            ("order", order.map(String::as_str)),
            ("correlation", self.correlation_id.as_deref()),
            ("error", Some(class)),
            ("", self.error_message.as_deref()),
            ("consumer", self.consumer.as_deref()),
            ("receives", receives.as_deref()),
            ("earlier id", self.original_message_id.as_deref()),
            ("sent", sent.as_deref()),
            ("body", body.as_deref()),
        ];
        let line = |(name, value): (&str, Option<&str>)| value.map(|value| format!("  {name:<12} {value}\n"));
        self.headline() + "\n" + &details.into_iter().filter_map(line).collect::<String>()
    }
}

/// A text attribute of a message.
pub(super) fn attribute(message: &Message, name: &str) -> Option<String> {
    message.message_attributes()?.get(name)?.string_value().map(clean)
}

fn count(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|count| u32::try_from(count).ok())
}

/// Shortened, and safe for a terminal.
fn clean(text: &str) -> String {
    harmless(&text.chars().take(LONGEST).collect::<String>())
}

/// Without control characters, which could command a terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use aws_sdk_sqs::types::MessageAttributeValue;
    use serde_json::json;

    pub fn message(body: &impl ToString, attributes: &[(&str, &str)]) -> Message {
        let text =
            |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
        let message = Message::builder().message_id("m-1").body(body.to_string());
        let message = message.attributes(MessageSystemAttributeName::SentTimestamp, "1795342530000");
        attributes.iter().fold(message, |message, (name, value)| message.message_attributes(*name, text(value))).build()
    }

    pub fn event() -> Value {
        json!({ "source": "oms.inventory", "detail-type": "InventoryReserved.v1", "detail": {
            "id": "evt_1", "subject": "ord_1", "correlationid": "cor_1", "data": { "orderId": "ord_1" },
        }})
    }

    pub fn stream_records() -> Value {
        json!({ "requestContext": { "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 4,
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:oms-local-orders-relay:$LATEST" },
            "DDBStreamBatchInfo": { "shardId": "shardId-1", "startSequenceNumber": "100", "endSequenceNumber": "108",
                "streamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/oms-local-orders/stream/1" } })
    }

    const CAUSE: [(&str, &str); 5] = [
        ("ErrorClass", "unknown_order"),
        ("ErrorMessage", "there is no order ord_1"),
        ("Consumer", "orders/events"),
        ("Receives", "1"),
        ("OriginalMessageId", "m-0"),
    ];

    #[test]
    fn a_parked_event_is_shown_with_its_type_its_subject_and_its_cause() {
        let dead_letter = DeadLetter::read(&message(&event(), &CAUSE));
        let now = Timestamp::from_second(1_795_342_530 + 75).unwrap();
        assert_eq!(
            dead_letter.text(now),
            "m-1  InventoryReserved.v1 ord_1\n  event        evt_1\n  correlation  cor_1\n  error        unknown_order\n  \
             \x20            there is no order ord_1\n  consumer     orders/events\n  receives     1\n  \
             earlier id   m-0\n  sent         2026-11-22T10:15:30Z (1m 15s ago)\n"
        );
        assert!(!serde_json::to_string(&dead_letter).unwrap().contains("body"), "the caller did not request the body");
    }

    #[test]
    fn an_event_about_a_sku_is_shown_with_its_order_as_well() {
        let mut event = event();
        event["detail"]["subject"] = json!("MUG-01");
        let dead_letter = DeadLetter::read(&message(&event, &[]));
        assert_eq!((dead_letter.subject.as_deref(), dead_letter.order_id.as_deref()), (Some("MUG-01"), Some("ord_1")));
        assert_eq!(dead_letter.error_class, None);
        assert!(dead_letter.text(Timestamp::UNIX_EPOCH).contains("none attached"));
    }

    #[test]
    fn stream_records_are_shown_with_their_position() {
        let dead_letter = DeadLetter::read(&message(&stream_records(), &[]));
        assert_eq!((dead_letter.kind, dead_letter.receives), (Kind::StreamRecords, Some(4)));
        assert_eq!(dead_letter.consumer.as_deref(), Some("oms-local-orders-relay"));
        assert_eq!(dead_letter.error_class.as_deref(), Some("RetryAttemptsExhausted"));
        assert!(dead_letter.error_message.unwrap().starts_with("100 to 108 in shardId-1 of arn:aws:dynamodb:"));
    }

    #[test]
    fn an_undelivered_event_has_the_cause_that_the_bus_attached() {
        let cause = [("ERROR_CODE", "NO_PERMISSIONS"), ("RETRY_ATTEMPTS", "3"), ("TARGET_ARN", "arn:aws:sqs:::orders")];
        let dead_letter = DeadLetter::read(&message(&event(), &cause));
        assert_eq!(dead_letter.error_class.as_deref(), Some("NO_PERMISSIONS"));
        assert_eq!((dead_letter.consumer.as_deref(), dead_letter.receives), (Some("arn:aws:sqs:::orders"), Some(3)));
    }

    #[test]
    fn a_poison_message_is_shown_and_cannot_command_a_terminal() {
        for body in ["", "poison", "{", "[]", "{\"detail\":1}", "{\"DDBStreamBatchInfo\":7}"] {
            assert_eq!(DeadLetter::read(&message(&body, &[])).kind, Kind::Unknown, "{body}");
        }
        let mut event = event();
        event["detail"]["subject"] = json!("\u{1b}[2J".to_owned() + &"x".repeat(100_000));
        event["detail"]["id"] = json!(7);
        let mut dead_letter = DeadLetter::read(&message(&event, &[]));
        dead_letter.body = Some("\u{1b}]0;title".to_owned());
        let text = dead_letter.text(Timestamp::UNIX_EPOCH);
        assert!(!text.contains('\u{1b}') && text.len() < 2_000, "{text}");
    }
}
