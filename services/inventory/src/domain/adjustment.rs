//! Changes of stock by hand: goods come in, get lost, are counted again.

use super::stock::{Shift, Stock};

/// Pieces that an operator adds, or takes if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta(i64);

impl Delta {
    /// The largest change, in either direction.
    pub const MAX: i64 = 1_000_000;
    /// What a delta must be.
    pub const RULE: &'static str = "must be from -1000000 to 1000000 and not 0";

    /// The delta, if it is neither 0 nor further from it than [`Self::MAX`].
    #[must_use]
    pub fn new(pieces: i64) -> Option<Self> {
        (pieces != 0 && (-Self::MAX..=Self::MAX).contains(&pieces)).then_some(Self(pieces))
    }

    /// The number of pieces.
    #[must_use]
    pub fn pieces(self) -> i64 {
        self.0
    }
}

/// Why stock was changed, in an operator's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// What a reason must be.
    pub const RULE: &'static str = "must be 1 to 200 characters without control characters";

    /// The reason, if the text keeps the rule.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why stock cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Fewer pieces are available than shall be taken; what is held for orders is not touched.
    TooFew {
        /// The pieces that are available.
        available: u64,
    },
    /// There would be more than [`Stock::MAX`] pieces.
    TooMany,
}

/// The stock after the change. A sku that was never stocked begins with nothing.
///
/// # Errors
/// [`Refused`].
pub fn adjust(known: Option<Stock>, delta: Delta) -> Result<Stock, Refused> {
    let stock = known.unwrap_or_default();
    let refused = if delta.pieces() < 0 { Refused::TooFew { available: stock.available() } } else { Refused::TooMany };
    stock.shifted(Shift { available: delta.pieces(), reserved: 0 }).ok_or(refused)
}
