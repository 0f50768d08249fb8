//! What inventory knows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The reservation of one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The order's id.
    pub order_id: String,
    /// Its state.
    pub state: ReservationState,
    /// Why it was released; `None` while it was not.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// The reserved skus.
    pub lines: Vec<Line>,
    /// When it expires unless it is committed.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A reservation's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum ReservationState {
    #[serde(rename = "HOLDING")]
    Reserving,
    Reserved,
    Releasing,
    Released,
    Rejected,
    Committed,
}

/// Why a reservation was released, or is being released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum Cause {
    Cancelled,
    Expired,
    Rejected,
    NeverReserved,
}

/// One sku of a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// The sku.
    pub sku: String,
    /// Ordered pieces.
    pub quantity: u64,
    /// Pieces of these that are reserved now.
    pub held: u64,
}

/// The stock of one sku.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// The sku.
    pub sku: String,
    /// Pieces that further orders can reserve. Inventory derives what is reserved and on hand from an index that is behind.
    pub available: i64,
    /// Counts the writes of the stock, so that pieces which moved there and back are noticed. `None` from an inventory that
    /// does not show it yet.
    #[serde(default)]
    pub version: Option<u64>,
}

/// A stock adjustment of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    /// The sku.
    pub sku: String,
    /// Added pieces, or removed ones if negative.
    pub delta: i64,
    /// The operator's reason.
    #[serde(default)]
    pub reason: Option<String>,
}
