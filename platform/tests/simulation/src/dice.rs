//! Chance that a seed reproduces exactly, and its absence, for the explorer.

use jiff::SignedDuration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::faults::Fault;

/// What leaves something open asks here how it goes.
#[derive(Debug)]
pub enum Dice {
    /// By chance.
    Thrown(Box<Thrown>),
    /// Always the first choice, never a delay: whoever explores makes the choices.
    Fixed,
}

/// Chance, and how often something goes wrong.
#[derive(Debug)]
pub struct Thrown {
    rng: ChaCha8Rng,
    /// How many steps of a million meet a fault.
    pub faults: u32,
}

impl Dice {
    /// The dice of one shop: always the same throws.
    #[must_use]
    pub fn of(seed: u64, shop: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(shop);
        Self::Thrown(Box::new(Thrown { rng, faults: 0 }))
    }

    /// From now on so many steps of a million meet a fault.
    pub fn set_faults(&mut self, per_million: u32) {
        if let Self::Thrown(thrown) = self {
            thrown.faults = per_million;
        }
    }

    /// A number under `end`, or 0.
    pub fn below(&mut self, end: u32) -> u32 {
        match self {
            Self::Thrown(thrown) => {
                // Lemire's multiplication: its bias is under 2⁻³² × end, far below what any run could notice.
                let scaled = (u64::from(thrown.rng.next_u32()) * u64::from(end)) >> 32;
                u32::try_from(scaled).unwrap_or_default()
            }
            Self::Fixed => 0,
        }
    }

    /// True so often out of a million; never where nothing is thrown.
    pub fn comes(&mut self, per_million: u32) -> bool {
        matches!(self, Self::Thrown(_)) && self.below(1_000_000) < per_million
    }

    /// An index into something that long.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// The fault that the next step meets, if it meets one: more often where more go wrong than elsewhere.
    pub fn fault(&mut self, possible: &[Fault], at_least: u32) -> Option<Fault> {
        let Self::Thrown(thrown) = self else { return None };
        let rate = if thrown.faults == 0 { 0 } else { thrown.faults.max(at_least) };
        if possible.is_empty() || !self.comes(rate) { None } else { Some(possible[self.index(possible.len())]) }
    }

    /// How many faults there are now.
    #[must_use]
    pub fn faults(&self) -> u32 {
        if let Self::Thrown(thrown) = self { thrown.faults } else { 0 }
    }

    /// Between `least` and something over two thousand times as long, every magnitude alike.
    pub fn stretch(&mut self, least: SignedDuration) -> SignedDuration {
        match self {
            Self::Thrown(_) => {
                let (magnitude, part) = (self.below(12), self.below(1000));
                let factor = (1_i32 << magnitude) * 1000 + (1_i32 << magnitude) * part.cast_signed();
                least.saturating_mul(factor) / 1000
            }
            Self::Fixed => SignedDuration::ZERO,
        }
    }
}
