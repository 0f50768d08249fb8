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

/// Why a message is given up before any handler sees it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its body is not JSON, or lacks what every event has.
    #[error("the message is not an event of the bus")]
    Malformed(#[from] serde_json::Error),
    /// Permissions and rules judge what the bus says of an event; the event says something else of itself.
    #[error("the bus vouches for the {attribute} `{outer}`, not for `{claimed}`")]
    Mislabelled {
        /// What differs: the source, the type or the account.
        attribute: &'static str,
        /// What the bus says.
        outer: String,
        /// What the event says, or the account that the queue belongs to.
        claimed: String,
    },
    /// More events led to it than any saga needs.
    #[error("{0} events led to this one, each to the next; the limit is {MAX_HOPS}")]
    Looping(u32),
}

impl Classify for Refused {
    fn verdict(&self) -> Verdict {
        Verdict::Park
    }
    fn class(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Mislabelled { .. } => "mislabelled",
            Self::Looping(_) => "looping",
        }
    }
}

/// An event with this many others before it goes in a circle.
const MAX_HOPS: u32 = 16;

/// What EventBridge delivers. It sets the account itself, and admits source and type by the sender's permissions.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct BusEvent<'a> {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    detail_type: Option<String>,
    #[serde(default)]
    account: Option<String>,
    #[serde(borrow)]
    detail: &'a RawValue,
}

#[derive(Deserialize)]
struct Attributes {
    id: String,
    source: String,
    r#type: String,
    subject: String,
    correlationid: String,
    #[serde(default)]
    traceparent: Option<String>,
    /// JSON writes a whole number also as `2.0`.
    #[serde(default)]
    hops: Option<f64>,
}

impl Delivery {
    /// Reads the body of a message of a queue in `account`: the event of the bus whose `detail` is the CloudEvents object.
    ///
    /// # Errors
    /// [`Refused`], which no retry can help.
    pub fn of(body: &str, account: &str, receives: u32, at: Timestamp) -> Result<Self, Refused> {
        let outer: BusEvent<'_> = serde_json::from_str(body)?;
        let text = outer.detail.get().to_owned();
        let event: Attributes = serde_json::from_str(&text)?;
        agree("source", outer.source, &event.source)?;
        agree("type", outer.detail_type, &event.r#type)?;
        agree("account", outer.account, account)?;
        let Attributes { id, r#type: event_type, source, subject, correlationid: correlation_id, .. } = event;
        let (causation_id, traceparent) = (id.clone(), event.traceparent);
        let hops = hops(event.hops).saturating_add(1);
        let cause = Cause { correlation_id, client_correlation_id: None, causation_id, traceparent, hops, at };
        Ok(Self { event_id: id, event_type, source, subject, cause, text, receives })
    }

    /// Whether the event may lead to others.
    pub(super) fn check_hops(&self) -> Result<(), Refused> {
        let hops = self.cause.hops.saturating_sub(1);
        if hops < MAX_HOPS { Ok(()) } else { Err(Refused::Looping(hops)) }
    }

    /// The span in which the delivery is handled.
    pub(super) fn span(&self) -> Span {
        let span = self.cause.span();
        span.record("event_id", &self.event_id).record("event_type", &self.event_type);
        span.record("subject", &self.subject);
        span
    }
}

/// Whether the bus vouches for what is claimed.
fn agree(attribute: &'static str, outer: Option<String>, claimed: &str) -> Result<(), Refused> {
    let outer = outer.unwrap_or_else(|| "(nothing)".to_owned());
    if outer == claimed { Ok(()) } else { Err(Refused::Mislabelled { attribute, outer, claimed: claimed.to_owned() }) }
}

/// How many events led to one; absent where nothing did, or where its producer does not count.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such a cast stops at the type's bounds")]
fn hops(claimed: Option<f64>) -> u32 {
    claimed.unwrap_or_default() as u32
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub const ACCOUNT: &str = "000000000000";

    /// What the bus delivers of an event, with a value of the outer object replaced, or removed if it is null.
    fn delivered(name: &str, value: Value, event: &[(&str, Value)]) -> String {
        let mut detail = json!({ "id": "evt_1", "source": "shop.items", "type": "ItemAdded.v1", "subject": "item_1",
            "correlationid": "cor_1", "data": { "n": 1 } });
        for (name, value) in event {
            detail[*name] = value.clone();
        }
        let mut body =
            json!({ "source": "shop.items", "detail-type": "ItemAdded.v1", "account": ACCOUNT, "detail": detail });
        body[name] = value;
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        body.to_string()
    }

    pub fn body(hops: u32) -> String {
        delivered("replay-name", json!("again"), &[("hops", json!(hops))])
    }

    fn of(body: &str) -> Result<Delivery, Refused> {
        Delivery::of(body, ACCOUNT, 3, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_delivery_is_caused_by_its_event() {
        let delivery = of(&body(2)).unwrap();
        let Cause { correlation_id, causation_id, hops, .. } = delivery.cause;
        assert_eq!((correlation_id.as_str(), causation_id.as_str(), hops), ("cor_1", "evt_1", 3));
        assert_eq!((delivery.subject.as_str(), delivery.receives), ("item_1", 3));
        assert!(delivery.text.contains(r#""data":{"n":1}"#));
    }

    #[test]
    fn a_message_that_is_not_an_event_names_what_it_lacks() {
        let no_type = delivered("source", json!("shop.items"), &[("type", Value::Null)]);
        for (body, lacks) in [
            ("", "EOF"),
            ("not json", "expected"),
            ("{}", "missing field `detail`"),
            (r#"{"detail":{"id":"evt_1","source":"s","subject":"s","correlationid":"c"}}"#, "missing field `type`"),
            (no_type.as_str(), "invalid type: null"),
        ] {
            let error = of(body).unwrap_err();
            assert_eq!(error.class(), "malformed");
            let error = crate::verdict::chain(&error);
            assert!(error.contains(lacks), "{error}");
        }
    }

    #[test]
    fn an_event_is_believed_only_if_the_bus_says_the_same() {
        for (attribute, name, outer, claimed) in [
            ("source", "source", json!("shop.other"), "shop.items"),
            ("source", "source", Value::Null, "shop.items"),
            ("type", "detail-type", json!("ItemRemoved.v1"), "ItemAdded.v1"),
            ("type", "detail-type", Value::Null, "ItemAdded.v1"),
            ("account", "account", json!("111122223333"), ACCOUNT),
            ("account", "account", Value::Null, ACCOUNT),
        ] {
            let error = of(&delivered(name, outer.clone(), &[])).unwrap_err();
            let outer = outer.as_str().unwrap_or("(nothing)");
            assert_eq!((error.verdict(), error.class()), (Verdict::Park, "mislabelled"));
            assert_eq!(
                error.to_string(),
                format!("the bus vouches for the {attribute} `{outer}`, not for `{claimed}`")
            );
        }
        assert_eq!(Delivery::of(&body(0), "", 1, Timestamp::UNIX_EPOCH).unwrap_err().class(), "mislabelled");
    }

    #[test]
    fn an_event_that_goes_in_a_circle_is_stopped() {
        for (hops, class) in [
            (json!(0), None),
            (json!(15), None),
            (json!(15.0), None),
            (json!(16), Some("looping")),
            (json!(4_294_967_295_u32), Some("looping")),
            (json!(1e300), Some("looping")),
            (json!(-1), None),
        ] {
            let delivery = of(&delivered("source", json!("shop.items"), &[("hops", hops.clone())])).unwrap();
            assert_eq!(delivery.check_hops().err().map(|error| error.class()), class, "{hops}");
        }
        assert_eq!(of(&delivered("source", json!("shop.items"), &[])).unwrap().cause.hops, 1, "absent means none");
    }
}
