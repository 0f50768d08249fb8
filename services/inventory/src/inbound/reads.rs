//! The fields that inventory reads of the events that it consumes; `events.toml` declares the same.

use contracts::Reads;
use contracts::ids::{OrderId, Sku};
use contracts::orders::{OrderCancelled, OrderConfirmed, OrderCreated};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    pub order_id: OrderId,
    pub lines: Vec<CreatedLine>,
}

#[derive(Deserialize)]
pub(super) struct CreatedLine {
    pub sku: Sku,
    pub quantity: u32,
}

impl Reads for Created {
    type Event = OrderCreated;

    fn check(&self) -> Result<(), &'static str> {
        let counts = (1..=100).contains(&self.lines.len()) && self.lines.iter().all(|line| line.quantity > 0);
        if counts { Ok(()) } else { Err("`lines` must have 1 to 100 items, each with a `quantity` of at least 1") }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Confirmed {
    pub order_id: OrderId,
}

impl Reads for Confirmed {
    type Event = OrderConfirmed;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    pub order_id: OrderId,
}

impl Reads for Cancelled {
    type Event = OrderCancelled;
}
