//! What the platform says: how the services' machinery fares, not what their business decides.

mod report;

pub use report::{Failure, processing_failed};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::OrderId;
use crate::orders::{about_order, sample};

/// The source of every event in this module, whichever service's consumer reports.
pub const SOURCE: &str = "oms.platform";

/// A consumer could not handle an event about an order and has put it into its dead-letter queue: somebody has to look.
/// It says nothing about the order's own state.
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

about_order! {
    EventProcessingFailed keeps was_received => vec![EventProcessingFailed {
        order_id: sample::order_id(),
        consumer: "inventory/events".into(),
        event_id: "evt_0e6f6f0a-3c53-5d0c-9a3e-2f8b7c1d4e5a".into(),
        event_type: "OrderConfirmed.v1".into(),
        error_class: "confirmed_without_hold".into(),
        message: "the order is confirmed but holds no stock".into(),
        receives: 1,
    }];
}

fn was_received(failed: &EventProcessingFailed) -> Result<(), &'static str> {
    if failed.receives > 0 { Ok(()) } else { Err("`receives` must be at least 1") }
}
