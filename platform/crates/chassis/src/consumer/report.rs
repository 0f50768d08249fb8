//! Parked message → report on the bus, if the service makes one of it.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use jiff::Timestamp;

use super::queue::shortened;
use super::{Delivery, Failure};
use crate::clock;
use crate::relay::Outgoing;

/// An event that a consumer has given up: its message goes to the dead-letter queue.
#[derive(Debug, Clone, Copy)]
pub struct Parked<'a> {
    /// The event, a CloudEvents JSON text.
    pub event: &'a str,
    /// Who could not handle it: service and role, for example `inventory/events`.
    pub consumer: &'a str,
    /// A stable word for the kind of error.
    pub error_class: &'static str,
    /// The error in words, at most 1,000 characters.
    pub message: &'a str,
    /// How often the event was received.
    pub receives: u32,
    /// When it was given up.
    pub at: Timestamp,
}

/// Makes the event that reports a parked one, a CloudEvents JSON text; none if it is not to be reported.
pub type Report = fn(Parked<'_>) -> Option<String>;

pub(super) struct Reporter {
    client: Client,
    bus: String,
    report: Report,
}

impl Reporter {
    pub(super) fn new(aws: &SdkConfig, bus: String, report: Report) -> Self {
        Self { client: Client::new(aws), bus, report }
    }

    /// A report that does not get through is only missed: the message itself is in the dead-letter queue all the same.
    pub(super) async fn publish(&self, consumer: &str, delivery: &Delivery, failure: &Failure, receives: u32) {
        let (event, error_class, message) = (delivery.text.as_str(), failure.class, shortened(&failure.message));
        let Some(text) = (self.report)(Parked { event, consumer, error_class, message, receives, at: clock::now() })
        else {
            return;
        };
        let report = match Outgoing::read(0, &text) {
            Ok(report) => report,
            Err(error) => return tracing::error!(%error, "the report of a parked message is not an event"),
        };
        match self.client.put_events().entries(report.entry(&self.bus)).send().await {
            Ok(answer) if answer.failed_entry_count() == 0 => {}
            Ok(_) => tracing::error!("the bus refused the report of a parked message"),
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "the report of a parked message was not published");
            }
        }
    }
}
