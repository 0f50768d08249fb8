//! Stock of one sku: what is available, and how that changes.

use std::collections::BTreeMap;

use super::ids::Sku;

/// The most pieces of one sku that can be available.
pub const MAX_PIECES: u64 = 1_000_000_000;

/// The stock of one sku as its item holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// What is stocked.
    pub sku: Sku,
    /// Pieces that further orders can reserve; this figure alone decides.
    pub available: u64,
}

/// Pieces of one sku, as they are shown. No rule decides by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// Pieces that further orders can reserve.
    pub available: u64,
    /// Pieces that reservations hold: a sum over an index, about a second behind.
    pub reserved: u64,
}

impl Stock {
    /// Its pieces, if `reserved` is what reservations hold of each sku.
    #[must_use]
    pub fn level(&self, reserved: &BTreeMap<Sku, u64>) -> Level {
        Level { available: self.available, reserved: reserved.get(&self.sku).copied().unwrap_or_default() }
    }
}

/// What is known of the pieces that are available: none of a sku that was never stocked. About a sku that is absent nothing
/// is known, and the condition of the write decides.
pub type Levels = BTreeMap<Sku, Option<u64>>;

/// Which way pieces move. A sale moves none: they stopped being available when they were reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// They are no longer available.
    Reserve,
    /// They are available again.
    Release,
}

impl Level {
    /// Pieces in the warehouse.
    #[must_use]
    pub fn on_hand(self) -> u64 {
        self.available + self.reserved
    }
}
