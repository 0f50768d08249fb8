//! Parked message → EventProcessingFailed on the bus, so that whoever owns the order can flag it.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::queue::shortened;
use super::{Delivery, Failure};
use crate::clock;

/// Of which type the report is; the schema is published with all others.
const TYPE: &str = "EventProcessingFailed.v1";
/// In whose name every consumer reports.
const SOURCE: &str = "oms.platform";
/// Namespace from which the ids of reports are derived.
const REPORT_NAMESPACE: Uuid = Uuid::from_u128(0x6f6d_7300_7270_5e74_8000_7265_706f_7201);

pub(super) struct Reporter {
    client: Client,
    bus: String,
}

impl Reporter {
    pub(super) fn new(aws: &SdkConfig, bus: String) -> Self {
        Self { client: Client::new(aws), bus }
    }

    /// A report that does not get through only leaves a flag unset: the message itself is kept all the same.
    pub(super) async fn tell(&self, consumer: &str, delivery: &Delivery, failure: &Failure, receives: u32) {
        let message = shortened(&failure.message);
        let Some(report) = processing_failed(consumer, delivery, failure.class, message, receives, clock::now()) else {
            return;
        };
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.bus).source(SOURCE).detail_type(TYPE);
        let sent = self.client.put_events().entries(entry.detail(report).build()).send().await;
        match sent {
            Ok(answer) if answer.failed_entry_count() == 0 => {}
            Ok(_) => tracing::error!("the bus refused the report of a parked message"),
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "the report of a parked message was not published");
            }
        }
    }
}

/// The report that `consumer` could not handle a delivery; none if it is not about an order, or is itself a report.
/// Its id follows from consumer and event, so that a report made twice is one.
#[must_use]
pub fn processing_failed(
    consumer: &str,
    delivery: &Delivery,
    error_class: &str,
    message: &str,
    receives: u32,
    at: Timestamp,
) -> Option<String> {
    if !delivery.subject.starts_with("ord_") || delivery.event_type == TYPE {
        return None;
    }
    let id = Uuid::new_v5(&REPORT_NAMESPACE, format!("{consumer}/{}", delivery.event_id).as_bytes());
    let mut report = json!({
        "specversion": "1.0",
        "id": format!("evt_{id}"),
        "source": SOURCE,
        "type": TYPE,
        "subject": delivery.subject,
        "time": at,
        "datacontenttype": "application/json",
        "dataschema": format!("https://schemas.oms.example/events/{TYPE}.json"),
        "correlationid": delivery.cause.correlation_id,
        "causationid": delivery.event_id,
        // Reports have no place among an aggregate's events; seconds since 1970 have ten digits and grow.
        "sequence": format!("{:010}", at.as_second()),
        "data": {
            "orderId": delivery.subject,
            "consumer": consumer,
            "eventId": delivery.event_id,
            "eventType": delivery.event_type,
            "errorClass": error_class,
            "message": message,
            "receives": receives,
        },
    });
    if let Some(traceparent) = &delivery.cause.traceparent {
        report["traceparent"] = json!(traceparent);
    }
    Some(report.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::delivery::tests::record;

    fn report(edit: impl Fn(&mut Delivery)) -> Option<serde_json::Value> {
        let mut delivery = Delivery::read(&record(), Timestamp::UNIX_EPOCH).unwrap();
        edit(&mut delivery);
        let text = processing_failed("orders/events", &delivery, "contract", "no lines", 2, Timestamp::UNIX_EPOCH)?;
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_report_names_what_failed_and_belongs_to_the_saga() {
        let report = report(|_| {}).unwrap();
        assert_eq!((&report["correlationid"], &report["causationid"]), (&json!("cor_1"), &json!("evt_1")));
        assert_eq!(
            (&report["data"]["consumer"], &report["data"]["eventType"]),
            (&json!("orders/events"), &json!("OrderCreated.v1"))
        );
    }

    #[test]
    fn the_same_failure_is_told_under_the_same_id() {
        assert_eq!(report(|_| {}).unwrap()["id"], report(|d| d.receives = 9).unwrap()["id"]);
        assert_ne!(report(|_| {}).unwrap()["id"], report(|d| d.event_id = "evt_2".into()).unwrap()["id"]);
    }

    #[test]
    fn a_report_is_never_reported() {
        assert_eq!(report(|d| d.event_type = TYPE.into()), None);
        assert_eq!(report(|d| d.subject = "MUG-01".into()), None);
    }
}
