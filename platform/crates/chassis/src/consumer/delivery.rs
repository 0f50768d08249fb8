//! A message of the queue, read as the event that EventBridge put into it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::Span;

use crate::cause::Cause;
use crate::verdict::{Classify, Verdict};

/// One delivery of one event: the attributes that every event has, and the event itself as text.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The event's id, made once by its producer.
    pub event_id: String,
    /// Name and major version.
    pub event_type: String,
    /// The service that published it.
    pub source: String,
    /// The id of the entity that it is about.
    pub subject: String,
    /// What this delivery leads to is caused by the event.
    pub cause: Cause,
    /// The whole CloudEvents object.
    pub text: String,
    /// How often the message was received, this time included.
    pub receives: u32,
}

/// A message that is not an event: its body is not JSON, or lacks what every event has.
#[derive(Debug, thiserror::Error)]
#[error("the message is not an event of the bus")]
pub struct Malformed(#[from] serde_json::Error);

impl Classify for Malformed {
    fn verdict(&self) -> Verdict {
        Verdict::Park
    }
    fn class(&self) -> &'static str {
        "malformed"
    }
}

#[derive(Deserialize)]
struct BusEvent<'a> {
    #[serde(borrow)]
    detail: &'a RawValue,
}

#[derive(Deserialize)]
struct Attributes {
    id: String,
    #[serde(default)]
    source: String,
    r#type: String,
    subject: String,
    correlationid: String,
    #[serde(default)]
    traceparent: Option<String>,
}

impl Delivery {
    /// Reads the body of a message: the event of the bus whose `detail` is the CloudEvents object.
    ///
    /// # Errors
    /// [`Malformed`], which no retry can help.
    pub fn of(body: &str, receives: u32, at: Timestamp) -> Result<Self, Malformed> {
        let text = serde_json::from_str::<BusEvent<'_>>(body)?.detail.get().to_owned();
        let event: Attributes = serde_json::from_str(&text)?;
        let Attributes { id, r#type: event_type, source, subject, correlationid: correlation_id, traceparent } = event;
        let cause = Cause { correlation_id, causation_id: id.clone(), traceparent, at };
        Ok(Self { event_id: id, event_type, source, subject, cause, text, receives })
    }

    /// The span in which the delivery is handled.
    pub(super) fn span(&self) -> Span {
        let span = self.cause.span();
        span.record("event_id", &self.event_id).record("event_type", &self.event_type);
        span.record("subject", &self.subject);
        span
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub fn body() -> String {
        let event = json!({ "id": "evt_1", "type": "ItemAdded.v1", "subject": "item_1", "correlationid": "cor_1",
            "data": { "n": 1 } });
        json!({ "detail-type": "ItemAdded.v1", "detail": event }).to_string()
    }

    #[test]
    fn a_delivery_is_caused_by_its_event() {
        let delivery = Delivery::of(&body(), 3, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((delivery.cause.correlation_id.as_str(), delivery.cause.causation_id.as_str()), ("cor_1", "evt_1"));
        assert_eq!((delivery.subject.as_str(), delivery.receives), ("item_1", 3));
        assert!(delivery.text.contains(r#""data":{"n":1}"#));
    }

    #[test]
    fn a_message_that_is_not_an_event_names_what_it_lacks() {
        for (body, lacks) in [
            ("", "EOF"),
            ("not json", "expected"),
            ("{}", "missing field `detail`"),
            (r#"{"detail":{"id":"evt_1","subject":"s","correlationid":"c"}}"#, "missing field `type`"),
        ] {
            let error = Delivery::of(body, 1, Timestamp::UNIX_EPOCH).unwrap_err();
            let error = crate::verdict::chain(&error);
            assert!(error.contains(lacks), "{error}");
        }
    }
}
