//! Builds the report of an event that a consumer could not handle.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::EventProcessingFailed;
use crate::envelope::{Envelope, EventData, Header};
use crate::ids::OrderId;

/// Namespace from which the ids of reports are derived.
const REPORT_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7270_5e74_8000_7265_706f_7201);

/// Why a consumer could not handle an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure<'a> {
    /// The consumer: service and role, for example `inventory/events`.
    pub consumer: &'a str,
    /// A stable word for the kind of error.
    pub error_class: &'a str,
    /// The error in words.
    pub message: &'a str,
    /// How often the event was received.
    pub receives: u32,
}

/// The attributes of the event that a report needs.
#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    subject: String,
    correlationid: String,
    #[serde(default)]
    traceparent: Option<String>,
}

/// The report that a consumer parked `event` at `at`, as it is published. `None` if the event is not about an order, or is
/// itself a report. The id is derived from consumer and event, so the same failure reported twice has one id.
#[must_use]
pub fn processing_failed(event: &str, failure: Failure<'_>, at: Timestamp) -> Option<String> {
    let event: Event = serde_json::from_str(event).ok()?;
    if event.r#type == EventProcessingFailed::TYPE {
        return None;
    }
    let id = Uuid::new_v5(&REPORT_NAMESPACE, format!("{}/{}", failure.consumer, event.id).as_bytes());
    let header = Header {
        time: at,
        correlation_id: event.correlationid,
        causation_id: event.id.clone(),
        traceparent: event.traceparent,
        // nothing follows from a report, so that one about an event that goes in a circle gets through
        hops: 0,
        // a report has no place among its order's events; seconds since 1970 have ten digits and grow
        sequence: u64::try_from(at.as_second()).unwrap_or_default(),
    };
    let data = EventProcessingFailed {
        order_id: OrderId::try_from(event.subject).ok()?,
        consumer: failure.consumer.to_owned(),
        event_id: event.id,
        event_type: event.r#type,
        error_class: failure.error_class.to_owned(),
        message: failure.message.to_owned(),
        receives: failure.receives,
    };
    Some(Envelope { id: format!("evt_{id}"), ..Envelope::new(data, header) }.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::SCHEMA_BASE;
    use serde_json::{Value, json};

    const FAILURE: Failure<'_> =
        Failure { consumer: "orders/events", error_class: "contract", message: "no lines", receives: 2 };

    fn event(change: (&str, Value)) -> String {
        let mut event = json!({ "id": "evt_1", "type": "OrderCreated.v1",
            "subject": "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10", "correlationid": "cor_1", "data": {} });
        event[change.0] = change.1;
        event.to_string()
    }

    fn report(change: (&str, Value), failure: Failure<'_>) -> Option<Value> {
        let text = processing_failed(&event(change), failure, Timestamp::from_second(1_795_000_000).unwrap())?;
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_report_names_what_failed_and_belongs_to_the_saga() {
        let trace = json!("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
        let wanted = json!({
            "specversion": "1.0",
            "id": "evt_69a4883b-8149-5242-b078-bca4ffaafc7b",
            "source": "oms.platform",
            "type": "EventProcessingFailed.v1",
            "subject": "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
            "time": "2026-11-18T11:06:40Z",
            "datacontenttype": "application/json",
            "dataschema": format!("{SCHEMA_BASE}EventProcessingFailed.v1.json"),
            "correlationid": "cor_1",
            "causationid": "evt_1",
            "traceparent": trace,
            "sequence": "1795000000",
            "data": {
                "orderId": "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
                "consumer": "orders/events",
                "eventId": "evt_1",
                "eventType": "OrderCreated.v1",
                "errorClass": "contract",
                "message": "no lines",
                "receives": 2,
            },
        });
        assert_eq!(report(("traceparent", trace), FAILURE).unwrap(), wanted);
    }

    #[test]
    fn the_same_failure_is_reported_under_the_same_id() {
        let id = |change, failure| report(change, failure).unwrap()["id"].clone();
        let same = ("data", json!({}));
        assert_eq!(id(same.clone(), FAILURE), id(same.clone(), Failure { receives: 9, ..FAILURE }));
        assert_ne!(id(same.clone(), FAILURE), id(("id", json!("evt_2")), FAILURE));
        assert_ne!(id(same.clone(), FAILURE), id(same, Failure { consumer: "inventory/events", ..FAILURE }));
    }

    #[test]
    fn neither_a_report_nor_an_event_about_a_sku_is_reported() {
        assert_eq!(report(("type", json!(EventProcessingFailed::TYPE)), FAILURE), None);
        assert_eq!(report(("subject", json!("MUG-01")), FAILURE), None);
        assert_eq!(processing_failed("not json", FAILURE, Timestamp::UNIX_EPOCH), None);
    }
}
