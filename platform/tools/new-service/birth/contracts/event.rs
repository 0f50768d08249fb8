//! The events of the newcomer service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::OrderId;

/// The source of every event in this module.
pub const SOURCE: &str = "oms.newcomer";

/// Newcomer has noted that the order is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderNoted {
    /// The order.
    pub order_id: OrderId,
}

impl EventData for OrderNoted {
    const TYPE: &'static str = "OrderNoted.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}
