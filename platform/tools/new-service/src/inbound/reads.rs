//! What newcomer reads of the events that it consumes, and nothing more; `events.toml` declares it.

use contracts::Reads;
use contracts::ids::OrderId;
use contracts::orders::OrderCompleted;
use jiff::Timestamp;
use serde::Deserialize;

/// When an order was completed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompletedOrder {
    pub order_id: OrderId,
    pub completed_at: Timestamp,
}

impl Reads for CompletedOrder {
    type Event = OrderCompleted;
}
