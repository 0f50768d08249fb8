//! What inventory says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What inventory holds for one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// Whose it is.
    pub order_id: String,
    /// How far it is.
    pub state: Hold,
    /// Why nothing is held any more.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// What it is for.
    pub lines: Vec<Line>,
    /// When it ends unless it is committed.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// How far a reservation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum Hold {
    Holding,
    Reserved,
    Releasing,
    Committing,
    Released,
    Rejected,
    Committed,
}

/// Why nothing is held any more, or soon will not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "these are the API's words")]
pub enum Cause {
    Cancelled,
    Expired,
    Rejected,
    NeverReserved,
}

/// So many pieces of a sku, and how many of them are held.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// What is held.
    pub sku: String,
    /// How many pieces.
    pub quantity: u64,
    /// How many of them are held now.
    pub held: u64,
}

/// Stock of one sku.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// What it is.
    pub sku: String,
    /// Pieces in the warehouse.
    pub on_hand: i64,
    /// Pieces of these that are held.
    pub reserved: i64,
}

/// An operator's change of stock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    /// What was changed.
    pub sku: String,
    /// Pieces added, or taken.
    pub delta: i64,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}
