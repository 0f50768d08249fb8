//! Money: integer minor units of a currency.

use std::fmt;

/// The currencies that orders are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// United States dollar.
    Usd,
}

impl Currency {
    /// What a currency must be.
    pub const RULE: &'static str = "must be EUR, GBP or USD";

    /// The currency with this ISO 4217 code, if orders are taken in it.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        [Self::Eur, Self::Gbp, Self::Usd].into_iter().find(|currency| currency.code() == code)
    }

    /// The ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Usd => "USD",
        }
    }
}

/// An amount in minor units: cents, pence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minor(u64);

impl Minor {
    /// The largest amount that can be charged at once. Source: Stripe, "Minimum and maximum charge amounts".
    pub const MAX: Self = Self(99_999_999);

    /// The amount, if it is between 0 and [`Self::MAX`].
    #[must_use]
    pub fn new(units: u64) -> Option<Self> {
        (units <= Self::MAX.0).then_some(Self(units))
    }

    /// The number of minor units.
    #[must_use]
    pub fn units(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
