//! Events about the machinery of the services, not about what their business decides.

mod report;

pub use report::{Failure, processing_failed};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::OrderId;

/// The source of every event in this module, whichever service's consumer reports.
pub const SOURCE: &str = "oms.platform";

/// A consumer could not handle an event about an order and has put it into its dead-letter queue: an operator must
/// act. It does not change the order's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventProcessingFailed {
    /// The order that the event is about.
    pub order_id: OrderId,
    /// Whose it was to handle: service and role, for example `inventory/events`.
    pub consumer: String,
    /// The id of the event that was not handled.
    pub event_id: String,
    /// Its type, for example `OrderCreated.v1`.
    pub event_type: String,
    /// A stable word for the kind of error, for example `contract`.
    pub error_class: String,
    /// The error in words.
    pub message: String,
    /// How often the event was received before it was given up.
    #[schemars(range(min = 1))]
    pub receives: u32,
}

impl EventData for EventProcessingFailed {
    const TYPE: &'static str = "EventProcessingFailed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.receives > 0 { Ok(()) } else { Err("`receives` must be at least 1") }
    }
}
