//! The lines of an order.

use super::ids::Sku;
use super::money::Minor;

/// How many pieces of one sku an order may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

impl Quantity {
    /// The largest quantity of one line.
    pub const MAX: u32 = 1_000;
    /// What a quantity must be.
    pub const RULE: &'static str = "must be between 1 and 1000";

    /// The quantity, if it is between 1 and [`Self::MAX`].
    #[must_use]
    pub fn new(pieces: i64) -> Option<Self> {
        u32::try_from(pieces).ok().filter(|pieces| (1..=Self::MAX).contains(pieces)).map(Self)
    }

    /// The number of pieces.
    #[must_use]
    pub fn pieces(self) -> u32 {
        self.0
    }
}

/// What the lines cost together, in minor units.
#[must_use]
pub fn cost(lines: &[Line]) -> u64 {
    let one = |line: &Line| line.unit_price.units().saturating_mul(line.quantity.pieces().into());
    lines.iter().map(one).fold(0, u64::saturating_add)
}

/// So many pieces of a sku at a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is sold.
    pub sku: Sku,
    /// How many pieces.
    pub quantity: Quantity,
    /// Price of one piece, in the order's currency.
    pub unit_price: Minor,
}
