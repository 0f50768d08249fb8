//! How many pieces of which skus an order wants.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::ids::Sku;

/// The most skus that one reservation can hold: a transaction of the database has at most 100 items, and the
/// reservation itself is one of them.
pub const MAX_SKUS: usize = 99;

/// How many pieces of one sku an order wants: at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(NonZeroU32);

impl Quantity {
    /// The quantity, if it is not zero.
    #[must_use]
    pub fn new(pieces: u32) -> Option<Self> {
        NonZeroU32::new(pieces).map(Self)
    }

    /// The number of pieces.
    #[must_use]
    pub fn pieces(self) -> u32 {
        self.0.get()
    }

    fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.pieces()).map(Self)
    }
}

/// What an order wants of each sku; none of them twice. Empty for an order that was never read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines(BTreeMap<Sku, Quantity>);

/// Why lines cannot be held at all, however much stock there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing is wanted.
    Empty,
    /// More skus than [`MAX_SKUS`].
    TooManySkus,
    /// A sum over the lines of one sku is out of range.
    TooManyPieces,
}

impl Lines {
    /// The lines, those of the same sku summed up.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn new(wanted: impl IntoIterator<Item = (Sku, Quantity)>) -> Result<Self, Unfit> {
        let mut lines = BTreeMap::new();
        for (sku, quantity) in wanted {
            let before: Option<Quantity> = lines.get(&sku).copied();
            let sum = before.map_or(Some(quantity), |before| before.plus(quantity)).ok_or(Unfit::TooManyPieces)?;
            lines.insert(sku, sum);
        }
        match lines.len() {
            0 => Err(Unfit::Empty),
            1..=MAX_SKUS => Ok(Self(lines)),
            _ => Err(Unfit::TooManySkus),
        }
    }

    /// Each sku with its quantity, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&Sku, Quantity)> {
        self.0.iter().map(|(sku, quantity)| (sku, *quantity))
    }

    /// How many skus there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
