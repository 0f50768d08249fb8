//! Random choices that a seed reproduces exactly, and fixed choices for the explorer.

use jiff::SignedDuration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::faults::Fault;

/// Makes every choice that the world leaves open.
#[derive(Debug)]
pub enum Dice {
    /// At random.
    Thrown(Box<Thrown>),
    /// Always the first choice, never a delay: the explorer makes the choices itself.
    Fixed,
}

/// The random source and the rate of faults.
#[derive(Debug)]
pub struct Thrown {
    rng: ChaCha8Rng,
    /// The steps of a million at which a fault occurs.
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

    /// Sets the number of steps of a million at which a fault occurs.
    pub fn set_faults(&mut self, per_million: u32) {
        if let Self::Thrown(thrown) = self {
            thrown.faults = per_million;
        }
    }

    /// A number below `end`; 0 if `end` is 0.
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

    /// True this often out of a million; never for fixed choices.
    pub fn comes(&mut self, per_million: u32) -> bool {
        matches!(self, Self::Thrown(_)) && self.below(1_000_000) < per_million
    }

    /// An index below `length`.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// The fault of the next step, if one occurs; `at_least` raises the rate where more goes wrong.
    pub fn fault(&mut self, possible: &[Fault], at_least: u32) -> Option<Fault> {
        let Self::Thrown(thrown) = self else { return None };
        let rate = if thrown.faults == 0 { 0 } else { thrown.faults.max(at_least) };
        if possible.is_empty() || !self.comes(rate) { None } else { Some(possible[self.index(possible.len())]) }
    }

    /// The present rate of faults.
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
