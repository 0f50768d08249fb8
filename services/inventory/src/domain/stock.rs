//! Stock of one sku: what is in the warehouse, and how much of it is held for orders.

/// The most pieces of one sku.
pub const MAX_PIECES: u64 = 1_000_000_000;

/// Pieces of one sku. What is on hand is what is available and what is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// Pieces that can be held for further orders.
    pub available: u64,
    /// Pieces that are held for orders.
    pub reserved: u64,
}

/// Why stock cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More would be taken than is available.
    #[error("only {available} pieces are available; what is held for orders cannot be taken")]
    NotAvailable {
        /// What could be taken.
        available: u64,
    },
    /// There would be more than can be.
    #[error("there can be at most {MAX_PIECES} pieces of a sku")]
    TooMany,
}

impl Level {
    /// Pieces in the warehouse.
    #[must_use]
    pub fn on_hand(self) -> u64 {
        self.available + self.reserved
    }

    /// The level after an operator has added pieces, or taken them if negative.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn adjusted(self, delta: i64) -> Result<Self, Refused> {
        let not_available = Refused::NotAvailable { available: self.available };
        let available = self.available.checked_add_signed(delta).ok_or(not_available)?;
        let level = Self { available, ..self };
        if level.on_hand() > MAX_PIECES { Err(Refused::TooMany) } else { Ok(level) }
    }
}
