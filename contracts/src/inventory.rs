//! The events of the inventory service.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::EventData;
use crate::ids::{AdjustmentId, OrderId, ReservationId, Sku};
use crate::open::Open;

/// The source of every event in this module.
pub const SOURCE: &str = "oms.inventory";

/// All lines of an order are held until `expiresAt`: no other order can take these pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReserved {
    /// The order.
    pub order_id: OrderId,
    /// The hold.
    pub reservation_id: ReservationId,
    /// What is held, one line for each sku.
    #[schemars(length(min = 1, max = 100))]
    pub lines: Vec<ReservedLine>,
    /// When a hold that was not committed ends.
    pub expires_at: Timestamp,
}

impl EventData for InventoryReserved {
    const TYPE: &'static str = "InventoryReserved.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        let valid = (1..=100).contains(&self.lines.len()) && self.lines.iter().all(|line| line.quantity > 0);
        if valid { Ok(()) } else { Err("`lines` must have 1 to 100 items, each with a `quantity` of at least 1") }
    }
}

/// What is held of one sku.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservedLine {
    /// What is held.
    pub sku: Sku,
    /// How many pieces.
    #[schemars(range(min = 1))]
    pub quantity: u32,
}

/// At least one line could not be held, so none is: final for this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryRejected {
    /// The order.
    pub order_id: OrderId,
    /// The lines that could not be held, one for each sku.
    #[schemars(length(min = 1, max = 100))]
    pub lines: Vec<RejectedLine>,
    /// Why the order was rejected.
    pub reason: Open<RejectReason>,
}

impl EventData for InventoryRejected {
    const TYPE: &'static str = "InventoryRejected.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        let valid = (1..=100).contains(&self.lines.len()) && self.lines.iter().all(|line| line.requested > 0);
        if valid { Ok(()) } else { Err("`lines` must have 1 to 100 items, each with a `requested` of at least 1") }
    }
}

/// What was missing of one sku.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedLine {
    /// What was wanted.
    pub sku: Sku,
    /// How many pieces were wanted.
    #[schemars(range(min = 1))]
    pub requested: u32,
    /// How many pieces could have been held at that moment.
    pub available: u64,
}

/// Why an order's lines could not be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectReason {
    /// Fewer pieces are available than were ordered.
    InsufficientStock,
    /// A sku was never stocked.
    UnknownSku,
}

/// Nothing is held for the order any more, and nothing will be: the order was cancelled, or the hold ran out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReleased {
    /// The order.
    pub order_id: OrderId,
    /// The hold that ended, or that will never begin.
    pub reservation_id: ReservationId,
    /// Why it ended.
    pub cause: ReleaseCause,
}

impl EventData for InventoryReleased {
    const TYPE: &'static str = "InventoryReleased.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// Why a hold on stock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseCause {
    /// The order was cancelled.
    Cancelled,
    /// The hold ran out.
    Expired,
    /// The order was cancelled before anything was held.
    NeverReserved,
}

/// The order was confirmed, and the held pieces left the stock: a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryCommitted {
    /// The order.
    pub order_id: OrderId,
    /// The hold that became a sale.
    pub reservation_id: ReservationId,
}

impl EventData for InventoryCommitted {
    const TYPE: &'static str = "InventoryCommitted.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// An operator changed how many pieces of a sku are in the warehouse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockAdjusted {
    /// The change.
    pub adjustment_id: AdjustmentId,
    /// What was changed.
    pub sku: Sku,
    /// Pieces added, or taken if negative.
    pub delta: i64,
    /// Pieces in the warehouse after the change.
    pub on_hand: u64,
    /// Pieces of these that are held for orders.
    pub reserved: u64,
    /// Pieces that can be held for further orders: on hand less reserved.
    pub available: u64,
}

impl EventData for StockAdjusted {
    const TYPE: &'static str = "StockAdjusted.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.sku.as_str()
    }
}
