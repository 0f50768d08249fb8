//! Stock of one sku: what is in the warehouse, and how much of it is reserved for orders.

use super::ids::Sku;

/// The most pieces of one sku.
pub const MAX_PIECES: u64 = 1_000_000_000;

/// Pieces of one sku. What is on hand is what is available and what is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// Pieces that further orders can reserve.
    pub available: u64,
    /// Pieces that are reserved for orders.
    pub reserved: u64,
}

/// The stock of one sku.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// What is stocked.
    pub sku: Sku,
    /// Its pieces.
    pub level: Level,
}

/// Which way pieces move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// From available to reserved.
    Reserve,
    /// From reserved to available.
    Release,
    /// From reserved out of the warehouse.
    Commit,
}

impl Level {
    /// Pieces in the warehouse.
    #[must_use]
    pub fn on_hand(self) -> u64 {
        self.available + self.reserved
    }
}
